//! One default method per customer, in memory and in PostgreSQL.

use std::sync::Arc;

use actix_web::test::TestRequest;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tender_memory::MemoryMethodStore;
use tender_postgres::{PoolOptions, WriterOptions};
use tender_testkit::TestDatabase;
use tender_vault_store::{MIGRATIONS, PgMethodStore, SCHEMA};

use crate::rig::{METHODS, Rig, VaultStore, delete, patch, post};

fn of_customer(is_default: bool) -> Value {
    json!({ "type": "card", "customer_id": "cust_1", "token": "tok_visa", "is_default": is_default })
}

async fn defaults(rig: &Rig) -> Vec<Value> {
    let list =
        rig.admin(TestRequest::get().uri(&format!("{METHODS}?customer_id=cust_1&limit=100"))).await.json();
    let rows = list["data"].as_array().expect("a list");
    rows.iter().filter(|row| row["is_default"] == json!(true)).map(|row| row["id"].clone()).collect()
}

async fn postgresql() -> (Arc<PgMethodStore>, TestDatabase) {
    let database = TestDatabase::create(&[(SCHEMA, MIGRATIONS)]).await;
    let connect = database.connect_as(SCHEMA);
    let store = PgMethodStore::open(&connect, PoolOptions::default(), WriterOptions::default()).await;
    (Arc::new(store.expect("the store opens")), database)
}

#[actix_web::test]
async fn the_default_moves_steps_down_and_passes_on() {
    let rig = Rig::new();
    let one = rig.saved(of_customer(true)).await;
    assert_eq!(defaults(&rig).await, [one["id"].clone()]);
    let two = rig.saved(of_customer(true)).await;
    assert_eq!(defaults(&rig).await, [two["id"].clone()], "a new default takes it over");
    let three = rig.saved(of_customer(false)).await;
    let moved = rig.admin(patch(&one["id"], &json!({ "is_default": true, "version": 2 }))).await;
    assert_eq!(moved.status, 200, "{}", moved.json());
    assert_eq!(defaults(&rig).await, [one["id"].clone()]);
    rig.admin(delete(&one["id"])).await;
    assert_eq!(defaults(&rig).await, [three["id"].clone()], "the newest other one inherits it");
    let stepped = rig.admin(patch(&three["id"], &json!({ "is_default": false, "version": 2 }))).await;
    assert_eq!(stepped.status, 200, "{}", stepped.json());
    assert_eq!(defaults(&rig).await, Vec::<Value>::new());
}

/// Twenty methods of a customer all want to be the default at once: whoever is told 200 was it, one is it at the end.
async fn twenty_at_once<S: VaultStore>(store: Arc<S>) {
    let rig = Rig::over(store);
    let mut methods = Vec::new();
    for _ in 0..20 {
        methods.push(rig.saved(of_customer(false)).await);
    }
    let wants = methods
        .iter()
        .map(|method| rig.admin(patch(&method["id"], &json!({ "is_default": true, "version": 1 }))));
    let answers = join_all(wants).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    assert!(
        statuses.contains(&200) && statuses.iter().all(|status| matches!(status, 200 | 409)),
        "{statuses:?}"
    );
    assert_eq!(defaults(&rig).await.len(), 1);
    let news = join_all((0..20).map(|_| rig.admin(post(METHODS, &of_customer(true))))).await;
    assert!(news.iter().any(|answer| answer.status == 201));
    assert_eq!(defaults(&rig).await.len(), 1);
}

#[actix_web::test]
async fn of_twenty_who_become_the_default_at_once_one_is_it_in_memory() {
    twenty_at_once(Arc::new(MemoryMethodStore::default())).await;
}

#[actix_web::test]
async fn of_twenty_who_become_the_default_at_once_one_is_it_in_postgresql() {
    let (store, _database) = postgresql().await;
    twenty_at_once(store).await;
}
