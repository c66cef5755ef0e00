//! What decisions do to payments.

use std::sync::Arc;

use actix_web::test::TestRequest;
use async_trait::async_trait;
use serde_json::json;
use tender_domain::fraud::{FraudContext, RiskScore, RiskScorer, RiskScorerError};
use tender_domain::kernel::TenantId;
use tender_intents::IntentsOptions;

use super::rig::{OVERRIDE, above, ten_an_hour};
use crate::adventures;
use crate::rentals;
use crate::rig::{CUSTOMER, INTENTS, World, payment, unconfirmed, with};
use crate::vault::TestMethods;

#[tokio::test]
async fn a_denied_payment_is_failed_for_good_and_no_gateway_is_asked() {
    let world = World::new();
    let process = world.process();
    let rule = process.rule(above(&json!({ "action": "deny" }))).await;
    let denied = process.pay("tok_visa").await;
    denied.is(201, "failed");
    let error = &denied.json["last_payment_error"];
    assert_eq!((&error["code"], &error["retryable"]), (&json!("fraud_denied"), &json!(false)));
    assert_eq!(error["attempt_id"], json!(null));
    assert_eq!(denied.json["fraud"]["action"], "deny");
    assert_eq!((world.line.calls(), world.booked().await.len()), (0, 0));

    let decision = denied.json["fraud"]["decision_id"].as_str().expect("it names its decision");
    let read = process.get(&format!("/v1/payments/fraud/decisions/{decision}")).await;
    assert_eq!((read.status, &read.json["reasons"][0]["rule_id"]), (200, &json!(rule)), "{}", read.json);
    assert_eq!(read.json["payment_intent_id"], denied.json["id"]);
    let told = world.told("payment-failed");
    assert_eq!((told.len(), &told[0]["errorCode"]), (1, &json!("FRAUD_DENIED")));

    let again = process.pay("tok_visa").await;
    assert_eq!((again.replayed, &again.json), (true, &denied.json));
    let path = format!("{INTENTS}/{}/confirm", denied.text("id"));
    process.post(&path, "late", json!({})).await.is_problem(409, "intent_status");
}

#[tokio::test]
async fn storefronts_are_told_that_a_payment_was_denied_and_may_try_again() {
    let world = World::new();
    let process = adventures::process(&world).await;
    let mut rule = above(&json!({ "action": "deny" }));
    rule["condition"]["amount_above"]["currency"] = json!("USD");
    let rule = process.rule(rule).await;
    let denied = adventures::post(&process, &adventures::payment("tok_visa", "key")).await;
    let said = (denied.status, denied.text("status"), denied.text("decline_reason"));
    assert_eq!(said, (201, "FAILED", "FRAUD_DENIED"), "{}", denied.json);
    let details = adventures::details(&process, &denied).await;
    let statuses: Vec<_> = adventures::steps(&details).map(|step| step["status"].clone()).collect();
    assert_eq!(statuses, ["PENDING", "FAILED"], "{details}");

    let process = rentals::process(&world).await;
    let booking = rentals::payment(rentals::method(&world, "tok_visa").await);
    let denied = rentals::pay(&process, &booking).await;
    rentals::refused(&denied, 500, "PAYMENT_FAILED");
    assert!(denied.text("message").contains("FRAUD_DENIED"), "{}", denied.json);
    assert_eq!((world.line.calls(), world.booked().await.len()), (0, 0));
    let path = format!("/v1/payments/fraud/rules/{rule}");
    let removed = process.call(process.signed(TestRequest::delete().uri(&path), "acme", "m", "admin")).await;
    assert_eq!(removed.status, 200, "{}", removed.json);
    assert_eq!(rentals::pay(&process, &booking).await.status, 200, "it did not claim the booking");
}

#[tokio::test]
async fn an_intent_that_is_confirmed_later_is_denied_then_and_its_retry_gets_the_same_answer() {
    let world = World::new();
    let process = world.process();
    let created = process.post(INTENTS, "c", unconfirmed("tok_visa")).await;
    process.rule(above(&json!({ "action": "deny" }))).await;
    let path = format!("{INTENTS}/{}/confirm", created.text("id"));
    let denied = process.post(&path, "k", json!({})).await;
    denied.is(200, "failed");
    let again = process.post(&path, "k", json!({})).await;
    assert_eq!((again.status, again.replayed, &again.json), (200, true, &denied.json));
    assert_eq!(world.line.calls(), 0);
}

