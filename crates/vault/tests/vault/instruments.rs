//! Consent, duplicates and expiry.

use std::sync::Arc;
use std::time::Duration;

use actix_web::test::TestRequest;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tender_memory::MemoryMethodStore;
use tender_postgres::{PoolOptions, WriterOptions};
use tender_testkit::TestDatabase;
use tender_vault_store::{MIGRATIONS, PgMethodStore, SCHEMA};

use crate::rig::{METHODS, Rig, VaultStore, card_of, delete, example, patch, post};

const NUMBER: &str = "4242424242424242";

fn consents(store: &MemoryMethodStore) -> Vec<Value> {
    let audits = store.messages().into_iter().filter(|message| message.topic.name() == "audit.recorded");
    let audits = audits.map(|message| serde_json::from_str::<Value>(&message.data).expect("JSON"));
    audits.filter(|audit| audit["action"] == "payment_method.consent_given").collect()
}

#[actix_web::test]
async fn card_data_without_consent_is_given_to_a_customer_only_with_consent_and_that_is_audited() {
    let store = Arc::new(MemoryMethodStore::default());
    let rig = Rig::over(store.clone());
    let mut nobodys = card_of("cust_1", NUMBER);
    for field in ["customer_id", "consent"] {
        nobodys.as_object_mut().expect("an object").remove(field);
    }
    let method = rig.saved(nobodys).await;
    assert_eq!(consents(&store), Vec::<Value>::new());
    let attach = |consent: Value| {
        let body = json!({ "payment_method_id": method["id"], "customer_id": "cust_1", "consent": consent });
        post(&format!("{METHODS}/attach"), &body)
    };
    rig.admin(attach(Value::Null)).await.is_problem(422, "consent_required");
    rig.admin(attach(json!({ "given": false, "text_version": "1" })))
        .await
        .is_problem(422, "invalid_consent");
    let attached = rig.admin(attach(json!({ "given": true, "text_version": "2026-01" }))).await.json();
    let consent = json!({ "given": true, "text_version": "2026-01", "at": "2026-03-04T12:00:00Z" });
    assert_eq!((&attached["customer_id"], &attached["consent"]), (&json!("cust_1"), &consent));
    let audits = consents(&store);
    assert_eq!(audits.len(), 1);
    assert_eq!((&audits[0]["resourceId"], &audits[0]["subject"]), (&method["id"], &json!("admin-1")));
    assert_eq!(audits[0]["details"]["text_version"], json!("2026-01"));
}

#[actix_web::test]
async fn a_newer_consent_takes_the_place_of_the_old_one_and_is_audited_once() {
    let store = Arc::new(MemoryMethodStore::default());
    let rig = Rig::over(store.clone());
    let method = rig.saved(card_of("cust_1", NUMBER)).await;
    assert_eq!(consents(&store).len(), 1, "that it was given when it was saved");
    let newer = json!({ "given": true, "text_version": "2026-03", "at": "2026-03-04T11:00:00Z" });
    let change = |version: i64| patch(&method["id"], &json!({ "consent": newer, "version": version }));
    let changed = rig.admin(change(1)).await.json();
    assert_eq!((&changed["consent"], &changed["version"]), (&newer, &json!(2)));
    assert_eq!(rig.admin(change(2)).await.json()["version"], json!(2), "again changes nothing");
    let audits = consents(&store);
    assert_eq!((audits.len(), &audits[1]["details"]["text_version"]), (2, &json!("2026-03")));
}

#[actix_web::test]
async fn the_same_card_of_a_customer_names_the_older_method() {
    let rig = Rig::new();
    let first = rig.saved(card_of("cust_1", NUMBER)).await;
    assert_eq!(first.get("duplicate_of"), None);
    let again = rig.saved(card_of("cust_1", NUMBER)).await;
    assert_eq!(again["duplicate_of"], first["id"]);
    assert_eq!(rig.saved(card_of("cust_1", NUMBER)).await["duplicate_of"], first["id"], "always the oldest");
    for other in [card_of("cust_2", NUMBER), card_of("cust_1", "5555555555554444")] {
        assert_eq!(rig.saved(other).await.get("duplicate_of"), None);
    }
    let same = TestRequest::get().uri(&format!(
        "{METHODS}?customer_id=cust_1&fingerprint={}",
        first["fingerprint"].as_str().expect("one")
    ));
    assert_eq!(rig.admin(same).await.json()["data"].as_array().map(Vec::len), Some(3));
    rig.admin(delete(&first["id"])).await;
    assert_eq!(
        rig.saved(card_of("cust_1", NUMBER)).await["duplicate_of"],
        again["id"],
        "a deleted one is none"
    );
}

