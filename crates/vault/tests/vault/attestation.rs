//! The PCI attestation: facts that are measured when they are asked for.

use std::sync::Arc;
use std::time::Duration;

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_domain::ports::MethodVault;
use tender_postgres::{PoolOptions, WriterOptions};
use tender_testkit::TestDatabase;
use tender_vault::{AccessLogRetention, AccessLogWriter, CardNumberScanner, KeyRotationWorker};
use tender_vault_store::{MIGRATIONS, PgMethodStore, SCHEMA};

use crate::rig::{Rig, card_of};

async fn attested(rig: &Rig) -> Value {
    let answer = rig.admin(TestRequest::get().uri("/v1/payments/pci/attestation")).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    answer.json()
}

fn requirement(attested: &Value, number: &str) -> Value {
    let all = attested["requirements"].as_array().expect("a list");
    all.iter().find(|one| one["requirement"] == number).expect("it is there").clone()
}

async fn scanned(rig: &Rig) -> u64 {
    CardNumberScanner::new(Arc::clone(&rig.service)).run_once(Duration::ZERO).await.expect("scanned")
}

#[actix_web::test]
async fn the_attestation_says_what_is_measured_now_and_a_card_number_in_any_table_is_found() {
    let database = TestDatabase::create(&[(SCHEMA, MIGRATIONS)]).await;
    let connect = database.connect_as(SCHEMA);
    let store = PgMethodStore::open(&connect, PoolOptions::default(), WriterOptions::default()).await;
    let rig = Rig::over(Arc::new(store.expect("the store opens")));
    let nothing = attested(&rig).await;
    for number in ["3.5.1", "3.6.1.2", "3.7.4", "3.7.5", "10.2.1.1"] {
        assert_eq!(requirement(&nothing, number)["status"], "not_measured", "{number}");
    }
    let method = rig.saved(card_of("cust_1", "4242424242424242")).await;
    let id = method["id"].as_str().expect("an id").parse().expect("an id");
    let acme = "acme".parse().expect("a tenant");
    rig.service.method_for_charge(&acme, id).await.expect("chargeable");
    assert_eq!(scanned(&rig).await, 0, "sealed tokens, fingerprints and ids are no card numbers");

    let good = attested(&rig).await;
    for one in good["requirements"].as_array().expect("a list") {
        assert_eq!(one["status"], "met", "{one}");
    }
    assert_eq!(requirement(&good, "10.5.1")["facts"]["kept_days"], 730);
    assert_eq!(requirement(&good, "3.7.4")["facts"]["keys"][0]["age_days"], 0);
    let reads = requirement(&good, "10.2.1.1")["facts"]["secret_reads"].clone();
    assert_eq!((&reads[0]["reader"], &reads[0]["reads"]), (&json!("intents"), &json!(1)));
    let there = |attested: &Value| {
        let facts = requirement(attested, "10.2.1.1");
        let number = |name: &str| facts["facts"][name].as_u64();
        (facts["status"].clone(), number("newest_reads_looked_for"), number("newest_reads_in_the_log"))
    };
    assert_eq!(there(&good), (json!("met"), Some(1), Some(1)), "also what waited to be written");
    assert!(requirement(&good, "3.5.1")["facts"]["last_scan"]["rows"].as_u64() > Some(0));

    rig.admin(TestRequest::post().uri("/v1/payments/vault/keys/rotate")).await;
    let rotating = requirement(&attested(&rig).await, "3.7.5");
    assert_eq!(
        (&rotating["status"], &rotating["facts"]["older_keys_in_use"]),
        (&json!("not_met"), &json!(1))
    );
    let worker = KeyRotationWorker::new(Arc::clone(&rig.service), Duration::from_secs(1));
    while worker.run_once().await.expect("it works") {}
    let rotated = attested(&rig).await;
    assert_eq!(requirement(&rotated, "3.7.5")["status"], "met");
    assert!(requirement(&rotated, "3.7.4")["facts"]["last_rotation_at"].is_string());

    // A read whose line somebody took away, who has more rights than the service.
    let admin = database.admin().await;
    let taken = sqlx::query("DELETE FROM vault.secret_reads WHERE purpose = 'charge'").execute(&admin).await;
    assert_eq!(taken.expect("deleted").rows_affected(), 1);
    let (status, looked_for, found) = there(&attested(&rig).await);
    assert_eq!((status, looked_for), (json!("not_met"), found.map(|found| found + 1)));

    // What a defect would leave: in a text, in JSON, in bytes in the clear.
    for statement in [
        "UPDATE vault.payment_methods SET brand = '4000056655665556'",
        "UPDATE vault.payment_methods SET metadata = '{\"note\": \"4000 0566 5566 5556\"}'",
        "UPDATE vault.payment_methods SET sealed = sealed || '\\x00'::bytea || '4000056655665556 '::bytea",
        "INSERT INTO vault.claims VALUES ('acme', 'x', '4000056655665556', 'y')",
    ] {
        sqlx::query(statement).execute(&admin).await.expect("put there");
    }
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!(scanned(&rig).await, 4);
    let found = requirement(&attested(&rig).await, "3.5.1");
    assert_eq!(
        (&found["status"], &found["facts"]["last_scan"]["card_numbers_found"]),
        (&json!("not_met"), &json!(4))
    );
    let places = found["facts"]["last_scan"]["places"].to_string();
    assert!(
        places.contains("claims") && places.contains("metadata") && places.contains("sealed"),
        "{places}"
    );
    assert!(!found.to_string().contains("5665"), "{found}");
    let other = rig.signed(TestRequest::get().uri("/v1/payments/pci/attestation"), "other", "a", &["admin"]);
    let other = rig.call(other).await.json();
    assert_eq!(requirement(&other, "3.5.1")["status"], "not_measured", "another tenant's rows");
    rig.clock.advance(Duration::from_secs(366 * 24 * 3600));
    let late = attested(&rig).await;
    assert_eq!(requirement(&late, "3.7.4")["status"], "not_met", "its cryptoperiod is over");
}

#[actix_web::test]
async fn a_line_of_the_log_is_forgotten_after_its_time_and_never_within_a_year() {
    let rig = Rig::new();
    let method = rig.saved(card_of("cust_1", "4242424242424242")).await;
    let id = method["id"].as_str().expect("an id").parse().expect("an id");
    let acme = "acme".parse().expect("a tenant");
    let read = async || {
        rig.service.method_for_charge(&acme, id).await.expect("chargeable");
        let writer = AccessLogWriter::new(Arc::clone(&rig.service));
        while writer.write_once().await.expect("written") > 0 {}
    };
    let day = Duration::from_secs(24 * 3600);
    let forget = async |kept_for| {
        let retention = AccessLogRetention::new(Arc::clone(&rig.service), kept_for);
        retention.run_once().await.expect("written")
    };
    read().await;
    rig.clock.advance(300 * day);
    read().await;
    assert_eq!(forget(Duration::ZERO).await, 0, "whatever is wanted");
    rig.clock.advance(67 * day);
    assert_eq!(forget(400 * day).await, 0, "it is kept for longer than a year");
    assert_eq!(forget(Duration::ZERO).await, 1, "the first is older than a year, the second is not");
}
