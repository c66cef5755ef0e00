//! Delayed captures, expiry, and challenges that nobody meets.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tender_domain::intents::{CancelStep, Intent};
use tender_domain::kernel::{Change, Save};
use tender_domain::ports::UnknownOutcome;

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

#[tokio::test]
async fn a_challenge_that_nobody_meets_ends_as_a_failed_attempt() {
    let world = World::new();
    let process = world.process();
    let id = process.pay("tok_challenge").await.text("id").to_owned();
    world.wait(1_790);
    assert_eq!(process.tick().await, 0);
    world.wait(20);
    assert_eq!((process.tick().await, process.tick().await), (1, 0));
    let read = process.read(&id).await;
    assert_eq!(read["status"], "requires_payment_method");
    assert_eq!(read["last_payment_error"]["decline_code"], "authentication_abandoned");
    assert_eq!(world.told("payment-failed").len(), 1);
    let late =
        process.post(&format!("{INTENTS}/{id}/3ds/complete"), "3ds", json!({ "result": "success" })).await;
    late.is_problem(409, "intent_status");
    world.check_books().await;
}

#[tokio::test]
async fn a_gateway_that_cannot_be_asked_gives_the_challenge_up_before_it_ends_here() {
    let world = World::new();
    world.line.clears_up_by(UnknownOutcome::Replay { key_life: Duration::from_secs(24 * 3600) });
    let process = world.process();
    let id = process.pay("tok_challenge").await.text("id").to_owned();
    world.wait(1_801);
    world.line.set(Fault::LosesAnswer);
    process.tick().await;
    assert_eq!((process.read(&id).await["status"].as_str(), world.line.given_up()), (Some("processing"), 1));
    world.line.set(Fault::None);
    world.wait(60);
    process.recover().await;
    let read = process.read(&id).await;
    assert_eq!(read["last_payment_error"]["decline_code"], "authentication_abandoned");
    assert_eq!((read["status"].as_str(), world.line.given_up()), (Some("requires_payment_method"), 2));
    world.check_books().await;
}

#[tokio::test]
async fn a_challenge_that_was_met_at_the_last_moment_is_not_given_up() {
    let world = World::new();
    world.line.clears_up_by(UnknownOutcome::Replay { key_life: Duration::from_secs(24 * 3600) });
    let process = world.process();
    let id = process.pay("tok_challenge").await.text("id").to_owned();
    let attempt = world.intents().await[0].attempts[0].id.to_string();
    world.complete_at_the_gateway(&attempt).await;
    world.wait(1_801);
    process.tick().await;
    assert_eq!(process.read(&id).await["status"], "succeeded");
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}

#[tokio::test]
async fn a_challenge_that_nobody_can_ask_about_is_unknown_and_never_failed() {
    let replay = UnknownOutcome::Replay { key_life: Duration::from_secs(24 * 3600) };
    for (how, met) in
        [(UnknownOutcome::Lookup, true), (UnknownOutcome::Lookup, false), (replay, true), (replay, false)]
    {
        let world = World::new();
        world.line.clears_up_by(how);
        let process = world.process();
        let id = process.pay("tok_challenge").await.text("id").to_owned();
        let attempt = world.intents().await[0].attempts[0].id.to_string();
        if met {
            world.complete_at_the_gateway(&attempt).await;
        }
        world.line.set(Fault::Away);
        for _ in 0..6 {
            world.wait(1_801);
            process.tick().await;
            process.recover().await;
        }
        assert_eq!(process.read(&id).await["status"], "processing", "{how:?}");
        assert_eq!(world.told("payment-failed").len(), 0);
        world.line.set(Fault::None);
        world.wait(4_100);
        process.recover().await;
        let read = process.read(&id).await;
        let expected = if met { "succeeded" } else { "requires_payment_method" };
        assert_eq!(read["status"], expected, "{how:?}");
        world.check_books().await;
    }
}

#[tokio::test]
async fn a_challenge_that_was_met_and_whose_payment_is_given_up_or_expires_is_paid() {
    let replay = UnknownOutcome::Replay { key_life: Duration::from_secs(24 * 3600) };
    for how in [UnknownOutcome::Lookup, replay] {
        for expires in [false, true] {
            let world = World::new();
            world.line.clears_up_by(how);
            let process = world.process();
            let soon = (world.now() + chrono::Duration::seconds(60)).to_rfc3339();
            let body = with(payment("tok_challenge"), "expires_at", soon);
            let id = process.post(INTENTS, "pay", body).await.text("id").to_owned();
            let attempt = world.intents().await[0].attempts[0].id.to_string();
            world.complete_at_the_gateway(&attempt).await;
            if expires {
                world.wait(61);
                process.tick().await;
            } else {
                let path = format!("{INTENTS}/{id}/cancel");
                process.post(&path, "c", json!({})).await.is(200, "succeeded");
            }
            assert_eq!(process.read(&id).await["status"], "succeeded", "{how:?}, expires: {expires}");
            assert_eq!(world.told("payment.canceled").len(), 0);
            world.check_books().await;
        }
    }
}

