//! Challenges of the customer.

use serde_json::json;

use crate::rig::{Answer, INTENTS, Process, World};

async fn complete(process: &Process, id: &str, result: &str, key: &str) -> Answer {
    process.post(&format!("{INTENTS}/{id}/3ds/complete"), key, json!({ "result": result })).await
}

#[tokio::test]
async fn a_challenge_that_is_met_pays() {
    let world = World::new();
    let process = world.process();
    let asked = process.pay("tok_challenge").await;
    asked.is(201, "requires_action");
    let action = &asked.json["next_action"];
    assert_eq!(action["type"], "redirect_to_url");
    assert!(action["url"].as_str().is_some_and(|url| !url.is_empty()));
    assert!(world.booked().await.is_empty(), "nothing is held yet");
    let paid = complete(&process, asked.text("id"), "success", "k").await;
    paid.is(200, "succeeded");
    assert_eq!(paid.json["attempts"], 1);
    let again = complete(&process, asked.text("id"), "success", "k").await;
    assert_eq!((again.replayed, &again.json), (true, &paid.json));
    complete(&process, asked.text("id"), "success", "k2").await.is_problem(409, "intent_status");
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}

#[tokio::test]
async fn a_challenge_that_is_failed_is_a_decline() {
    let world = World::new();
    let process = world.process();
    for (token, result) in [("tok_challenge", "failed"), ("tok_challenge_fail", "success")] {
        let asked = process.pay(token).await;
        let failed = complete(&process, asked.text("id"), result, token).await;
        failed.is(200, "requires_payment_method");
        assert_eq!(failed.json["last_payment_error"]["decline_code"], "authentication_failed");
    }
    assert!(world.booked().await.is_empty());
}

#[tokio::test]
async fn an_open_challenge_ends_with_a_cancellation() {
    let world = World::new();
    let process = world.process();
    let asked = process.pay("tok_challenge").await;
    let id = asked.text("id");
    process.post(&format!("{INTENTS}/{id}/cancel"), "c", json!({})).await.is(200, "canceled");
    complete(&process, id, "success", "late").await.is_problem(409, "intent_status");
    assert!(world.booked().await.is_empty());
    world.check_books().await;
}
