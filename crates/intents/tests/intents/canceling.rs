//! Giving up.

use serde_json::{Value, json};

use crate::gateway::Fault;
use crate::rig::{Answer, INTENTS, Process, World, payment, unconfirmed, with};

async fn cancel(process: &Process, id: &str, key: &str) -> Answer {
    process.post(&format!("{INTENTS}/{id}/cancel"), key, json!({ "reason": "timeout" })).await
}

#[tokio::test]
async fn where_nothing_is_held_it_ends_at_once() {
    let world = World::new();
    let process = world.process();
    let created = process.post(INTENTS, "k", unconfirmed("tok_visa")).await;
    let canceled = cancel(&process, created.text("id"), "c").await;
    canceled.is(200, "canceled");
    assert_eq!(canceled.json["cancellation_reason"], "timeout");
    let again = cancel(&process, created.text("id"), "c").await;
    assert_eq!((again.replayed, &again.json), (true, &canceled.json));
    cancel(&process, created.text("id"), "c2").await.is_problem(409, "intent_status");
    assert_eq!((world.line.calls(), world.told("payment.canceled").len()), (0, 1));
}

#[tokio::test]
async fn what_is_held_is_voided_at_the_gateway() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    cancel(&process, &id, "c").await.is(200, "canceled");
    let booked = world.booked().await;
    assert_eq!((booked.len(), booked[0].released, booked[0].captured_minor), (1, true, 0));
    assert_eq!(world.told("payment.canceled").len(), 1);
    world.check_books().await;
}

#[tokio::test]
async fn what_was_taken_is_not_canceled() {
    let world = World::new();
    let process = world.process();
    let paid = process.pay("tok_visa").await;
    cancel(&process, paid.text("id"), "c").await.is_problem(409, "intent_status");
    world.check_books().await;
}

#[tokio::test]
async fn a_wish_while_the_outcome_is_unknown_is_kept_and_what_was_held_is_let_go() {
    let world = World::new();
    let process = world.process();
    let manual = with(payment("tok_timeout_after"), "capture_mode", "manual");
    let unknown = process.post(INTENTS, "k", manual).await;
    unknown.is(202, "processing");
    let id = unknown.text("id");
    let wished = cancel(&process, id, "c").await;
    wished.is(202, "processing");
    assert_eq!(wished.json["cancel_requested"], true);
    cancel(&process, id, "c2").await.is_problem(409, "cancel_requested");
    world.wait(6);
    assert_eq!(process.recover().await, 1);
    assert_eq!(process.read(id).await["status"], "canceled");
    let booked = world.booked().await;
    assert_eq!((booked[0].released, booked[0].captured_minor), (true, 0));
    assert_eq!((world.told("payment.authorized").len(), world.told("payment.canceled").len()), (1, 1));
    world.check_books().await;
}

#[tokio::test]
async fn a_payment_that_is_canceled_while_the_gateway_is_asked_is_answered_as_canceled_and_so_is_its_retry() {
    let world = World::new();
    let process = world.process();
    let manual = with(payment("tok_visa"), "capture_mode", "manual");
    world.line.set(Fault::Waits);
    let cancels = async {
        world.line.hangs.notified().await;
        let id = world.intents().await[0].id.to_string();
        cancel(&process, &id, "c").await.is(202, "processing");
        world.line.set(Fault::None);
        world.line.goes_on.notify_one();
    };
    let (paid, ()) = tokio::join!(process.post(INTENTS, "k", manual.clone()), cancels);
    paid.is(201, "canceled");
    let again = process.post(INTENTS, "k", manual).await;
    assert_eq!((again.replayed, again.status, &again.json), (true, paid.status, &paid.json));
    assert!(world.booked().await[0].released);
    assert_eq!((world.told("payment.authorized").len(), world.told("payment.canceled").len()), (1, 1));
    world.check_books().await;
}

#[tokio::test]
async fn money_that_turns_out_to_be_taken_is_too_late_to_cancel() {
    let world = World::new();
    let process = world.process();
    let unknown = process.pay("tok_timeout_after").await;
    let id = unknown.text("id");
    cancel(&process, id, "c").await.is(202, "processing");
    world.wait(6);
    process.recover().await;
    let read = process.read(id).await;
    assert_eq!((&read["status"], &read["cancellation_reason"]), (&json!("succeeded"), &Value::Null));
    world.check_books().await;
}

#[tokio::test]
async fn a_void_whose_answer_is_lost_is_made_again_and_counts_once() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    world.line.set(Fault::LosesAnswer);
    let pending = cancel(&process, &id, "c").await;
    pending.is(202, "processing");
    assert_eq!(pending.json["cancel_requested"], true);
    world.line.set(Fault::None);
    world.wait(6);
    assert_eq!(process.recover().await, 1);
    assert_eq!(process.read(&id).await["status"], "canceled");
    assert_eq!(world.told("payment.canceled").len(), 1);
    world.check_books().await;
}