#[tokio::test]
async fn what_expires_with_an_open_challenge_gives_it_up_at_the_gateway() {
    let world = World::new();
    world.line.clears_up_by(UnknownOutcome::CallbackOnly);
    let process = world.process();
    let soon = (world.now() + chrono::Duration::seconds(60)).to_rfc3339();
    let body = with(payment("tok_challenge"), "expires_at", soon);
    let id = process.post(INTENTS, "pay", body).await.text("id").to_owned();
    world.wait(61);
    process.tick().await;
    assert_eq!((process.read(&id).await["status"].as_str(), world.line.given_up()), (Some("failed"), 1));
    world.check_books().await;
}

#[tokio::test]
async fn a_canceled_challenge_is_given_up_at_the_gateway_before_the_payment_is_told_as_canceled() {
    let world = World::new();
    world.line.clears_up_by(UnknownOutcome::Replay { key_life: Duration::from_secs(24 * 3600) });
    let process = world.process();
    let id = process.pay("tok_challenge").await.text("id").to_owned();
    let path = format!("{INTENTS}/{id}/cancel");
    process.post(&path, "c", json!({})).await.is(200, "canceled");
    process.post(&path, "c", json!({})).await.is(200, "canceled");
    assert_eq!((world.line.given_up(), world.told("payment.canceled").len()), (1, 1));
    world.check_books().await;
}

#[tokio::test]
async fn a_canceled_challenge_that_its_gateway_does_not_hear_of_is_given_up_later() {
    for how in [UnknownOutcome::Lookup, UnknownOutcome::CallbackOnly] {
        let world = World::new();
        world.line.clears_up_by(how);
        let process = world.process();
        let id = process.pay("tok_challenge").await.text("id").to_owned();
        world.line.set(Fault::Away);
        let path = format!("{INTENTS}/{id}/cancel");
        let asked = process.post(&path, "c", json!({})).await;
        asked.is(202, "processing");
        assert_eq!(asked.json["cancel_requested"], true);
        assert_eq!(world.told("payment.canceled").len(), 0);
        world.line.set(Fault::None);
        world.wait(60);
        process.recover().await;
        assert_eq!(process.read(&id).await["status"], "canceled", "{how:?}");
        assert_eq!(world.told("payment.canceled").len(), 1);
        assert_eq!(world.told("payment-failed").len(), 0);
        world.check_books().await;
    }
}

#[test]
fn a_crash_between_a_cancellation_and_the_question_is_made_good() {
    let world = World::new();
    world.line.clears_up_by(UnknownOutcome::CallbackOnly);
    run(async {
        let process = world.process();
        let id = process.pay("tok_challenge").await.text("id").to_owned();
        let intent = Arc::new(world.intents().await.remove(0));
        let Ok(CancelStep::ChallengeOpen { intent: asked, .. }) = intent.cancel("no", world.now()) else {
            panic!("a challenge is open")
        };
        // The commit of a process that died behind it.
        let change = Change::of(intent.tenant.clone()).save(Save::<Intent>::changed(intent, Arc::new(asked)));
        assert!(world.store.commit(change).await.is_ok());
        world.wait(20);
        assert_eq!(process.recover().await, 1);
        assert_eq!(
            (process.read(&id).await["status"].as_str(), world.line.given_up()),
            (Some("canceled"), 1)
        );
    });
}

#[tokio::test]
async fn a_challenge_is_met_or_abandoned_and_never_both() {
    for _ in 0..10 {
        let world = World::new();
        let process = world.process();
        let id = process.pay("tok_challenge").await.text("id").to_owned();
        world.wait(1_801);
        let path = format!("{INTENTS}/{id}/3ds/complete");
        let (_, answer) =
            tokio::join!(process.tick(), process.post(&path, "3ds", json!({ "result": "success" })));
        let read = process.read(&id).await;
        let told = (world.told("payment.processed").len(), world.told("payment-failed").len());
        match read["status"].as_str() {
            Some("succeeded") => assert_eq!(told, (1, 0), "{}", answer.json),
            Some("requires_payment_method") => assert_eq!(told, (0, 1), "{}", answer.json),
            other => panic!("{other:?}"),
        }
        world.check_books().await;
    }
}

#[tokio::test]
async fn a_customer_who_met_the_challenge_and_never_came_back_has_paid() {
    let world = World::new();
    let process = world.process();
    let id = process.pay("tok_challenge").await.text("id").to_owned();
    // At the gateway, behind our back.
    let attempt = world.intents().await[0].attempts[0].id.to_string();
    world.complete_at_the_gateway(&attempt).await;
    world.wait(1_801);
    assert_eq!(process.tick().await, 1);
    assert_eq!(process.read(&id).await["status"], "succeeded");
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}
