//! The tenants' data keys and their rotation.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::test::TestRequest;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tender_domain::connectors::{ConnectorSecrets as _, NewCredentials};
use tender_domain::kernel::{Change, ConnectorId, JobId, JobOwner, MethodId, Save, TenantId, Version};
use tender_domain::ports::{MethodVault, UnitOfWork};
use tender_domain::vault::{
    DataKey, KeyPurpose, KeyRotation, KeyStore, MethodStore, SealedTokens, SealingKey,
};
use tender_memory::MemoryMethodStore;
use tender_postgres::{PoolOptions, WriterOptions};
use tender_testkit::{ManualClock, TestDatabase};
use tender_vault::{AccessLogWriter, KeyRotationWorker};
use tender_vault_store::{MIGRATIONS, PgMethodStore, SCHEMA};

use crate::rig::{Rig, card_of, keyring, patch, simulator};

const KEYS: &str = "/v1/payments/vault/keys";
const ROTATE: &str = "/v1/payments/vault/keys/rotate";

fn acme() -> TenantId {
    "acme".parse().expect("a tenant's name")
}

fn id_of(resource: &Value) -> MethodId {
    resource["id"].as_str().expect("an id").parse().expect("an id")
}

fn worker(rig: &Rig) -> KeyRotationWorker {
    KeyRotationWorker::new(Arc::clone(&rig.service), std::time::Duration::from_secs(1))
}

/// Works until nothing is left to do.
async fn worked(rig: &Rig) {
    for _ in 0..100 {
        if !worker(rig).run_once().await.expect("it works") {
            return;
        }
    }
    panic!("the rotation does not end");
}

async fn keys_for(rig: &Rig, purpose: &str) -> Vec<(u64, String, String)> {
    let list = rig.admin(TestRequest::get().uri(KEYS)).await.json();
    let shown = |key: &Value| {
        let text = |field: &str| key[field].as_str().expect("a text").to_owned();
        (key["key_version"].as_u64().expect("a number"), text("status"), text("wrapped_by"))
    };
    let all = list["data"].as_array().expect("a list").iter();
    all.filter(|key| key["purpose"] == purpose).map(shown).collect()
}

async fn keys(rig: &Rig) -> Vec<(u64, String, String)> {
    keys_for(rig, "payment_methods").await
}

fn key(number: u64, status: &str, by: &str) -> (u64, String, String) {
    (number, status.to_owned(), by.to_owned())
}

async fn token(rig: &Rig, method: &Value) -> String {
    let material = rig.service.method_for_charge(&acme(), id_of(method)).await.expect("chargeable");
    material.tokens[0].1.expose_secret().to_owned()
}

#[actix_web::test]
async fn a_rotation_seals_everything_anew_and_destroys_the_older_key() {
    let store = Arc::new(MemoryMethodStore::default());
    let rig = Rig::over(Arc::clone(&store));
    let mut methods = Vec::new();
    for number in 0..3 {
        methods.push(rig.saved(card_of(&format!("cust_{number}"), "4242424242424242")).await);
    }
    let before = token(&rig, &methods[0]).await;
    assert_eq!(keys(&rig).await, [key(1, "current", "local:1")]);

    let request = || TestRequest::post().uri(ROTATE).insert_header(("idempotency-key", "rotate-1"));
    let begun = rig.admin(request()).await;
    let job = begun.json();
    assert_eq!((begun.status.as_u16(), &job["status"]), (202, &json!("pending")), "{job}");
    assert_eq!(job["progress"], json!({ "done": 0, "total": 3, "succeeded": 0, "failed": 0 }));
    let path = begun.header("location").to_owned();
    assert_eq!(path, format!("/v1/payments/jobs/{}", job["job_id"].as_str().expect("an id")));
    assert_eq!(rig.admin(request()).await.json(), job, "a retry begins no second one");
    assert_eq!(keys(&rig).await, [key(2, "current", "local:1"), key(1, "retiring", "local:1")]);
    rig.admin(TestRequest::post().uri(ROTATE)).await.is_problem(409, "rotation_running");
    // Meanwhile methods are read, saved and changed.
    assert_eq!(token(&rig, &methods[0]).await, before);
    methods.push(rig.saved(card_of("cust_9", "4242424242424242")).await);
    worked(&rig).await;

    let ended = rig.admin(TestRequest::get().uri(&path)).await.json();
    assert_eq!((&ended["status"], &ended["progress"]["done"]), (&json!("completed"), &json!(3)), "{ended}");
    assert_eq!(keys(&rig).await, [key(2, "current", "local:1"), key(1, "retired", "local:1")]);
    for method in &methods {
        assert_eq!(rig.get(method["id"].as_str().expect("an id")).await.json(), *method, "nothing shows it");
        let _ = token(&rig, method).await;
    }
    assert_eq!(token(&rig, &methods[0]).await, before);
    let change = json!({ "metadata": { "n": "v" }, "version": 1 });
    assert_eq!(rig.admin(patch(&methods[0]["id"], &change)).await.status, 200, "versions have stayed");
    assert_eq!(rig.admin(TestRequest::post().uri(ROTATE)).await.status, 202, "the next one may begin");
    let told: Vec<_> =
        store.messages().into_iter().filter(|told| told.topic.name() == "audit.recorded").collect();
    let actions: Vec<Value> =
        told.iter().map(|told| serde_json::from_str(&told.data).expect("JSON")).collect();
    let actions = actions.iter().filter_map(|told| told["action"].as_str());
    let actions: Vec<&str> = actions.filter(|action| action.starts_with("vault.")).collect();
    let (began, ended) = ("vault.key_rotation_started", "vault.key_rotation_ended");
    assert_eq!(actions, [began, ended, began]);
}

