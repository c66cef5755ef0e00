//! The hotels dialect refunds as its annex has it, and what was paid for a reservation that is given up goes back once.

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_domain::kernel::{Change, Currency, IntentId, Message, Save, TenantId, Version};
use tender_domain::ports::{Clock as _, Consumer, Ids, UnitOfWork as _};
use tender_domain::refund_policy::{RefundPolicies, RefundPolicy, RefundPolicyStore as _, TimeTier};
use tender_domain::refunds::CapturedCharge;
use tender_events::{Envelope, OrderChanged, PublicEvent};
use tender_refunds::RefundsOfCancellations;
use tender_testkit::RandomIds;

use crate::http::{Got, call};
use crate::support::{Script, Stage};

async fn refund(stage: &Stage, body: Value, key: Option<&str>) -> Got {
    let request = TestRequest::post().uri("/hotels/refunds").set_json(&body);
    let request = match key {
        Some(key) => request.insert_header(("idempotency-key", key)),
        None => request,
    };
    call(stage, 1, request).await
}

fn wanted(charge: &CapturedCharge) -> Value {
    json!({ "payment_id": charge.intent_id.uuid(), "amount": 40.50, "reason": "noise", "channel": "AGENT" })
}

#[track_caller]
fn refused(got: &Got, status: u16, code: &str, field: Option<&str>) {
    assert_eq!((got.status, got.json["error"].as_str()), (status, Some(code)), "{}", got.json);
    assert_eq!(got.json["field"], json!(field), "{}", got.json);
}

#[actix_web::test]
async fn an_agents_refund_is_made_once_for_its_key_and_says_by_whom() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let first = refund(&stage, wanted(&charge), Some("k")).await;
    assert_eq!((first.status, &first.json["status"]), (201, &json!("COMPLETED")), "{}", first.json);
    let again = refund(&stage, wanted(&charge), Some("k")).await;
    assert_eq!((again.status, &again.json), (201, &first.json));
    assert_eq!(stage.gateway.given_back(), 4_050);
    let told = &stage.told()[0].1["metadata"];
    assert_eq!((&told["reason"], &told["channel"]), (&json!("noise"), &json!("AGENT")));
    assert!(told["agent_id"].as_str().is_some_and(|agent| !agent.is_empty()), "who calls: {told}");
}

#[actix_web::test]
async fn an_agent_whom_the_booking_system_names_is_told_with_the_refund_and_nobody_asks_for_an_automatic_one()
{
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let with = |channel: &str, agent: &str| {
        let mut body = wanted(&charge);
        body["channel"] = json!(channel);
        body["agent_id"] = json!(agent);
        body
    };
    assert_eq!(refund(&stage, with("AGENT", "usr_ben"), None).await.status, 201);
    assert_eq!(stage.told()[0].1["metadata"]["agent_id"], "usr_ben");
    for (channel, agent) in [("AUTOMATIC", "usr_ben"), ("AGENT", ""), ("AGENT", "a\nb")] {
        let got = refund(&stage, with(channel, agent), None).await;
        refused(&got, 400, "VALIDATION_ERROR", Some("agent_id"));
    }
    let got = refund(&stage, with("AGENT", "4242424242424242"), None).await;
    refused(&got, 422, "CARD_NUMBER_DETECTED", Some("agent_id"));
    assert_eq!(stage.gateway.given_back(), 4_050);
}

#[actix_web::test]
async fn a_refund_that_is_not_known_yet_is_initiated() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::TimeoutAfter);
    let got = refund(&stage, wanted(&charge), None).await;
    assert_eq!((got.status, &got.json["status"]), (202, &json!("INITIATED")), "{}", got.json);
    let other = stage.charge(&[10_000]);
    stage.gateway.next(Script::NotNow);
    let got = refund(&stage, wanted(&other), None).await;
    assert_eq!((got.status, &got.json["status"]), (201, &json!("INITIATED")), "it is tried again");
}

