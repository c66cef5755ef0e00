//! Settings that intents obeys.

use std::sync::Arc;

use serde_json::{Value, json};
use tender_domain::kernel::EventId;
use tender_domain::ports::Consumer;
use tender_events::{Envelope, PublicEvent, SettingsChanged};
use tender_intents::SettingsOfIntents;
use uuid::Uuid;

use crate::rig::{INTENTS, Process, World, payment, unconfirmed, with};

/// Operations tells what the tenant has set.
pub(crate) async fn hear(process: &Process, version: i64, changes: Value) {
    let mut settings = json!({
        "tenantId": "acme", "allowedMethods": ["card"], "defaultCaptureMode": "auto",
        "maxAuthorizationAmounts": [], "threeDsPolicy": "automatic", "disputeRetentionDays": 730,
        "maxAttempts": 5, "allowedOrigins": [], "updatedAt": "2030-01-01T00:00:00Z", "version": version,
    });
    for (name, value) in changes.as_object().expect("an object") {
        settings[name] = value.clone();
    }
    let event: SettingsChanged = serde_json::from_value(settings).expect("it is an event");
    let message = event.into_message(Envelope { id: EventId(Uuid::nil()), traceparent: None });
    SettingsOfIntents(Arc::clone(&process.service)).handle(&message).await.expect("it is followed");
}

fn limit(minor: i64) -> Value {
    json!({ "maxAuthorizationAmounts": [{ "currency": "EUR", "amount": minor / 100, "amountMinor": minor }] })
}

#[tokio::test]
async fn what_was_refused_under_a_key_stays_refused_when_the_reason_is_gone() {
    let world = World::new();
    let process = world.process();
    let waiting = process.post(INTENTS, "waiting", unconfirmed("tok_visa")).await.text("id").to_owned();
    let confirm = format!("{INTENTS}/{waiting}/confirm");
    hear(&process, 1, limit(9_900)).await;
    let (refused, unmet) = (payment("tok_visa"), json!({}));
    process.post(INTENTS, "k", refused.clone()).await.is_problem(422, "amount_exceeds_limit");
    process.post(&confirm, "c", unmet.clone()).await.is_problem(422, "amount_exceeds_limit");
    hear(&process, 2, limit(99_000)).await;
    process.post(INTENTS, "k", refused).await.is_problem(422, "amount_exceeds_limit");
    process.post(&confirm, "c", unmet).await.is_problem(422, "amount_exceeds_limit");
    assert_eq!(process.post(INTENTS, "k", unconfirmed("tok_visa")).await.status, 422, "another request");
    assert!(world.booked().await.is_empty());
    process.post(&confirm, "other", json!({})).await.is(200, "succeeded");
}

#[tokio::test]
async fn no_more_than_the_limit_is_asked_for_by_any_way() {
    let world = World::new();
    let process = world.process();
    let before = process.post(INTENTS, "early", unconfirmed("tok_visa")).await.text("id").to_owned();
    let kept = process.post(INTENTS, "kept", payment("tok_visa")).await;
    hear(&process, 1, limit(9_900)).await;
    process.post(INTENTS, "late", payment("tok_visa")).await.is_problem(422, "amount_exceeds_limit");
    process
        .post(&format!("{INTENTS}/{before}/confirm"), "k", json!({}))
        .await
        .is_problem(422, "amount_exceeds_limit");
    let again = process.post(INTENTS, "kept", payment("tok_visa")).await;
    assert_eq!((again.replayed, again.status), (true, kept.status), "a retry gets its answer");
    let small = with(unconfirmed("tok_visa"), "amount", 9_900);
    let small = process.post(INTENTS, "small", small).await.text("id").to_owned();
    process.patch(&small, json!({ "amount": 9_901 })).await.is_problem(422, "amount_exceeds_limit");
    process.post(&format!("{INTENTS}/{small}/confirm"), "k2", json!({})).await.is(200, "succeeded");
    let dollars = with(payment("tok_visa"), "currency", "USD");
    process.post(INTENTS, "usd", dollars).await.is(201, "succeeded");
    world.check_books().await;
}

#[tokio::test]
async fn a_type_of_method_that_is_not_allowed_is_refused_by_any_way() {
    let world = World::new();
    let process = world.process();
    let bare = json!({ "amount": 100, "currency": "EUR", "customer_id": "cust_1" });
    let id = process.post(INTENTS, "bare", bare).await.text("id").to_owned();
    hear(&process, 1, json!({ "allowedMethods": ["paypal"] })).await;
    let code = "payment_method_type_not_allowed";
    process.post(INTENTS, "new", unconfirmed("tok_visa")).await.is_problem(422, code);
    let method = json!({ "payment_method_id": crate::rig::method("tok_visa") });
    process.post(&format!("{INTENTS}/{id}/attach-method"), "a", method.clone()).await.is_problem(422, code);
    process.post(&format!("{INTENTS}/{id}/confirm"), "k", method).await.is_problem(422, code);
    assert_eq!(world.line.calls(), 0);
}

#[tokio::test]
async fn what_an_intent_does_not_say_the_settings_say() {
    let world = World::new();
    let process = world.process();
    hear(&process, 2, json!({ "defaultCaptureMode": "manual", "maxAttempts": 1 })).await;
    process.post(INTENTS, "m", payment("tok_visa")).await.is(201, "requires_capture");
    process.post(INTENTS, "a", with(payment("tok_visa"), "capture_mode", "auto")).await.is(201, "succeeded");
    process.post(INTENTS, "d", payment("tok_declined")).await.is(201, "failed");
    // Older settings that come later change nothing.
    hear(&process, 1, json!({ "defaultCaptureMode": "auto" })).await;
    process.post(INTENTS, "m2", payment("tok_visa")).await.is(201, "requires_capture");
}

#[tokio::test]
async fn a_process_that_heard_nothing_reads_what_another_heard_and_other_tenants_have_the_defaults() {
    let world = World::new();
    let (one, other) = (world.process(), world.process());
    other.service.load_rules().await.expect("they can be read");
    hear(&one, 1, json!({ "defaultCaptureMode": "manual" })).await;
    other.service.load_rules().await.expect("they can be read");
    other.post(INTENTS, "m", payment("tok_visa")).await.is(201, "requires_capture");
    let fresh = world.process();
    fresh.service.load_rules().await.expect("they can be read");
    fresh.post(INTENTS, "m2", payment("tok_visa")).await.is(201, "requires_capture");
    let request = fresh.command(INTENTS, "t", &payment("tok_visa"));
    let elsewhere = fresh.call(fresh.signed(request, "other", "x", "admin")).await;
    assert_ne!(elsewhere.text("status"), "requires_capture", "{}", elsewhere.json);
}
