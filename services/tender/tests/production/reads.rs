//! Who reads what of people and payments: in the outbox of the service that shows it, before it is shown.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::Data;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgPool};
use tender_composition::{Ground, RandomIds, SystemClock, call_log_of_parts};
use tender_domain::kernel::{Scope, ScopeSet};
use tender_http::{ApiKeyText, Application, AuthState, Environment, TokenSettings, TokenVerifier};
use tender_settings::Settings;
use tender_settlement_service::{MIGRATIONS, SCHEMA, build, open};
use tender_testkit::TestDatabase;

use crate::every_key::EveryKey;

const JWT_SECRET: &str = "a shared secret of thirty-two bytes";
const ACCOUNTS: &str = "/v1/payments/ledger/accounts";

/// Settlement as its composition root builds it, over a database of its own.
async fn settlement(database: &TestDatabase) -> Application {
    let ground = Ground {
        settings: Arc::new(Settings::from_layers(None, []).expect("good settings")),
        connect: database.connect_as(SCHEMA),
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
    };
    let part = build(&ground, open(&ground).await.expect("the schema is there")).part;
    let tokens = TokenVerifier::new(TokenSettings {
        issuer: "tender-dev".to_owned(),
        audience: "tender".to_owned(),
        hs256_secret: Some(JWT_SECRET.into()),
        jwks: None,
    });
    let pepper = b"a pepper for tests, of some length".to_vec().into();
    let (clock, readers) = (Arc::new(SystemClock), EveryKey(ScopeSet::from_iter([Scope::LedgerRead])));
    let auth = Data::new(AuthState::new(Arc::new(readers), tokens, pepper, Environment::Sandbox, clock));
    let log = call_log_of_parts(std::slice::from_ref(&part));
    let application = Application::new("Settlement", move |config| {
        config.app_data(auth.clone());
        (part.mount)(config);
    });
    application.call_log(log)
}

/// A person who reads the ledger in somebody else's name.
fn person() -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = json!({
        "iss": "tender-dev", "aud": "tender", "exp": 4_102_444_800_i64, "tenant": "sandbox", "sub": "ada",
        "act": {"sub": "grace"}, "scopes": ["ledger:read", "refunds:read"],
    });
    let signed = format!("{}.{}", part(&json!({"alg": "HS256", "typ": "JWT"})), part(&claims));
    let mac = Hmac::<sha2::Sha256>::new_from_slice(JWT_SECRET.as_bytes()).expect("any length does");
    let signature = URL_SAFE_NO_PAD.encode(mac.chain_update(&signed).finalize().into_bytes());
    format!("{signed}.{signature}")
}

async fn get(application: &Application, path: &str, bearer: &str) -> (StatusCode, Value) {
    let app = init_service(application.app()).await;
    let request = TestRequest::get().uri(path).insert_header((AUTHORIZATION, format!("Bearer {bearer}")));
    let response = call_service(&app, request.to_request()).await;
    let status = response.status();
    (status, serde_json::from_slice(&read_body(response).await).unwrap_or(Value::Null))
}

/// The lines of calls in the outbox, the oldest first.
async fn lines(admin: &PgPool) -> Vec<Value> {
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT data FROM settlement.outbox WHERE topic = 'audit.recorded' ORDER BY tx, n",
    )
    .fetch_all(admin)
    .await
    .expect("an outbox");
    rows.iter().map(|row| serde_json::from_str(row).expect("JSON")).collect()
}

#[actix_web::test]
async fn a_persons_read_is_durable_before_it_is_shown_and_a_machines_costs_no_commit() {
    let database = TestDatabase::create(&[(SCHEMA, MIGRATIONS)]).await;
    let (application, admin) = (settlement(&database).await, database.admin().await);
    let machine = ApiKeyText::generate([7; 32], false, false);
    assert_eq!(get(&application, ACCOUNTS, machine.expose()).await.0, 200);
    assert_eq!(lines(&admin).await, Vec::<Value>::new());

    let credit = "/v1/payments/store-credit/cust_9/entries?limit=5";
    assert_eq!(get(&application, credit, &person()).await.0, 200);
    assert_eq!(get(&application, &format!("{ACCOUNTS}?currency=EUR"), &person()).await.0, 200);
    let forged = "/v1/payments/ledger/check?request_id=forged&4242424242424242=1";
    assert_eq!(get(&application, forged, &person()).await.0, 200);
    let lines = lines(&admin).await;
    let [of_a_customer, of_all, of_the_check] = lines.as_slice() else { panic!("{lines:?}") };
    for (name, value) in [
        ("action", "refunds.read"),
        ("service", "settlement"),
        ("subject", "ada"),
        ("actor", "grace"),
        ("tenantId", "sandbox"),
        ("resourceId", "cust_9"),
    ] {
        assert_eq!(of_a_customer[name], value, "{of_a_customer}");
    }
    let details = &of_a_customer["details"];
    assert_eq!(details["route"], "GET /v1/payments/store-credit/{customer_id}/entries");
    assert_eq!(details["filters"], "limit");
    assert!(details["request_id"].as_str().is_some_and(|id| id.starts_with("req_")), "{details}");
    assert_eq!((&of_all["action"], &of_all["resourceId"]), (&json!("ledger.read"), &json!("sandbox")));
    let text = of_the_check.to_string();
    assert!(!text.contains("forged") && !text.contains("4242424242424242"), "{text}");
}

#[actix_web::test]
async fn nothing_is_shown_to_people_while_the_outbox_takes_no_line_and_then_all_is_again() {
    let database = TestDatabase::create(&[(SCHEMA, MIGRATIONS)]).await;
    let (application, admin) = (settlement(&database).await, database.admin().await);
    let role = database.connect_as(SCHEMA).get_username().to_owned();
    let statement =
        |verb: &str, word: &str| AssertSqlSafe(format!("{verb} INSERT ON settlement.outbox {word} {role}"));
    sqlx::query(statement("REVOKE", "FROM")).execute(&admin).await.expect("the superuser may");
    let (status, body) = get(&application, ACCOUNTS, &person()).await;
    assert_eq!((status.as_u16(), &body["code"]), (503, &json!("service_unavailable")), "{body}");
    assert_eq!(body["data"], Value::Null);
    let machine = ApiKeyText::generate([7; 32], false, false);
    assert_eq!(get(&application, ACCOUNTS, machine.expose()).await.0, 200, "it needs no line");

    sqlx::query(statement("GRANT", "TO")).execute(&admin).await.expect("the superuser may");
    let person = person();
    let reads = (0..32).map(|_| get(&application, ACCOUNTS, &person));
    for (status, body) in join_all(reads).await {
        assert_eq!(status, 200, "{body}");
    }
    assert_eq!(lines(&admin).await.len(), 32);
}