#[actix_web::test]
async fn each_refusal_has_its_code_and_its_field() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let with = |field: &str, value: Value| {
        let mut body = wanted(&charge);
        body[field] = value;
        body
    };
    for (field, value) in [
        ("payment_id", json!("nonsense")),
        ("payment_id", Value::Null),
        ("amount", json!(1.005)),
        ("amount", json!("1")),
        ("reason", json!(" ")),
        ("channel", json!("GUEST")),
        ("channel", Value::Null),
    ] {
        let got = refund(&stage, with(field, value), None).await;
        refused(&got, 400, "VALIDATION_ERROR", Some(field));
    }
    let unknown = with("payment_id", json!("0190a6f0-2c1e-7b3a-9c4d-5e6f70819203"));
    refused(&refund(&stage, unknown, None).await, 404, "PAYMENT_NOT_FOUND", None);
    let more = refund(&stage, with("amount", json!(100.01)), None).await;
    refused(&more, 422, "REFUND_EXCEEDS_PAYMENT", Some("amount"));
    let card = refund(&stage, with("reason", json!("4242424242424242")), None).await;
    refused(&card, 422, "CARD_NUMBER_DETECTED", Some("reason"));
    assert_eq!(stage.gateway.given_back(), 0);
    assert_eq!(refund(&stage, with("amount", json!(100)), None).await.status, 201);
    refused(&refund(&stage, with("amount", json!(1)), None).await, 409, "NOT_REFUNDABLE", None);
}

fn given_up(stage: &Stage, refund: Vec<IntentId>) -> Message {
    told(event(stage, refund))
}

pub(crate) fn told(event: OrderChanged) -> Message {
    let ids: &dyn Ids = &RandomIds;
    event.into_message(Envelope { id: ids.event(), traceparent: None })
}

pub(crate) fn event(stage: &Stage, refund: Vec<IntentId>) -> OrderChanged {
    OrderChanged {
        order_id: "R-1".to_owned(),
        kind: "reservation".to_owned(),
        status: "canceled".to_owned(),
        amount: "300.00".parse().expect("a decimal"),
        amount_minor: 30_000,
        currency: Currency::EUR,
        paid_by: refund.clone(),
        refund,
        refund_reason: None,
        starts_at: None,
        product_type: None,
        rate_plan: None,
        tenant_id: TenantId::sandbox(),
        version: Version::new(3),
        changed_at: stage.clock.now(),
    }
}

/// Ten days before it starts, at a rate plan.
pub(crate) fn given_up_early(stage: &Stage, refund: Vec<IntentId>, rate_plan: &str) -> OrderChanged {
    OrderChanged {
        refund_reason: Some("GUEST_CANCELLATION".to_owned()),
        starts_at: Some(stage.clock.now() + std::time::Duration::from_secs(10 * 86_400)),
        rate_plan: Some(rate_plan.to_owned()),
        ..event(stage, refund)
    }
}

/// Half of it back a week before, a tenth of a rafting trip, and nothing at the rate plan `STRICT`.
async fn with_policies(stage: &Stage) {
    let strict = RefundPolicy {
        policy_id: "strict".to_owned(),
        rate_plan: Some("STRICT".to_owned()),
        tiers: Vec::new(),
        ..RefundPolicy::standard()
    };
    let rafting = RefundPolicy {
        policy_id: "rafting".to_owned(),
        product_type: Some("rafting".to_owned()),
        tiers: vec![TimeTier { hours_before_start: 24, percentage_bps: 1_000 }],
        ..RefundPolicy::standard()
    };
    let policies = vec![RefundPolicy::standard(), rafting, strict];
    let policies =
        RefundPolicies::first(TenantId::sandbox(), policies, stage.clock.now()).expect("good ones");
    let change = Change::of(TenantId::sandbox()).save(Save::<RefundPolicies>::new(policies));
    assert!(stage.store.commit(change).await.is_ok());
}

