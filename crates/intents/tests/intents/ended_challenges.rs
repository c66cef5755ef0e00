//! Challenges that end without their customer: by time, or because their payment was given up.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tender_domain::intents::{CancelStep, Intent};
use tender_domain::kernel::{Change, Save};
use tender_domain::ports::UnknownOutcome;

use crate::crashes::run;
use crate::gateway::Fault;
use crate::rig::{INTENTS, World, payment, with};

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