#[tokio::test]
async fn a_challenged_payment_asks_the_gateway_for_authentication_and_an_allowed_one_does_not() {
    let world = World::new();
    let process = world.process();
    process.rule(above(&json!({ "points": 60 }))).await;
    let challenged = process.pay("tok_visa").await;
    assert_eq!(
        challenged.json["fraud"],
        json!({
            "decision_id": challenged.json["fraud"]["decision_id"], "score": 60, "action": "challenge",
        })
    );
    assert!(world.line.asked_for_authentication());
    assert_eq!(challenged.json["status"], "requires_action", "{}", challenged.json);
    let small = process.post(INTENTS, "small", with(payment("tok_visa"), "amount", 100)).await;
    small.is(201, "succeeded");
    assert_eq!(small.json["fraud"]["action"], "allow");
    assert!(!world.line.asked_for_authentication());
    world.check_books().await;
}

#[tokio::test]
async fn what_is_told_of_device_and_addresses_counts_at_the_confirmation() {
    let world = World::new();
    let process = world.process();
    process
        .rule(json!({
            "name": "countries differ",
            "condition": { "country_mismatch": { "first": "billing", "second": "ip" } },
            "effect": { "points": 40 },
        }))
        .await;
    process
        .rule(json!({
            "name": "known device",
            "condition": { "blocked_device": { "fingerprints": ["d1"] } },
            "effect": { "points": 45 },
        }))
        .await;
    let body = with(unconfirmed("tok_visa"), "device", json!({ "ip": "203.0.113.7", "ip_country": "FR" }));
    let created = process.post(INTENTS, "c", body).await;
    let id = created.text("id").to_owned();
    let score = json!({ "intent_id": id, "billing_address": { "country": "DE", "city": "Kiel" } });
    let scored = process.post("/v1/payments/fraud/score", "s", score.clone()).await;
    assert_eq!(
        (scored.status, &scored.json["score"], &scored.json["action"]),
        (200, &json!(40), &json!("allow"))
    );
    let again = process.post("/v1/payments/fraud/score", "s", score).await;
    assert_eq!((again.replayed, &again.json), (true, &scored.json));
    assert_eq!(process.read(&id).await["fraud"]["decision_id"], scored.json["id"]);
    let confirm = json!({ "device": { "fingerprint": "d1" } });
    let denied = process.post(&format!("{INTENTS}/{id}/confirm"), "k", confirm).await;
    denied.is(200, "failed");
    assert_eq!(denied.json["fraud"]["score"], 85);
}

#[tokio::test]
async fn an_amount_that_is_not_the_orders_fires_the_rule_for_it() {
    let world = World::new();
    let process = world.process();
    process
        .rule(json!({
            "name": "not the order's amount", "condition": { "order_amount_mismatch": {} }, "effect": { "action": "deny" },
        }))
        .await;
    let order = json!({ "kind": "order", "customer_id": CUSTOMER, "amount": 10_000, "currency": "EUR" });
    let put = actix_web::test::TestRequest::put().uri("/v1/payments/orders/o1").set_json(order);
    assert_eq!(process.call(process.signed(put, "acme", CUSTOMER, "admin")).await.status, 201);
    let ordered = with(payment("tok_visa"), "order_ref", "o1");
    let less = process.post(INTENTS, "less", with(ordered.clone(), "amount", 9_999)).await;
    less.is(201, "failed");
    process.post(INTENTS, "right", ordered).await.is(201, "succeeded");
    process.post(INTENTS, "none", payment("tok_visa")).await.is(201, "succeeded");
}

#[tokio::test]
async fn a_blocked_bin_and_a_blocked_card_are_denied() {
    let world = World::new();
    let process = world.process();
    process
        .rule(json!({
            "name": "bin", "condition": { "blocked_bin": { "bins": ["555555"] } }, "effect": { "action": "deny" },
        }))
        .await;
    let card = json!({ "blocked_card": { "fingerprints": ["fingerprint of tok_amex"] } });
    process.rule(json!({ "name": "card", "condition": card, "effect": { "action": "deny" } })).await;
    process.pay("tok_visa").await.is(201, "succeeded");
    process.pay("tok_mastercard").await.is(201, "failed");
    process.pay("tok_amex").await.is(201, "failed");
}

#[tokio::test]
async fn velocity_counts_what_went_on_within_the_window_also_after_a_restart() {
    let world = World::new();
    let process = world.process();
    process.rule(ten_an_hour()).await;
    for number in 0..10 {
        process.post(INTENTS, &format!("k{number}"), payment("tok_visa")).await.is(201, "succeeded");
    }
    let restarted = world.process();
    restarted.post(INTENTS, "eleven", payment("tok_visa")).await.is(201, "failed");
    restarted.post(INTENTS, "other-card", payment("tok_amex")).await.is(201, "succeeded");
    world.wait(4_000);
    restarted.post(INTENTS, "later", payment("tok_visa")).await.is(201, "succeeded");
    world.check_books().await;
}

