//! Outcomes that are not known: never told as failed or succeeded before they are.

use serde_json::json;

use crate::rig::{INTENTS, World};

#[tokio::test]
async fn a_payment_that_was_made_and_not_answered_is_found() {
    let world = World::new();
    let process = world.process();
    let unknown = process.pay("tok_timeout_after").await;
    unknown.is(202, "processing");
    let again = process.pay("tok_timeout_after").await;
    assert_eq!((again.replayed, again.status, &again.json), (true, 202, &unknown.json));
    assert_eq!(process.recover().await, 0, "it is not due yet");
    assert_eq!(process.read(unknown.text("id")).await["status"], "processing");

    world.wait(6);
    assert_eq!(process.recover().await, 1);
    assert_eq!(process.recover().await, 0, "nothing is left to be looked up");
    let read = process.read(unknown.text("id")).await;
    assert_eq!((&read["status"], &read["amount_captured"]), (&json!("succeeded"), &json!(10_000)));
    assert_eq!(world.told("payment.processed").len(), 1);
    assert!(world.told("payment-failed").is_empty());
    world.check_books().await;
}

#[tokio::test]
async fn a_payment_that_never_arrived_is_over_only_once_it_cannot_arrive_any_more() {
    let world = World::new();
    let process = world.process();
    let unknown = process.pay("tok_timeout_before").await;
    unknown.is(202, "processing");
    let id = unknown.text("id");
    world.wait(6);
    assert_eq!(process.recover().await, 0, "not found, but it might still arrive");
    assert_eq!(process.read(id).await["status"], "processing");
    assert!(world.told("payment-failed").is_empty());
    world.wait(34);
    assert_eq!(process.recover().await, 1);
    let read = process.read(id).await;
    assert_eq!(read["status"], "requires_payment_method");
    assert_eq!(read["last_payment_error"]["code"], "gateway_error");
    assert_eq!(world.told("payment-failed").len(), 1);
    assert!(world.booked().await.is_empty());
    world.check_books().await;
}

#[tokio::test]
async fn a_reader_learns_the_newest_when_a_look_up_is_due() {
    let world = World::new();
    let process = world.process();
    let unknown = process.pay("tok_timeout_after").await;
    world.wait(6);
    assert_eq!(process.read(unknown.text("id")).await["status"], "succeeded");
    assert_eq!(process.recover().await, 0, "the reader found it");
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}

#[tokio::test]
async fn no_other_attempt_is_made_while_the_first_is_unknown() {
    let world = World::new();
    let process = world.process();
    let unknown = process.pay("tok_timeout_after").await;
    let path = format!("{INTENTS}/{}/confirm", unknown.text("id"));
    let body = json!({ "payment_method_id": crate::rig::method("tok_visa") });
    process.post(&path, "again", body).await.is_problem(409, "intent_status");
    assert_eq!(world.booked().await.len(), 1);
    world.wait(6);
    process.recover().await;
    world.check_books().await;
}

#[tokio::test]
async fn two_recoveries_at_once_record_an_outcome_once() {
    let world = World::new();
    let (one, two) = (world.process(), world.process());
    let unknown = one.pay("tok_timeout_after").await;
    world.wait(6);
    let _ = tokio::join!(one.recover(), two.recover(), one.read(unknown.text("id")));
    assert_eq!(one.read(unknown.text("id")).await["status"], "succeeded");
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}
