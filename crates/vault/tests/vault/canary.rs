//! Known card numbers and codes go in wherever they may or may not; then everything that was kept or logged is
//! searched for them.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::test::TestRequest;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool};
use tender_domain::ports::MethodVault;
use tender_postgres::{PoolOptions, WriterOptions};
use tender_testkit::TestDatabase;
use tender_vault_store::{MIGRATIONS, PgMethodStore, SCHEMA};
use tracing_subscriber::fmt::MakeWriter;

use crate::rig::{METHODS, Rig, delete, patch, post};

const PAN: &str = "4000056655665556";
const SPACED: &str = "4000 0566 5566 5556";
/// A code that no timestamp or id contains by chance would be long; this one is searched for as a JSON text.
const CVC: &str = "\"9137\"";

/// Everything that is logged, at the finest level.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Every row of every table of the schema, as text.
async fn dump(pool: &PgPool) -> String {
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT tablename::text FROM pg_tables WHERE schemaname = $1")
            .bind(SCHEMA)
            .fetch_all(pool)
            .await
            .expect("the tables are listed");
    let mut dump = String::new();
    for table in tables {
        let rows: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(format!("SELECT t::text FROM {SCHEMA}.\"{table}\" t")))
                .fetch_all(pool)
                .await
                .expect("the rows are read");
        dump.push_str(&rows.join("\n"));
    }
    dump
}

/// What a careless or hostile client sends.
fn bodies() -> Vec<Value> {
    let card = json!({ "number": SPACED, "exp_month": 11, "exp_year": 2031, "cvc": "9137" });
    let consent = json!({ "given": true, "text_version": "1" });
    let good = json!({ "type": "card", "customer_id": "cust_1", "card": card, "consent": consent });
    let mut bodies = vec![good.clone()];
    for (pointer, value) in [
        ("/metadata", json!({ "note": PAN })),
        ("/metadata", json!({ SPACED: "x" })),
        ("/customer_id", json!(PAN)),
        ("/billing_details", json!({ "name": SPACED })),
        ("/card/holder_name", json!(PAN)),
        ("/card/cvc", json!(PAN)),
        ("/card/number", json!(format!("{PAN}0"))),
        ("/card/number", json!(4_000_056_655_665_556_u64)),
        ("/card/exp_month", json!(PAN)),
        ("/consent/text_version", json!(PAN)),
        ("/type", json!(PAN)),
        ("/token", json!(PAN)),
    ] {
        let mut body = good.clone();
        let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
        body.pointer_mut(parent).expect("an object")[field] = value;
        bodies.push(body);
    }
    bodies.push(json!({ "type": "card", "token": PAN }));
    bodies.push(json!({ "type": "card", "token": format!("tok_{PAN}") }));
    bodies.push(json!({ "type": "card", PAN: 1 }));
    bodies
}

#[actix_web::test]
async fn no_card_number_and_no_code_is_kept_or_logged_at_any_level() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone());
    subscriber.with_ansi(false).try_init().expect("this is the only test that logs");
    let database = TestDatabase::create(&[(SCHEMA, MIGRATIONS)]).await;
    let connect = database.connect_as(SCHEMA);
    let store = PgMethodStore::open(&connect, PoolOptions::default(), WriterOptions::default()).await;
    let rig = Rig::over(Arc::new(store.expect("the store opens")));

    let mut answers = String::new();
    for (number, body) in bodies().iter().enumerate() {
        let request = post(METHODS, body).insert_header(("idempotency-key", format!("k-{number}")));
        let answer = rig.admin(request).await;
        assert_eq!(answer.status == 201, number == 0, "{number}: {}", answer.json());
        answers.push_str(&answer.json().to_string());
    }
    let list = rig.admin(TestRequest::get().uri(&format!("{METHODS}?customer_id={PAN}"))).await;
    answers.push_str(&list.json().to_string());
    let saved = rig.admin(TestRequest::get().uri(METHODS)).await.json()["data"][0].clone();
    answers.push_str(&saved.to_string());
    let change = json!({ "metadata": { "n": PAN }, "version": 1 });
    answers.push_str(&rig.admin(patch(&saved["id"], &change)).await.json().to_string());
    let id = saved["id"].as_str().expect("an id").parse().expect("an id");
    let tenant = "acme".parse().expect("a tenant's name");
    let material = rig.service.method_for_charge(&tenant, id).await.expect("chargeable");
    let token = material.tokens[0].1.expose_secret().to_owned();

    let admin = database.admin().await;
    let before_deletion = dump(&admin).await;
    assert!(before_deletion.contains("cust_1"), "the dump shows what is kept");
    rig.admin(delete(&saved["id"])).await;
    let after_deletion = dump(&admin).await;
    assert!(!after_deletion.contains(&format!("{:?}", material.tokens)));

    let log = String::from_utf8_lossy(&log.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned();
    assert!(log.contains("TRACE") && log.contains("DEBUG"), "the log is at its finest");
    for (place, text) in [
        ("answers", &answers),
        ("tables", &before_deletion),
        ("tables afterwards", &after_deletion),
        ("log", &log),
    ] {
        for canary in [PAN, SPACED, CVC, &token, token.trim_start_matches("tok_card_")] {
            assert!(!text.contains(canary), "{place} contain {canary}");
        }
    }
}
