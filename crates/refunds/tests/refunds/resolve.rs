//! Refunds that a person settles, through the route.

use std::time::Duration;

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_domain::kernel::{RefundId, Topic};
use tender_domain::refunds::RefundStatus;

use crate::http::{Got, call};
use crate::support::{Script, Stage, id_of};

async fn resolve(stage: &Stage, id: RefundId, key: Option<&str>, body: &Value) -> Got {
    let request = TestRequest::post().uri(&format!("/v1/payments/refunds/{id}/resolve")).set_json(body);
    let request = match key {
        Some(key) => request.insert_header(("idempotency-key", key)),
        None => request,
    };
    call(stage, 1, request).await
}

fn done(amount: Option<i64>) -> Value {
    let mut body = json!({"outcome": "succeeded", "gateway_reference": "gw_p", "reason": "ticket 4711"});
    if let Some(amount) = amount {
        body["amount"] = amount.into();
    }
    body
}

/// A refund of 100.00 EUR that went as the script says.
async fn refund(stage: &Stage, script: Script) -> RefundId {
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(script);
    id_of(&stage.refund(&charge, None, "k").await.unwrap())
}

#[actix_web::test]
async fn what_nobody_could_find_out_is_settled_once_and_told_as_the_gateways_answer() {
    let stage = Stage::new();
    let id = refund(&stage, Script::TimeoutBefore).await;
    let settled = resolve(&stage, id, Some("r"), &done(None)).await;
    assert_eq!((settled.status, &settled.json["status"]), (200, &json!("succeeded")), "{}", settled.json);
    assert_eq!(settled.json["gateway_reference"], "gw_p");
    let again = resolve(&stage, id, Some("r"), &done(None)).await;
    assert_eq!((again.status, &again.json), (200, &settled.json), "the same key is the same answer");
    let other = resolve(&stage, id, Some("other"), &done(None)).await;
    assert_eq!((other.status, &other.json["code"]), (409, &json!("nothing_to_resolve")));
    assert_eq!(stage.topics(), ["refund.processed", "audit.recorded"]);
    let (_, audit) = stage.told().into_iter().find(|(topic, _)| *topic == Topic::AUDIT_RECORDED).unwrap();
    assert_eq!((&audit["action"], &audit["reason"]), (&json!("refund.resolved"), &json!("ticket 4711")));
    assert_eq!(
        (&audit["details"]["was"], &audit["details"]["outcome"]),
        (&json!("processing"), &json!("succeeded"))
    );
    stage.clock.advance(Duration::from_secs(3_600));
    assert_eq!(stage.recovery().run_once().await.unwrap().settled, 0, "nobody asks any more");
}

#[actix_web::test]
async fn a_conflict_is_settled_by_what_was_really_given_back_and_never_by_more_than_was_asked_for() {
    let stage = Stage::new();
    let id = refund(&stage, Script::WrongAmount).await;
    let more = resolve(&stage, id, Some("r1"), &done(Some(10_001))).await;
    assert_eq!((more.status, &more.json["code"]), (422, &json!("amount_exceeds_asked")));
    let settled = resolve(&stage, id, Some("r2"), &done(Some(9_999))).await;
    assert_eq!((settled.status, &settled.json["amount"]), (200, &json!(9_999)), "{}", settled.json);
    assert_eq!(settled.json["conflict"], Value::Null);
    let (_, told) = stage.told().into_iter().find(|(topic, _)| *topic == Topic::REFUND_PROCESSED).unwrap();
    assert_eq!(told["amount"].to_string().trim_matches('"'), "99.99");
}

#[actix_web::test]
async fn what_is_malformed_known_or_was_changed_since_is_refused_and_changes_nothing() {
    let stage = Stage::new();
    let id = refund(&stage, Script::TimeoutBefore).await;
    let nameless = json!({"outcome": "succeeded", "reason": "ticket 4711"});
    let mute = json!({"outcome": "failed", "reason": " "});
    let stale = json!({"outcome": "failed", "reason": "ticket 4711", "version": 1});
    for (key, body, status, code) in [
        (None, &done(None), 400, "idempotency_key_required"),
        (Some("a"), &nameless, 422, "gateway_reference_required"),
        (Some("b"), &mute, 400, "reason_required"),
        (Some("c"), &done(Some(0)), 400, "invalid_amount"),
        (Some("d"), &stale, 412, "stale_version"),
    ] {
        let refused = resolve(&stage, id, key, body).await;
        assert_eq!((refused.status, &refused.json["code"]), (status, &json!(code)), "{}", refused.json);
    }
    assert_eq!(stage.stored(id).await.status(), RefundStatus::Processing);
    let known = refund(&Stage::new(), Script::Approve).await;
    let unknown = resolve(&stage, known, Some("e"), &done(None)).await;
    assert_eq!(unknown.status, 404, "another's");
}
