//! Delayed captures, and expiry.

use serde_json::{Value, json};

use crate::crashes::{die_in_the_round, run};
use crate::gateway::Fault;
use crate::rig::{INTENTS, Process, World, payment, unconfirmed, with};

const WEEK: u64 = 7 * 24 * 3_600;

fn delayed() -> Value {
    with(payment("tok_visa"), "capture_delay_seconds", 3_600)
}

async fn authorized(process: &Process) -> String {
    let answer = process.post(INTENTS, "d", delayed()).await;
    answer.is(201, "authorized");
    assert!(answer.json["capture_at"].is_string(), "{}", answer.json);
    answer.text("id").to_owned()
}

#[tokio::test]
async fn a_delayed_capture_is_made_when_it_is_due_and_once() {
    let world = World::new();
    let process = world.process();
    let id = authorized(&process).await;
    assert_eq!((world.told("payment.authorized").len(), world.booked().await[0].captured_minor), (1, 0));
    world.wait(3_599);
    assert_eq!(process.tick().await, 0);
    world.wait(2);
    let other = world.process();
    let _ = tokio::join!(process.tick(), other.tick());
    assert_eq!(process.tick().await, 0);
    assert_eq!(process.read(&id).await["status"], "succeeded");
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}

#[tokio::test]
async fn an_earlier_capture_or_a_cancellation_wins() {
    let world = World::new();
    let process = world.process();
    let id = authorized(&process).await;
    process
        .post(&format!("{INTENTS}/{id}/capture"), "c", json!({ "amount": 4_000 }))
        .await
        .is(200, "succeeded");
    world.wait(4_000);
    assert_eq!(process.tick().await, 0);
    assert_eq!(process.read(&id).await["amount_captured"], 4_000);

    let other = process.post(INTENTS, "d2", delayed()).await;
    process.post(&format!("{INTENTS}/{}/cancel", other.text("id")), "x", json!({})).await.is(200, "canceled");
    world.wait(4_000);
    assert_eq!(process.tick().await, 0);
    world.check_books().await;
}

#[tokio::test]
async fn a_delayed_capture_of_unknown_outcome_is_looked_up_and_one_that_failed_is_tried_again() {
    let world = World::new();
    let process = world.process();
    let id = authorized(&process).await;
    world.wait(3_601);
    world.line.set(Fault::Declines);
    assert_eq!(process.tick().await, 1);
    world.line.set(Fault::LosesAnswer);
    world.wait(3_601);
    assert_eq!(process.tick().await, 1);
    world.line.set(Fault::None);
    assert_eq!((process.tick().await, process.read(&id).await["status"].clone()), (0, json!("authorized")));
    world.wait(6);
    assert_eq!(process.recover().await, 1);
    assert_eq!(process.read(&id).await["status"], "succeeded");
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}

#[test]
fn a_crash_in_a_delayed_capture_neither_loses_nor_doubles_it() {
    for (fault, calls) in [(Fault::HangsAfter, 2), (Fault::HangsBefore, 3)] {
        let world = World::new();
        let id = run(async { authorized(&world.process()).await });
        world.wait(3_601);
        die_in_the_round(&world, fault);
        run(async {
            let process = world.process();
            assert_eq!(process.tick().await, 0, "its outcome is open");
            world.wait(20);
            assert_eq!(process.recover().await, 1);
            world.wait(3_601);
            process.tick().await;
            assert_eq!(process.read(&id).await["status"], "succeeded");
            assert_eq!((world.line.calls(), world.told("payment.processed").len()), (calls, 1));
            world.check_books().await;
        });
    }
}

#[tokio::test]
async fn a_delay_that_cannot_be_is_refused() {
    let world = World::new();
    let process = world.process();
    for (body, code) in [
        (with(delayed(), "capture_delay_seconds", 0), "invalid_capture_delay"),
        (with(delayed(), "capture_delay_seconds", 518_401), "invalid_capture_delay"),
        (with(delayed(), "capture_mode", "manual"), "invalid_capture_delay"),
    ] {
        process.post(INTENTS, "bad", body).await.is_problem(400, code);
    }
    assert!(world.intents().await.is_empty());
}

#[tokio::test]
async fn an_authorization_that_expires_is_voided_and_its_intent_canceled() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    world.wait(WEEK - 1);
    assert_eq!(process.tick().await, 0);
    world.wait(2);
    assert_eq!((process.tick().await, process.tick().await), (1, 0));
    let read = process.read(&id).await;
    assert_eq!(
        (&read["status"], &read["cancellation_reason"]),
        (&json!("canceled"), &json!("authorization_expired"))
    );
    assert_eq!(world.told("payment.canceled").len(), 1);
    assert!(world.booked().await[0].released);
    world.check_books().await;
}

#[test]
fn a_crash_in_the_void_of_what_expired_is_made_good() {
    for fault in [Fault::HangsAfter, Fault::HangsBefore] {
        let world = World::new();
        let id = run(async { world.process().hold().await });
        world.wait(WEEK + 1);
        die_in_the_round(&world, fault);
        run(async {
            let process = world.process();
            world.wait(20);
            assert_eq!(process.recover().await, 1);
            assert_eq!(process.read(&id).await["status"], "canceled");
            assert_eq!(world.told("payment.canceled").len(), 1);
            world.check_books().await;
        });
    }
}

#[tokio::test]
async fn what_was_taken_of_an_expired_authorization_stays_taken() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    let part = json!({ "amount": 4_000, "final_capture": false });
    process.post(&format!("{INTENTS}/{id}/capture"), "c", part).await.is(200, "succeeded");
    world.wait(WEEK + 1);
    assert_eq!(process.tick().await, 1);
    let read = process.read(&id).await;
    assert_eq!((&read["status"], &read["amount_captured"]), (&json!("succeeded"), &json!(4_000)));
    world.check_books().await;
}

#[tokio::test]
async fn what_can_no_longer_be_confirmed_is_canceled_but_not_while_an_outcome_is_open() {
    let world = World::new();
    let process = world.process();
    let soon = (world.now() + chrono::Duration::seconds(60)).to_rfc3339();
    let waiting = process.post(INTENTS, "w", with(unconfirmed("tok_visa"), "expires_at", soon.clone())).await;
    let unknown = process.post(INTENTS, "u", with(payment("tok_timeout_after"), "expires_at", soon)).await;
    unknown.is(202, "processing");
    world.wait(61);
    assert_eq!((process.tick().await, process.tick().await), (1, 0));
    let read = process.read(waiting.text("id")).await;
    assert_eq!((&read["status"], &read["cancellation_reason"]), (&json!("canceled"), &json!("expired")));
    assert_eq!(process.read(unknown.text("id")).await["status"], "succeeded", "the reader found it");
    world.check_books().await;
}
