//! Verifying cards and bank accounts.

use std::sync::Arc;
use std::time::Duration;

use actix_web::test::TestRequest;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tender_memory::MemoryMethodStore;
use tender_postgres::{PoolOptions, WriterOptions};
use tender_testkit::TestDatabase;
use tender_vault::{AccessLogWriter, VerificationWorker};
use tender_vault_store::{MIGRATIONS, PgMethodStore, SCHEMA};

use crate::connectors;
use crate::rig::{Answer, METHODS, Rig, VaultStore, card_of, post};

fn account() -> Value {
    json!({ "type": "bank_account", "customer_id": "cust_1", "token": "tok_bank_account" })
}

fn card(token: &str) -> Value {
    json!({ "type": "card", "customer_id": "cust_1", "token": token })
}

fn request(method: &Value, more: &Value) -> TestRequest {
    let mut body = json!({ "payment_method_id": method["id"] });
    let fields = more.as_object().expect("an object").clone();
    body.as_object_mut().expect("an object").extend(fields);
    post(&format!("{METHODS}/verify"), &body)
}

async fn verify(rig: &Rig, method: &Value, more: Value) -> Answer {
    rig.admin(request(method, &more)).await
}

async fn verification(rig: &Rig, method: &Value) -> Value {
    rig.get(method["id"].as_str().expect("an id")).await.json()["verification"].clone()
}

async fn postgresql() -> (Arc<PgMethodStore>, TestDatabase) {
    let database = TestDatabase::create(&[(SCHEMA, MIGRATIONS)]).await;
    let connect = database.connect_as(SCHEMA);
    let store = PgMethodStore::open(&connect, PoolOptions::default(), WriterOptions::default()).await;
    (Arc::new(store.expect("the store opens")), database)
}

fn worker(rig: &Rig) -> VerificationWorker {
    VerificationWorker::new(Arc::clone(&rig.service), Duration::from_secs(1))
}

#[actix_web::test]
async fn a_bank_account_is_verified_by_deposits_whose_amounts_no_answer_and_no_event_tells() {
    let store = Arc::new(MemoryMethodStore::default());
    let rig = Rig::over(Arc::clone(&store));
    let method = rig.saved(account()).await;
    assert_eq!(method["verification"], json!({ "status": "unverified" }));
    verify(&rig, &method, json!({ "amounts": [32, 45] })).await.is_problem(409, "no_deposits_to_verify");
    let sent = verify(&rig, &method, json!({})).await;
    assert_eq!(sent.status, 200, "{}", sent.json());
    let pending = sent.json()["verification"].clone();
    assert_eq!((&pending["status"], &pending["awaits"]), (&json!("pending"), &json!("deposit_amounts")));
    assert_eq!((&pending["tries_left"], &pending["kind"]), (&json!(3), &json!("micro_deposits")));
    let fields: Vec<_> = pending.as_object().expect("an object").keys().collect();
    assert!(
        !fields.iter().any(|field| field.contains("amounts") || field.contains("deposits")),
        "{fields:?}"
    );
    let again = verify(&rig, &method, json!({ "kind": "micro_deposits" })).await.json();
    assert_eq!(again["version"], sent.json()["version"], "nothing is sent twice");
    let wrong = verify(&rig, &method, json!({ "amounts": [32, 44] })).await;
    let detail = wrong.is_problem(422, "deposit_amounts_wrong")["detail"].to_string();
    assert!(detail.contains("2 tries are left"), "{detail}");
    let right = verify(&rig, &method, json!({ "amounts": [45, 32] })).await;
    assert_eq!(right.status, 200, "{}", right.json());
    assert_eq!(right.json()["verification"]["status"], json!("verified"), "either order is right");
    let told: Vec<_> = store.messages().into_iter().map(|message| message.data.to_string()).collect();
    assert!(told.iter().any(|data| data.contains("\"verificationStatus\":\"verified\"")), "{told:?}");
    assert!(told.iter().any(|data| data.contains("payment_method.verification_begun")), "{told:?}");
    assert!(told.iter().all(|data| !data.contains("[32") && !data.contains("[45")), "{told:?}");
}

