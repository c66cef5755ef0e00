//! Attempts that fail.

use serde_json::{Value, json};

use crate::concurrency::postgres;
use crate::rig::{INTENTS, Process, World, method, payment, with};

async fn confirm_with(process: &Process, id: &str, token: &str, key: &str) -> crate::rig::Answer {
    let body = json!({ "payment_method_id": method(token) });
    process.post(&format!("{INTENTS}/{id}/confirm"), key, body).await
}

#[tokio::test]
async fn after_a_decline_another_card_pays() {
    let world = World::new();
    let process = world.process();
    let declined = process.pay("tok_insufficient_funds").await;
    declined.is(201, "requires_payment_method");
    let error = &declined.json["last_payment_error"];
    assert_eq!(
        (&error["code"], &error["decline_code"], &error["network_code"]),
        (&json!("card_declined"), &json!("insufficient_funds"), &json!("51"))
    );
    let paid = confirm_with(&process, declined.text("id"), "tok_visa", "again").await;
    paid.is(200, "succeeded");
    assert_eq!((&paid.json["last_payment_error"], &paid.json["attempts"]), (&Value::Null, &json!(2)));

    let failed = world.told("payment-failed");
    assert_eq!(failed.len(), 1);
    assert_eq!((&failed[0]["attempt"], &failed[0]["final"]), (&json!(1), &json!(false)));
    assert_eq!(failed[0]["errorCode"], "INSUFFICIENT_FUNDS");
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}

#[tokio::test]
async fn when_no_attempt_is_left_it_has_failed() {
    let world = World::new();
    let process = world.process();
    let first = process.pay("tok_declined").await;
    let id = first.text("id").to_owned();
    for (number, expected) in
        (2..=5).map(|number| (number, if number == 5 { "failed" } else { "requires_payment_method" }))
    {
        let answer = confirm_with(&process, &id, "tok_declined", &format!("k{number}")).await;
        answer.is(200, expected);
    }
    confirm_with(&process, &id, "tok_visa", "k6").await.is_problem(409, "intent_status");
    let told: Vec<_> = world.told("payment-failed").iter().map(|told| told["final"].clone()).collect();
    assert_eq!(told, [false, false, false, false, true].map(Value::from));
    assert_eq!(world.line.calls(), 5);
}

#[tokio::test]
async fn a_call_that_the_gateway_refuses_took_nothing_and_may_be_made_again() {
    let world = World::new();
    let process = world.process();
    let refused = process.pay("tok_error").await;
    refused.is(201, "requires_payment_method");
    let error = &refused.json["last_payment_error"];
    assert_eq!((&error["code"], &error["decline_code"]), (&json!("gateway_error"), &Value::Null));
    assert!(!error.to_string().contains("tok_error"), "what the gateway said stays inside: {error}");
    confirm_with(&process, refused.text("id"), "tok_visa", "again").await.is(200, "succeeded");
    world.check_books().await;
}

#[tokio::test]
async fn another_amount_than_asked_is_told_to_a_person_and_neither_accepted_nor_refused() {
    let world = World::new();
    let process = world.process();
    let odd = process.pay("tok_wrong_amount").await;
    odd.is(202, "processing");
    assert_eq!(odd.json["amount_captured"], 0);
    let alerts = world.told("alert.raised");
    assert_eq!(alerts.len(), 1);
    assert_eq!(alerts[0]["code"], "payment_amount_conflict");
    let detail = alerts[0]["detail"].as_str().unwrap_or_default();
    let booked = &world.booked().await[0].gateway_reference;
    assert!(detail.contains("100.01 EUR") && detail.contains(booked), "{detail}");
    world.wait(1_000_000);
    assert_eq!(process.recover().await, 0);
    assert_eq!(process.read(odd.text("id")).await["status"], "processing");
    assert!(world.told("payment.processed").is_empty() && world.told("payment-failed").is_empty());
}

#[tokio::test]
async fn what_has_expired_is_not_charged() {
    let world = World::new();
    let process = world.process();
    let body = with(with(payment("tok_visa"), "confirm", false), "expires_at", "2026-03-04T12:01:00Z");
    let created = process.post(INTENTS, "c", body).await;
    created.is(201, "requires_confirmation");
    world.wait(60);
    let late = process.post(&format!("{INTENTS}/{}/confirm", created.text("id")), "k", json!({})).await;
    late.is_problem(409, "intent_expired");
    assert_eq!(world.line.calls(), 0);
}

async fn what_a_decline_left_at_its_gateway_is_shown(world: &World) {
    let process = world.process();
    let id = process.pay("tok_insufficient_funds").await.text("id").to_owned();
    // From what is stored.
    let again = world.process();
    for list in ["transactions", "charges"] {
        let shown = again.get(&format!("{INTENTS}/{id}/{list}")).await.json["data"][0].clone();
        assert_eq!(shown["status"], "declined", "{shown}");
        assert_eq!(
            (&shown["acquirer"], &shown["avs_result"], &shown["cvv_result"]),
            (&json!("simulator"), &json!("Y"), &json!("M")),
            "{list}"
        );
        let reference = shown["gateway_reference"].as_str().unwrap_or_default();
        assert!(reference.starts_with("sim_"), "{list}: {shown}");
        assert_eq!(shown["response_code"], "51");
    }
    assert_eq!(again.read(&id).await["latest_charge"], Value::Null, "a decline is no charge");
    let left = process.pay("tok_3ds_not_authenticated").await.text("id").to_owned();
    let shown = again.get(&format!("{INTENTS}/{left}/transactions")).await.json["data"][0].clone();
    assert_eq!((&shown["gateway_reference"], &shown["cvv_result"]), (&Value::Null, &Value::Null), "{shown}");
}

#[tokio::test]
async fn what_a_decline_left_is_shown_in_memory() {
    what_a_decline_left_at_its_gateway_is_shown(&World::new()).await;
}

#[tokio::test]
async fn what_a_decline_left_is_shown_in_postgres() {
    let (world, _database) = postgres().await;
    what_a_decline_left_at_its_gateway_is_shown(&world).await;
}