#[actix_web::test]
async fn what_the_installations_own_key_sealed_opens_and_is_moved_by_a_rotation() {
    let store = Arc::new(MemoryMethodStore::default());
    let rig = Rig::over(Arc::clone(&store));
    let method = rig.saved(card_of("cust_1", "4242424242424242")).await;
    let stored = store.method(&acme(), id_of(&method)).await.expect("readable").expect("saved");
    // What the release before wrote: sealed by version 1 of the keys, and bound to that.
    let sealed = SealedTokens { key: SealingKey::Installation(1), bytes: sealed_before(&stored.id) };
    let old = stored.resealed(sealed).expect("active");
    let _ = store.commit(Change::of(acme()).save(Save::changed(stored, old))).await.expect("as it was");
    assert_eq!(token(&rig, &method).await, "tok_before");
    rig.admin(TestRequest::post().uri(ROTATE)).await;
    worked(&rig).await;
    let moved = store.method(&acme(), id_of(&method)).await.expect("readable").expect("saved");
    assert!(matches!(moved.tokens().map(|sealed| sealed.key), Some(SealingKey::Data(_))), "{moved:?}");
    assert_eq!(token(&rig, &method).await, "tok_before");
}

/// `{"simulator":"tok_before"}` for `acme`, sealed as it was before tenants had data keys.
fn sealed_before(method: &MethodId) -> Vec<u8> {
    use aes_gcm::aead::{Aead, KeyInit, Nonce, Payload};
    let cipher = aes_gcm::Aes256Gcm::new_from_slice(&[1; 32]).expect("a key");
    let mut aad = b"tender.vault.tokens.1".to_vec();
    aad.extend_from_slice(&1_u32.to_be_bytes());
    aad.extend_from_slice(method.uuid().as_bytes());
    aad.extend_from_slice(b"acme");
    let nonce = [9; 12];
    let payload = Payload { msg: br#"{"simulator":"tok_before"}"#, aad: &aad };
    let sealed = cipher.encrypt(&Nonce::<aes_gcm::Aes256Gcm>::from(nonce), payload).expect("sealed");
    [nonce.to_vec(), sealed].concat()
}

fn connector() -> ConnectorId {
    ConnectorId::from_uuid(uuid::Uuid::from_u128(7))
}

async fn kept(rig: &Rig, secret: &str) {
    let fields = BTreeMap::from([("secret_key".to_owned(), SecretString::from(secret))]);
    let credentials = NewCredentials { generation: 1, fields, previous_until: None };
    rig.service.keep(&acme(), connector(), credentials).await.expect("kept");
}

async fn secret_key(rig: &Rig) -> String {
    let read = rig.service.read(&acme(), connector()).await.expect("readable").expect("they are there");
    read.fields["secret_key"].expose_secret().to_owned()
}

async fn sealed_under(store: &MemoryMethodStore) -> DataKey {
    let secret = store.connector_secret(&acme(), connector()).await.expect("readable").expect("kept");
    let Some(SealingKey::Data(id)) = secret.sealed.map(|sealed| sealed.key) else { panic!("no data key") };
    store.data_key(&acme(), id).await.expect("readable").expect("there")
}

#[actix_web::test]
async fn connectors_credentials_are_sealed_under_keys_of_their_own_which_the_same_rotation_replaces() {
    let store = Arc::new(MemoryMethodStore::default());
    let rig = Rig::over(Arc::clone(&store));
    let method = rig.saved(card_of("cust_1", "4242424242424242")).await;
    assert_eq!(keys_for(&rig, "connector_credentials").await, [], "made when it is needed");
    kept(&rig, "sk_1").await;
    assert_eq!(sealed_under(&store).await.purpose, KeyPurpose::ConnectorCredentials);
    for purpose in ["payment_methods", "connector_credentials"] {
        assert_eq!(keys_for(&rig, purpose).await, [key(1, "current", "local:1")], "{purpose}");
    }
    let job = rig.admin(TestRequest::post().uri(ROTATE)).await.json();
    assert_eq!(job["progress"]["total"], 2, "a method and a connector: {job}");
    worked(&rig).await;
    for purpose in ["payment_methods", "connector_credentials"] {
        let keys = keys_for(&rig, purpose).await;
        assert_eq!(keys, [key(2, "current", "local:1"), key(1, "retired", "local:1")], "{purpose}");
    }
    assert_eq!(sealed_under(&store).await.id.to_string(), job["credentials_key_id"], "{job}");
    assert_eq!(secret_key(&rig).await, "sk_1");
    let _ = token(&rig, &method).await;
}

#[actix_web::test]
async fn credentials_that_a_key_of_payment_methods_sealed_open_and_are_moved_by_a_rotation() {
    let store = Arc::new(MemoryMethodStore::default());
    let rig = Rig::over(Arc::clone(&store));
    let method = rig.saved(card_of("cust_1", "4242424242424242")).await;
    kept(&rig, "sk_1").await;
    // A rotation that the release before began, which knew one purpose: it seals both under its key.
    let of_methods = store.usable_keys(&acme(), KeyPurpose::PaymentMethods).await.expect("readable");
    let before = KeyRotation {
        tenant: acme(),
        id: JobId::of(JobOwner::Vault, uuid::Uuid::from_u128(1)),
        version: Version::FIRST,
        to: of_methods[0].id,
        credentials_to: None,
        total: 1,
        done: 0,
        failures: Vec::new(),
        created_by: "ada".to_owned(),
        created_at: of_methods[0].created_at,
        finished_at: None,
    };
    let change = Change::of(acme()).guarded(before.begun()).save(Save::new(before));
    let _ = store.commit(change).await.expect("begun");
    worked(&rig).await;
    assert_eq!(sealed_under(&store).await.purpose, KeyPurpose::PaymentMethods);
    assert_eq!(secret_key(&rig).await, "sk_1");

    assert_eq!(rig.admin(TestRequest::post().uri(ROTATE)).await.status, 202);
    worked(&rig).await;
    assert_eq!(sealed_under(&store).await.purpose, KeyPurpose::ConnectorCredentials);
    assert_eq!(secret_key(&rig).await, "sk_1");
    assert_eq!(keys(&rig).await, [key(2, "current", "local:1"), key(1, "retired", "local:1")]);
    let _ = token(&rig, &method).await;
}

#[actix_web::test]
async fn data_keys_move_to_a_new_key_encryption_key_and_the_old_one_is_not_needed_any_more() {
    let (store, clock) = (Arc::new(MemoryMethodStore::default()), Arc::new(ManualClock::default()));
    let with = |keys| Rig::keyed(Arc::clone(&store), Arc::clone(&clock), vec![simulator(&clock)], keys);
    let first = with(keyring(1));
    let method = first.saved(card_of("cust_1", "4242424242424242")).await;
    let before = token(&first, &method).await;
    let second = with(keyring(2));
    assert_eq!(token(&second, &method).await, before, "the old one opens until the worker has come by");
    worked(&second).await;
    assert_eq!(keys(&second).await, [key(1, "current", "local:2")]);
    let without_the_first = keyring_without_first();
    assert_eq!(token(&with(without_the_first), &method).await, before);
}

fn keyring_without_first() -> tender_vault::Keyring {
    use base64::Engine as _;
    let line = format!("2:{}", base64::engine::general_purpose::STANDARD.encode([2; 32]));
    tender_vault::Keyring::from_lines(&line.into(), 2).expect("a good key")
}

#[actix_web::test]
async fn a_record_that_does_not_open_keeps_its_key_and_is_named() {
    let store = Arc::new(MemoryMethodStore::default());
    let rig = Rig::over(Arc::clone(&store));
    let lost = rig.saved(card_of("cust_1", "4242424242424242")).await;
    let good = rig.saved(card_of("cust_2", "4242424242424242")).await;
    let stored = store.method(&acme(), id_of(&lost)).await.expect("readable").expect("saved");
    let mut sealed = stored.tokens().expect("active").clone();
    sealed.bytes[20] ^= 1;
    let spoiled = stored.resealed(sealed).expect("active");
    let _ = store.commit(Change::of(acme()).save(Save::changed(stored, spoiled))).await.expect("spoiled");
    let job = rig.admin(TestRequest::post().uri(ROTATE)).await.header("location").to_owned();
    worked(&rig).await;
    let ended = rig.admin(TestRequest::get().uri(&job)).await.json();
    assert_eq!(ended["status"], "failed", "{ended}");
    assert_eq!(ended["results"][0]["payment_method_id"], lost["id"]);
    assert_eq!(ended["progress"], json!({ "done": 2, "total": 2, "succeeded": 1, "failed": 1 }));
    assert_eq!(keys(&rig).await, [key(2, "current", "local:1"), key(1, "retiring", "local:1")]);
    let _ = token(&rig, &good).await;
    assert_eq!(rig.admin(TestRequest::post().uri(ROTATE)).await.status, 202);
}

#[actix_web::test]
async fn of_two_rotations_at_once_one_runs_and_the_other_is_told_of_it() {
    let database = TestDatabase::create(&[(SCHEMA, MIGRATIONS)]).await;
    let connect = database.connect_as(SCHEMA);
    let store = PgMethodStore::open(&connect, PoolOptions::default(), WriterOptions::default()).await;
    let rig = Rig::over(Arc::new(store.expect("the store opens")));
    let method = rig.saved(card_of("cust_1", "4242424242424242")).await;
    for number in 2..6 {
        let rotate = || rig.admin(TestRequest::post().uri(ROTATE));
        let (one, two, three) = tokio::join!(rotate(), rotate(), rotate());
        let mut statuses = [&one, &two, &three].map(|answer| answer.status.as_u16());
        statuses.sort_unstable();
        assert_eq!(statuses, [202, 409, 409]);
        for refused in [one, two, three].iter().filter(|answer| answer.status == 409) {
            let _ = refused.is_problem(409, "rotation_running");
        }
        worked(&rig).await;
        let versions: Vec<_> =
            keys(&rig).await.into_iter().map(|(number, status, _)| (number, status)).collect();
        assert_eq!(versions.len(), number, "one new version");
        assert_eq!(versions[0], (number as u64, "current".to_owned()));
        assert!(versions[1..].iter().all(|(_, status)| status == "retired"), "{versions:?}");
        let _ = token(&rig, &method).await;
    }
}

#[actix_web::test]
async fn who_may_not_rotate_does_not_and_another_tenant_sees_no_key_and_no_job() {
    let rig = Rig::new();
    rig.saved(card_of("cust_1", "4242424242424242")).await;
    let refused =
        rig.call(rig.signed(TestRequest::post().uri(ROTATE), "acme", "a", &["payments_admin"])).await;
    refused.is_problem(403, "insufficient_scope");
    let job = rig.admin(TestRequest::post().uri(ROTATE)).await.header("location").to_owned();
    let other = rig.call(rig.signed(TestRequest::get().uri(&job), "other", "a", &["admin"])).await;
    other.is_problem(404, "not_found");
    let list = rig.call(rig.signed(TestRequest::get().uri(KEYS), "other", "a", &["admin"])).await.json();
    assert_eq!(list["data"], json!([]));
    let shown = rig.admin(TestRequest::get().uri(KEYS)).await.json().to_string();
    assert!(shown.contains("wrapped_by") && !shown.contains("wrapped\":"), "{shown}");
}

#[actix_web::test]
async fn every_read_of_a_secret_is_a_line_of_the_log_with_who_what_and_why() {
    let store = Arc::new(MemoryMethodStore::default());
    let rig = Rig::over(Arc::clone(&store));
    let method = rig.saved(card_of("cust_1", "4242424242424242")).await;
    let secret = token(&rig, &method).await;
    rig.admin(TestRequest::post().uri(ROTATE)).await;
    worked(&rig).await;
    let writer = AccessLogWriter::new(Arc::clone(&rig.service));
    while writer.write_once().await.expect("written") > 0 {}
    let log = "/v1/payments/vault/access-log";
    let list = rig.admin(TestRequest::get().uri(log)).await.json();
    let lines: Vec<_> = list["data"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|line| {
            assert_eq!((&line["payment_method_id"], &line["outcome"]), (&method["id"], &json!("opened")));
            format!("{} {} {}", line["reader_type"], line["reader"], line["purpose"]).replace('"', "")
        })
        .collect();
    assert_eq!(lines, ["service vault key_rotation", "service intents charge"]);
    assert!(!list.to_string().contains(&secret));
    let charges =
        rig.admin(TestRequest::get().uri(&format!("{log}?purpose=charge&reader=intents"))).await.json();
    assert_eq!(charges["data"].as_array().map(Vec::len), Some(1));
    let reader = rig.call(rig.signed(TestRequest::get().uri(log), "acme", "a", &["payments_admin"])).await;
    reader.is_problem(403, "insufficient_scope");
    let usable = store.usable_keys(&acme(), KeyPurpose::PaymentMethods).await;
    assert_eq!(usable.expect("readable").len(), 1);
}