/// Twelve wrong pairs at once: three are counted and end it, and the right pair comes too late.
async fn twelve_tries_at_once<S: VaultStore>(store: Arc<S>) {
    let rig = Rig::over(store);
    let method = rig.saved(account()).await;
    assert_eq!(verify(&rig, &method, json!({})).await.status, 200);
    let tries = (1..=12).map(|minor| verify(&rig, &method, json!({ "amounts": [minor, minor] })));
    let mut codes: Vec<String> = Vec::new();
    for answer in join_all(tries).await {
        codes.push(answer.json()["code"].as_str().unwrap_or("none").to_owned());
    }
    let wrong = codes.iter().filter(|code| *code == "deposit_amounts_wrong").count();
    assert_eq!(wrong, 3, "as many as may be named: {codes:?}");
    let known = ["deposit_amounts_wrong", "verification_locked", "concurrent_update"];
    assert!(codes.iter().all(|code| known.contains(&code.as_str())), "{codes:?}");
    verify(&rig, &method, json!({ "amounts": [32, 45] })).await.is_problem(422, "verification_locked");
    verify(&rig, &method, json!({})).await.is_problem(422, "verification_locked");
    let ended = verification(&rig, &method).await;
    assert_eq!((&ended["status"], &ended["reason"]), (&json!("failed"), &json!("too_many_attempts")));
}

#[actix_web::test]
async fn wrong_amounts_are_counted_however_many_come_at_once() {
    twelve_tries_at_once(Arc::new(MemoryMethodStore::default())).await;
}

#[actix_web::test]
async fn wrong_amounts_are_counted_however_many_come_at_once_in_postgresql() {
    let (store, _database) = postgresql().await;
    twelve_tries_at_once(store).await;
}

#[actix_web::test]
async fn a_card_is_verified_by_an_authorization_of_nothing() {
    let rig = Rig::new();
    let good = rig.saved(card("tok_insufficient_funds")).await;
    let verified = verify(&rig, &good, json!({ "kind": "zero_amount" })).await.json()["verification"].clone();
    assert_eq!(verified["status"], json!("verified"), "no money is asked for");
    assert_eq!((&verified["avs_result"], &verified["cvv_result"]), (&json!("Y"), &json!("P")));
    let stolen = rig.saved(card("tok_stolen")).await;
    let failed = verify(&rig, &stolen, json!({ "kind": "zero_amount" })).await;
    assert_eq!(failed.status, 200, "a decline is no error: {}", failed.json());
    let failed = failed.json()["verification"].clone();
    assert_eq!((&failed["status"], &failed["reason"]), (&json!("failed"), &json!("declined")));
    assert_eq!((&failed["decline_code"], &failed["network_code"]), (&json!("stolen_card"), &json!("43")));
    let wallet = rig.saved(json!({ "type": "apple_pay", "token": "tok_apple_pay" })).await;
    let wallet = verify(&rig, &wallet, json!({})).await.json();
    assert_eq!(wallet["verification"]["kind"], json!("zero_amount"), "as wallets are");
}