#[actix_web::test]
async fn a_cancellation_gives_back_what_the_policy_gives_and_keeps_why() {
    let stage = Stage::new();
    with_policies(&stage).await;
    let charge = stage.charge(&[10_000]);
    let follower = RefundsOfCancellations::new(stage.service.clone());
    let first = given_up_early(&stage, vec![charge.intent_id], "FLEX");
    follower.handle(&told(first.clone())).await.expect("it can be refunded");
    assert_eq!(stage.gateway.given_back(), 5_000, "ten days before: half of it");
    let metadata = stage.told()[0].1["metadata"].clone();
    assert_eq!((&metadata["channel"], &metadata["policy_rule"]), (&json!("AUTOMATIC"), &json!("time:168h")));
    let arithmetic = metadata["policy_arithmetic"].as_str().expect("the steps");
    assert!(arithmetic.contains("50 % of 100.00 EUR is 50.00 EUR"), "{arithmetic}");
    let evaluation = metadata["policy_evaluation_id"].as_str().expect("an id").parse().expect("of ours");
    let kept = stage.store.policy_evaluation(&TenantId::sandbox(), evaluation).await.expect("it can be read");
    let kept = kept.expect("it is kept");
    assert_eq!((kept.intent_id, kept.evaluated.eligible_amount.minor()), (charge.intent_id, 5_000));
    // The same again, also when time has passed and another policy would count: the evaluation that was kept decides.
    stage.clock.advance(std::time::Duration::from_secs(9 * 86_400));
    let again = OrderChanged { changed_at: stage.clock.now(), ..first };
    follower.handle(&told(again)).await.expect("nothing is left to do");
    assert_eq!(stage.gateway.given_back(), 5_000);
}

#[actix_web::test]
async fn a_cancellation_is_decided_by_the_policy_of_what_was_ordered() {
    let stage = Stage::new();
    with_policies(&stage).await;
    let charges = [stage.charge(&[10_000]), stage.charge(&[10_000])];
    let follower = RefundsOfCancellations::new(stage.service.clone());
    let rafting = |nth: usize, plan: &str| OrderChanged {
        product_type: Some("rafting".to_owned()),
        ..given_up_early(&stage, vec![charges[nth].intent_id], plan)
    };
    follower.handle(&told(rafting(0, "FLEX"))).await.expect("it can be refunded");
    assert_eq!(stage.gateway.given_back(), 1_000, "a tenth");
    // The rate plan's comes before the product type's.
    follower.handle(&told(rafting(1, "STRICT"))).await.expect("nothing is to go back");
    assert_eq!(stage.gateway.given_back(), 1_000);
}

#[actix_web::test]
async fn what_the_policy_gives_nothing_of_stays_and_what_came_after_a_cancellation_goes_back_whole() {
    let stage = Stage::new();
    with_policies(&stage).await;
    let (kept, late) = (stage.charge(&[10_000]), stage.charge(&[7_000]));
    let follower = RefundsOfCancellations::new(stage.service.clone());
    let strict = given_up_early(&stage, vec![kept.intent_id], "STRICT");
    follower.handle(&told(strict)).await.expect("nothing is to go back");
    assert_eq!(stage.gateway.given_back(), 0);
    let after = OrderChanged {
        refund_reason: Some("PAID_AFTER_CANCELLATION".to_owned()),
        ..given_up_early(&stage, vec![late.intent_id], "STRICT")
    };
    follower.handle(&told(after)).await.expect("it can be refunded");
    assert_eq!(stage.gateway.given_back(), 7_000);
    assert_eq!(stage.told()[0].1["metadata"]["policy_rule"], "paid_after_cancellation");
}

#[actix_web::test]
async fn what_was_paid_for_a_reservation_that_is_given_up_goes_back_once_however_often_it_is_told() {
    let stage = Stage::new();
    let (charge, kept) = (stage.charge(&[10_000]), stage.charge(&[7_000]));
    let part = refund(&stage, wanted(&charge), None).await;
    assert_eq!(part.status, 201);
    let follower = RefundsOfCancellations::new(stage.service.clone());
    follower.handle(&given_up(&stage, Vec::new())).await.expect("nothing is to go back");
    for _ in 0..2 {
        follower.handle(&given_up(&stage, vec![charge.intent_id])).await.expect("it can be refunded");
    }
    assert_eq!(stage.gateway.given_back(), 10_000, "the rest of it, once; nothing of {}", kept.intent_id);
    let metadata = &stage.told()[1].1["metadata"];
    assert_eq!(
        (&metadata["channel"], &metadata["policy_rule"]),
        (&json!("AUTOMATIC"), &json!("no_policies_set"))
    );
}
