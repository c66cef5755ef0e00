//! Captures that somebody makes in the gateway's dashboard become captures of the charge, once, and never instead of ours.

use serde_json::json;
use tender_domain::intents::{CallbackState, CallbackStore, GatewayCallback};
use tender_domain::kernel::{CallbackId, Currency, Money, Version};
use tender_domain::ports::{
    CallKind, GatewayFact, OutsideCapture, RaiseEvent, SandboxEventKind, SandboxGateway,
};
use tender_simulator::Misbehaviour;
use uuid::Uuid;

use crate::callbacks::{script, states};
use crate::rig::{INTENTS, Process, World};

const HELD: i64 = 10_000;

/// What a process was told of the dashboard, the newest first.
async fn kept(process: &Process) -> Vec<GatewayCallback> {
    let tenant = crate::rig::acme();
    let kept = process.callback_store.callbacks(Some(&tenant), 100).await.expect("in memory");
    kept.into_iter().filter(|one| matches!(one.fact, GatewayFact::CapturedOutside(_))).collect()
}

/// Acts on what is kept, as if its next try were now.
async fn act(world: &World, process: &Process) {
    world.wait(3_600);
    process.callbacks.act_once().await.expect("in memory");
}

#[actix_web::test]
async fn it_is_adopted_with_its_event_and_once() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    process.simulate("outside.captured", &id).await;
    assert_eq!(world.tell(&process).await, 1);
    assert_eq!(states(&process).await, [CallbackState::Applied]);
    let intent = process.read(&id).await;
    assert_eq!((&intent["status"], &intent["amount_captured"]), (&json!("succeeded"), &json!(HELD)));
    let told = world.told("payment.processed");
    assert_eq!(
        (told.len(), &told[0]["origin"], &told[0]["amountMinor"]),
        (1, &json!("gateway"), &json!(HELD))
    );
    let charges = process.get(&format!("{INTENTS}/{id}/charges")).await.json;
    assert_eq!(charges["data"][0]["captures"][0]["origin"], "gateway");
    assert_eq!(world.told("alert.raised").len(), 0);
    world.check_books().await;

    // The gateway tells it once more, as another event.
    let again = kept(&process).await.remove(0);
    let pending = CallbackState::Pending;
    let again = GatewayCallback {
        event_id: "another event".to_owned(),
        state: pending,
        next_try_at: Some(world.now()),
        ..again
    };
    process.callback_store.keep(&[again]).await.expect("in memory");
    act(&world, &process).await;
    let mut seen = states(&process).await;
    seen.sort_by_key(|state| state.as_str());
    assert_eq!(seen, [CallbackState::Applied, CallbackState::Known]);
    assert_eq!(world.told("payment.processed").len(), 1);
}

#[actix_web::test]
async fn a_crash_between_its_effect_and_its_row_books_it_once() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    process.simulate("outside.captured", &id).await;
    process.forget_settling(true);
    world.tell(&process).await;
    assert_eq!(states(&process).await, [CallbackState::Pending]);
    process.forget_settling(false);
    act(&world, &process).await;
    assert_ne!(states(&process).await, [CallbackState::Pending]);
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}

#[actix_web::test]
async fn it_waits_while_a_capture_of_ours_is_unknown_and_is_adopted_when_ours_was_not_done() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    // Ours never arrives, and nobody knows that yet.
    script(&world, CallKind::Capture, &[Misbehaviour::TimeoutBefore]);
    process.post(&format!("{INTENTS}/{id}/capture"), "take", json!({})).await;
    process.simulate("outside.captured", &id).await;
    world.tell(&process).await;
    let waiting = kept(&process).await.remove(0);
    assert_eq!((waiting.state, waiting.failures), (CallbackState::Pending, 1));
    assert!(waiting.note.is_some_and(|note| note.contains("we asked for")));
    assert_eq!(process.read(&id).await["amount_captured"], 0, "nothing is booked on a guess");

    // Until it is known that ours was not done.
    for _ in 0..40 {
        world.wait(3_600);
        process.recover().await;
    }
    act(&world, &process).await;
    let intent = process.read(&id).await;
    assert_eq!((&intent["status"], &intent["amount_captured"]), (&json!("succeeded"), &json!(HELD)));
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}

#[actix_web::test]
async fn it_is_a_contradiction_when_ours_had_taken_all() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    script(&world, CallKind::Capture, &[Misbehaviour::TimeoutAfter]);
    process.post(&format!("{INTENTS}/{id}/capture"), "take", json!({})).await;
    let refused = process.simulate("outside.captured", &id).await;
    refused.is_problem(422, "simulation_refused");
    // What the simulator refuses to lie about is made up.
    let attempt = world.intents().await.remove(0).attempts.remove(0);
    let told = OutsideCapture {
        authorization: attempt.id.to_string(),
        payment_reference: None,
        gateway_reference: "cap_of_the_dashboard".to_owned(),
        amount: Money::new(HELD, Currency::EUR),
        is_final: true,
        taken_back: None,
    };
    let callback = GatewayCallback {
        id: CallbackId::from_uuid(Uuid::from_u128(1)),
        version: Version::FIRST,
        round: 0,
        tenant: Some(crate::rig::acme()),
        connector: attempt.connector,
        event_id: "evt_1".to_owned(),
        event_type: "outside.capture".to_owned(),
        occurred_at: world.now(),
        received_at: world.now(),
        fact: GatewayFact::CapturedOutside(Box::new(told)),
        body: "{}".to_owned(),
        state: CallbackState::Pending,
        failures: 0,
        next_try_at: Some(world.now()),
        note: None,
    };
    process.callback_store.keep(&[callback]).await.expect("in memory");
    process.callbacks.act_once().await.expect("in memory");
    assert_eq!(kept(&process).await[0].state, CallbackState::Pending, "ours is unknown");
    world.wait(60);
    process.recover().await;
    assert_eq!(process.read(&id).await["status"], "succeeded");
    act(&world, &process).await;
    assert_eq!(kept(&process).await[0].state, CallbackState::Contradicted);
    let alerts = world.told("alert.raised");
    assert_eq!((alerts.len(), &alerts[0]["code"]), (1, &json!("callback_contradiction")));
    assert_eq!(world.told("payment.processed").len(), 1, "never a second booking");
    world.check_books().await;
}

/// The tool that raises it died between the gateway's books and its own answer: asked again, it tells what it raised.
#[actix_web::test]
async fn what_the_sandbox_raised_before_a_crash_is_told_again_and_not_raised_once_more() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    let body = json!({ "type": "outside.captured", "intent_id": id });
    let event = RaiseEvent {
        tenant: crate::rig::acme(),
        reference: world.intents().await[0].attempts[0].id.to_string(),
        kind: SandboxEventKind::OutsideCapture,
        delay: std::time::Duration::ZERO,
        request: Some("POST /v1/payments/test/simulate/k".to_owned()),
    };
    let raised = world.line.simulator.raise(&event).await.expect("something is held");
    for is_repeated in [false, true] {
        let answer = process.post("/v1/payments/test/simulate", "k", body.clone()).await;
        assert_eq!((answer.status, answer.replayed), (202, is_repeated), "{}", answer.json);
        assert_eq!(answer.json["event_ids"], json!(raised));
    }
    let other = process.post("/v1/payments/test/simulate", "other", body).await;
    other.is_problem(422, "simulation_refused");
    assert_eq!(world.tell(&process).await, 1);
    assert_eq!(world.told("payment.processed").len(), 1);
}