#[actix_web::test]
async fn a_cards_part_in_three_d_secure_is_looked_up_and_verified() {
    let rig = Rig::new();
    let look_up = async |method: &Value| {
        let id = method["id"].as_str().expect("an id");
        let uri = format!("/v1/payments/payment-methods/3ds/lookup?payment_method_id={id}");
        rig.admin(TestRequest::get().uri(&uri)).await
    };
    for (token, enrolment, status) in [
        ("tok_visa", "enrolled", "verified"),
        ("tok_3ds_attempted", "not_enrolled", "failed"),
        ("tok_3ds_unavailable", "unknown", "unverified"),
    ] {
        let method = rig.saved(card(token)).await;
        let found = look_up(&method).await;
        assert_eq!(found.status, 200, "{}", found.json());
        assert_eq!(found.json()["enrolment"], json!(enrolment), "{token}");
        assert_eq!(verification(&rig, &method).await["status"], json!("unverified"), "it changes nothing");
        let verified = verify(&rig, &method, json!({})).await.json()["verification"].clone();
        assert_eq!((&verified["status"], &verified["kind"]), (&json!(status), &json!("three_ds")), "{token}");
        assert_eq!(verified["three_ds"]["enrolment"], json!(enrolment), "{token}");
    }
    let enrolled = look_up(&rig.saved(card("tok_visa")).await).await.json();
    assert_eq!(
        (&enrolled["version"], &enrolled["device_fingerprint_required"]),
        (&json!("2.2.0"), &json!(true))
    );
    look_up(&rig.saved(account()).await).await.is_problem(422, "verification_not_available");
    let nothing = TestRequest::get().uri("/v1/payments/payment-methods/3ds/lookup");
    assert_eq!(rig.admin(nothing).await.status, 400);
}

#[actix_web::test]
async fn an_answer_that_did_not_come_is_no_failure_and_is_found_out_later() {
    let rig = Rig::new();
    let method = rig.saved(card("tok_timeout_after")).await;
    let keyed =
        || request(&method, &json!({ "kind": "zero_amount" })).insert_header(("idempotency-key", "k"));
    let lost = rig.admin(keyed()).await;
    assert_eq!(lost.status, 202, "{}", lost.json());
    let pending = lost.json()["verification"].clone();
    assert_eq!((&pending["status"], &pending["awaits"]), (&json!("pending"), &json!("gateway_answer")));
    verify(&rig, &method, json!({ "kind": "three_ds" })).await.is_problem(409, "verification_pending");
    assert_eq!(worker(&rig).run_once().await.expect("readable"), 0, "it is not time");
    rig.clock.advance(Duration::from_secs(6));
    assert_eq!(worker(&rig).run_once().await.expect("readable"), 1);
    assert_eq!(verification(&rig, &method).await["status"], json!("verified"));
    let again = rig.admin(keyed()).await;
    assert_eq!((again.status.as_u16(), again.header("idempotent-replayed")), (202, "true"));
}

#[actix_web::test]
async fn a_verification_whose_process_died_before_the_answer_is_gone_on_with() {
    let rig = Rig::new();
    let method = rig.saved(card("tok_slow")).await;
    let died = tokio::time::timeout(
        Duration::from_millis(500),
        verify(&rig, &method, json!({ "kind": "zero_amount" })),
    );
    assert!(died.await.is_err(), "the gateway takes two seconds");
    let pending = verification(&rig, &method).await;
    assert_eq!(pending["awaits"], json!("gateway_answer"), "committed before the gateway was called");
    rig.clock.advance(Duration::from_secs(61));
    assert_eq!(worker(&rig).run_once().await.expect("readable"), 1);
    assert_eq!(verification(&rig, &method).await["status"], json!("verified"));
}

#[actix_web::test]
async fn what_surely_was_not_done_may_be_asked_for_again_under_the_same_key() {
    let rig = Rig::new();
    let method = rig.saved(card("tok_error")).await;
    for version in [3, 5] {
        let keyed = request(&method, &json!({})).insert_header(("idempotency-key", "k"));
        let refused = rig.admin(keyed).await;
        refused.is_problem(503, "connectors_unavailable");
        assert_eq!(refused.header("idempotent-replayed"), "");
        let now = rig.get(method["id"].as_str().expect("an id")).await.json();
        assert_eq!((&now["version"], &now["verification"]["reason"]), (&json!(version), &json!("not_done")));
        assert_eq!(now["verification"]["status"], json!("unverified"));
    }
}