#[tokio::test]
async fn an_override_forces_what_becomes_of_a_payment_and_is_told_to_the_audit() {
    let world = World::new();
    let process = world.process();
    process.rule(above(&json!({ "action": "deny" }))).await;
    let body = json!({ "customer_id": CUSTOMER, "action": "allow", "reason": "known guest" });
    let made = process.post(OVERRIDE, "o", body).await;
    assert_eq!((made.status, &made.json["created_by"]), (201, &json!(CUSTOMER)), "{}", made.json);
    let paid = process.pay("tok_visa").await;
    paid.is(201, "succeeded");
    assert_eq!(paid.json["fraud"]["action"], "allow");
    let told = world.told("audit.recorded");
    let last = told.last().expect("it was told");
    assert_eq!((&last["action"], &last["reason"]), (&json!("fraud.override.created"), &json!("known guest")));
    let deny = json!({ "customer_id": CUSTOMER, "action": "deny", "reason": "stolen phone" });
    assert_eq!(process.post(OVERRIDE, "o2", deny).await.status, 201);
    process.post(INTENTS, "denied", with(payment("tok_visa"), "amount", 1)).await.is(201, "failed");
    world.wait(24 * 3_600 + 1);
    process.post(INTENTS, "over", with(payment("tok_visa"), "amount", 1)).await.is(201, "succeeded");
}

/// A scorer that never answers, or always fails, or says 90.
struct Scorer(Option<u8>);

#[async_trait]
impl RiskScorer for Scorer {
    async fn score(&self, _: &TenantId, _: &FraudContext) -> Result<RiskScore, RiskScorerError> {
        match self.0 {
            Some(0) => std::future::pending().await,
            Some(points) => Ok(RiskScore { points, explanation: "looks odd".to_owned() }),
            None => Err(RiskScorerError("it is down".to_owned())),
        }
    }
}

#[tokio::test]
async fn an_outside_scorer_counts_and_its_failure_never_stops_a_payment() {
    for (scorer, status, reason) in [
        (Scorer(Some(90)), "failed", "scorer"),
        (Scorer(None), "succeeded", "scorer_unavailable"),
        (Scorer(Some(0)), "succeeded", "scorer_unavailable"),
    ] {
        let mut world = World::new();
        world.scorer = Some(Arc::new(scorer));
        let process = world.process();
        let paid = process.pay("tok_visa").await;
        paid.is(201, status);
        let decision = paid.json["fraud"]["decision_id"].as_str().expect("a decision");
        let read = process.get(&format!("/v1/payments/fraud/decisions/{decision}")).await;
        assert_eq!(read.json["reasons"][0]["code"], reason);
        let detail = read.json["reasons"][0]["detail"].as_str().expect("it says why");
        assert_eq!(detail.contains(" ms)"), reason == "scorer", "how long it took: {detail}");
    }
}

#[tokio::test]
async fn where_the_scorer_must_have_spoken_a_payment_without_its_word_is_not_tried_and_can_be_sent_again() {
    for silent in [None, Some(0)] {
        let mut world = World::new();
        world.scorer = Some(Arc::new(Scorer(silent)));
        let options = IntentsOptions { scorer_fails_closed: true, ..IntentsOptions::default() };
        let process = world.process_with(Arc::new(TestMethods), options);
        let refused = process.post(INTENTS, "k", payment("tok_visa")).await;
        refused.is_problem(503, "service_unavailable");
        assert_eq!((world.line.calls(), world.intents().await.len()), (0, 0), "nothing was tried");
        // The same request, once it speaks.
        world.scorer = Some(Arc::new(Scorer(Some(1))));
        let process = world.process_with(Arc::new(TestMethods), options);
        process.post(INTENTS, "k", payment("tok_visa")).await.is(201, "succeeded");
        world.check_books().await;
    }
}

#[tokio::test]
async fn transactions_and_charges_show_the_score_that_fraud_gave() {
    let world = World::new();
    let process = world.process();
    let before = process.pay("tok_mastercard").await;
    process.rule(above(&json!({ "points": 20 }))).await;
    let paid = process.pay("tok_visa").await;
    paid.is(201, "succeeded");
    for (intent, score) in [(&before, json!(null)), (&paid, json!(20))] {
        let path = format!("{INTENTS}/{}", intent.text("id"));
        let told = process.get(&format!("{path}/transactions")).await.json;
        let rows = told["data"].as_array().expect("a list");
        assert_eq!(rows.len(), 2, "an authorization and its capture: {told}");
        assert!(rows.iter().all(|row| row["risk_score"] == score), "{told}");
        let charges = process.get(&format!("{path}/charges")).await.json;
        assert_eq!(charges["data"][0]["risk_score"], score, "{charges}");
    }
}
