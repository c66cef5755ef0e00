//! Changing an intent.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::rig::{CUSTOMER, INTENTS, World, unconfirmed, with};

#[tokio::test]
async fn what_is_asked_for_can_change_until_it_is_asked() {
    let world = World::new();
    let process = world.process();
    let body = with(unconfirmed("tok_visa"), "metadata", json!({ "a": "1", "b": "2" }));
    let id = process.post(INTENTS, "c", body).await.text("id").to_owned();
    let patch = json!({
        "amount": 7_000, "capture_mode": "manual", "description": "new", "metadata": { "a": "", "c": "3" },
    });
    let changed = process.patch(&id, patch).await;
    changed.is(200, "requires_confirmation");
    assert_eq!((&changed.json["amount"], &changed.json["capture_mode"]), (&json!(7_000), &json!("manual")));
    assert_eq!(changed.json["metadata"], json!({ "b": "2", "c": "3" }));
    let held = process.post(&format!("{INTENTS}/{id}/confirm"), "k", json!({})).await;
    held.is(200, "requires_capture");
    assert_eq!(world.booked().await[0].authorized.minor(), 7_000);
    process.patch(&id, json!({ "amount": 1 })).await.is_problem(409, "intent_status");
    let words = process.patch(&id, json!({ "description": "" })).await;
    assert_eq!((words.status, &words.json["description"]), (200, &Value::Null));
}

#[tokio::test]
async fn a_change_names_the_version_it_means_and_only_what_can_change() {
    let world = World::new();
    let process = world.process();
    let id = process.post(INTENTS, "c", unconfirmed("tok_visa")).await.text("id").to_owned();
    let send = |body: Value| {
        let request = TestRequest::patch().uri(&format!("{INTENTS}/{id}")).set_json(body);
        process.signed(request, "acme", CUSTOMER, "admin")
    };
    process.call(send(json!({ "amount": 1 }))).await.is_problem(428, "version_required");
    process.call(send(json!({ "amount": 1, "version": 9 }))).await.is_problem(412, "stale_version");
    process.call(send(json!({ "currency": "USD", "version": 1 }))).await.is_problem(400, "unknown_field");
    process.call(send(json!({ "amount": 0, "version": 1 }))).await.is_problem(400, "invalid_amount");
    let card = json!({ "description": "4242 4242 4242 4242", "version": 1 });
    process.call(send(card)).await.is_problem(422, "card_number_detected");
    let card = json!({ "metadata": { "a": "4242424242424242" }, "version": 1 });
    process.call(send(card)).await.is_problem(422, "card_number_detected");
    assert_eq!(process.read(&id).await["version"], 1, "nothing has changed");
    process.call(send(json!({ "amount": 1, "version": 1 }))).await.is(200, "requires_confirmation");
    process.call(send(json!({ "amount": 2, "version": 1 }))).await.is_problem(412, "stale_version");

    let request = TestRequest::patch().uri(&format!("{INTENTS}/{id}")).set_json(json!({ "version": 2 }));
    process.call(process.signed(request, "other", "x", "admin")).await.is_problem(404, "not_found");
}

#[tokio::test]
async fn a_customer_changes_neither_what_a_payment_asks_for_nor_what_it_is_for() {
    let world = World::new();
    let process = world.process();
    let body = with(unconfirmed("tok_visa"), "metadata", json!({ "order_id": "dear" }));
    let id = process.post(INTENTS, "c", body).await.text("id").to_owned();
    let by = |customer: &str, change: Value| {
        let request =
            TestRequest::patch().uri(&format!("{INTENTS}/{id}")).set_json(with(change, "version", 1));
        process.call(process.signed(request, "acme", customer, "customer"))
    };
    for change in [
        json!({ "amount": 1 }),
        json!({ "capture_mode": "manual" }),
        json!({ "description": "mine" }),
        json!({ "metadata": { "order_id": "cheap" } }),
    ] {
        by(CUSTOMER, change.clone()).await.is_problem(403, "merchants_only");
        by("cust_2", change).await.is_problem(404, "not_found");
    }
    assert_eq!(process.read(&id).await["version"], 1, "nothing has changed");
}