#[actix_web::test]
async fn the_time_to_name_the_amounts_ends() {
    let rig = Rig::new();
    let method = rig.saved(account()).await;
    verify(&rig, &method, json!({})).await;
    rig.clock.advance(Duration::from_secs(10 * 24 * 3600 + 1));
    verify(&rig, &method, json!({ "amounts": [32, 45] })).await.is_problem(409, "no_deposits_to_verify");
    assert_eq!(worker(&rig).run_once().await.expect("readable"), 1);
    let ended = verification(&rig, &method).await;
    assert_eq!((&ended["status"], &ended["reason"]), (&json!("failed"), &json!("deposits_expired")));
    let again = verify(&rig, &method, json!({})).await.json()["verification"].clone();
    assert_eq!(again["status"], json!("pending"), "new deposits may be sent");
}

#[actix_web::test]
async fn what_no_connector_verifies_so_is_refused() {
    let rig = Rig::new();
    let paypal = rig.saved(json!({ "type": "paypal", "token": "tok_paypal" })).await;
    verify(&rig, &paypal, json!({})).await.is_problem(422, "verification_not_available");
    let method = rig.saved(card("tok_visa")).await;
    let deposits = json!({ "kind": "micro_deposits" });
    verify(&rig, &method, deposits).await.is_problem(422, "verification_not_available");
    let both = json!({ "kind": "three_ds", "amounts": [1, 2] });
    verify(&rig, &method, both).await.is_problem(400, "invalid_field");
    assert_eq!(verification(&rig, &method).await, json!({ "status": "unverified" }));
    let closed = json!({ "type": "bank_account", "token": "tok_bank_account_declined" });
    let closed = rig.saved(closed).await;
    let refused = verify(&rig, &closed, json!({})).await.json()["verification"].clone();
    assert_eq!((&refused["status"], &refused["reason"]), (&json!("failed"), &json!("deposits_refused")));
}

#[actix_web::test]
async fn who_does_not_say_how_is_verified_as_the_connectors_can_and_who_does_is_told_how_they_can() {
    let rig = connectors::rig(|_| vec![connectors::checking_nothing(), connectors::checking()]);
    let method = rig.saved(card_of("cust_1", "4242424242424242")).await;
    let verified = verify(&rig, &method, json!({})).await.json()["verification"].clone();
    assert_eq!((&verified["status"], &verified["kind"]), (&json!("verified"), &json!("zero_amount")));
    assert_eq!(verified["connector"], "checking");
    let refused = verify(&rig, &method, json!({ "kind": "three_ds" })).await;
    let refused = refused.is_problem(422, "verification_not_available");
    assert!(refused["detail"].to_string().contains("ask for `kind` `zero_amount`"), "{refused}");
    assert_eq!(refused["errors"][0]["pointer"], "/kind", "{refused}");
    let id = method["id"].as_str().expect("an id");
    let look_up = format!("/v1/payments/payment-methods/3ds/lookup?payment_method_id={id}");
    let not_told = rig.admin(TestRequest::get().uri(&look_up)).await;
    let not_told = not_told.is_problem(422, "verification_not_available");
    assert!(not_told["detail"].to_string().contains("3ds/start"), "{not_told}");

    let rig = connectors::rig(|_| vec![connectors::checking_nothing()]);
    let method = rig.saved(card_of("cust_1", "4242424242424242")).await;
    let refused = verify(&rig, &method, json!({})).await;
    let refused = refused.is_problem(422, "verification_not_available");
    assert!(refused["detail"].to_string().contains("its first payment"), "{refused}");
}

#[actix_web::test]
async fn every_read_of_a_token_for_a_verification_is_in_the_log() {
    let rig = Rig::new();
    let method = rig.saved(card("tok_visa")).await;
    verify(&rig, &method, json!({})).await;
    let writer = AccessLogWriter::new(Arc::clone(&rig.service));
    while writer.write_once().await.expect("written") > 0 {}
    let log = TestRequest::get().uri("/v1/payments/vault/access-log?purpose=verification");
    let log = rig.admin(log).await.json();
    assert_eq!(log["data"].as_array().map(Vec::len), Some(1), "{log}");
    assert_eq!(log["data"][0]["payment_method_id"], method["id"]);
}