#[actix_web::test]
async fn a_method_that_repeats_one_of_its_new_customer_says_so_when_it_is_attached() {
    let rig = Rig::new();
    let known = rig.saved(example()).await;
    let mut nobodys = example();
    nobodys.as_object_mut().expect("an object").remove("customer_id");
    let method = rig.saved(nobodys).await;
    assert_eq!(method.get("duplicate_of"), None);
    let body = json!({ "payment_method_id": method["id"], "customer_id": "cust_123" });
    let attached = rig.admin(post(&format!("{METHODS}/attach"), &body)).await.json();
    assert_eq!(attached["duplicate_of"], known["id"]);
    let again = rig.admin(post(&format!("{METHODS}/attach"), &body)).await.json();
    assert_eq!(again, attached, "again changes nothing");
}

#[actix_web::test]
async fn a_card_whose_month_is_over_is_shown_as_expired_and_found_so() {
    let rig = Rig::new();
    let mut soon = card_of("cust_1", NUMBER);
    (soon["card"]["exp_month"], soon["card"]["exp_year"]) = (json!(3), json!(2026));
    let soon = rig.saved(soon).await;
    let later = rig.saved(card_of("cust_1", "5555555555554444")).await;
    let account =
        rig.saved(json!({ "type": "paypal", "customer_id": "cust_1", "token": "tok_paypal" })).await;
    assert_eq!(soon["status"], "active", "good to the end of its month");
    let ids = async |query: &str| {
        let list = rig.admin(TestRequest::get().uri(&format!("{METHODS}?{query}"))).await.json();
        let rows = list["data"].as_array().unwrap_or_else(|| panic!("{list}")).clone();
        rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>()
    };
    let id = |method: &Value| method["id"].clone();
    assert_eq!(ids("status=expired").await, Vec::<Value>::new());
    assert_eq!(ids("status=active").await, [id(&account), id(&later), id(&soon)]);
    assert_eq!(ids("expires_before=2026-04").await, [id(&soon)], "what expires soon");
    assert_eq!(ids("status=active&expires_before=2031-12").await, [id(&later), id(&soon)]);
    // The tests' day is 4 March 2026: a month on, March is over everywhere.
    rig.clock.advance(Duration::from_secs(30 * 24 * 3600));
    let shown = rig.get(soon["id"].as_str().expect("an id")).await.json();
    assert_eq!((&shown["status"], &shown["version"]), (&json!("expired"), &json!(1)));
    assert_eq!(ids("status=expired").await, [id(&soon)]);
    assert_eq!(ids("status=active").await, [id(&account), id(&later)]);
    for query in ["expires_before=soon", "expires_before=2026-13", "fingerprint=zz"] {
        let refused = rig.admin(TestRequest::get().uri(&format!("{METHODS}?{query}"))).await;
        refused.is_problem(400, "invalid_parameter");
    }
    let gone = rig.admin(delete(&soon["id"])).await.json();
    assert_eq!(gone["status"], "deleted", "an expired one can be deleted");
}

/// Ten of one card of one customer at once: one names none, and the others name that one.
async fn ten_at_once<S: VaultStore>(store: Arc<S>) {
    let rig = Rig::over(store);
    let saves = (0..10).map(|_| rig.saved(card_of("cust_1", NUMBER)));
    let saved = join_all(saves).await;
    let (first, others): (Vec<_>, Vec<_>) =
        saved.into_iter().partition(|method| method.get("duplicate_of").is_none());
    assert_eq!((first.len(), others.len()), (1, 9), "{first:?}");
    assert!(others.iter().all(|method| method["duplicate_of"] == first[0]["id"]), "{others:?}");
}

#[actix_web::test]
async fn of_the_same_card_saved_ten_times_at_once_one_is_the_first() {
    ten_at_once(Arc::new(MemoryMethodStore::default())).await;
}

#[actix_web::test]
async fn of_the_same_card_saved_ten_times_at_once_one_is_the_first_in_postgresql() {
    let database = TestDatabase::create(&[(SCHEMA, MIGRATIONS)]).await;
    let connect = database.connect_as(SCHEMA);
    let store = PgMethodStore::open(&connect, PoolOptions::default(), WriterOptions::default()).await;
    ten_at_once(Arc::new(store.expect("the store opens"))).await;
}
