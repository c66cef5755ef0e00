//! Refunds that a person settles, through the route.

use std::time::Duration;

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_domain::kernel::{Currency, Money, RefundId, TenantId, Topic};
use tender_domain::ports::{Avs, CallEnd, Decline, DeclineCode, GatewayAnswer};
use tender_domain::refunds::{
    CapturedCharge, OpenRefunds, OpenRefundsOf, RefundIntake, RefundNews, RefundStatus, RefundStore,
    RefundTaken, ToldRefund,
};

use crate::http::{Got, call, call_as, call_as_customer};
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
    let resolution = &settled.json["resolution"];
    let kept = json!({
        "outcome": "succeeded", "was": "processing", "by": resolution["by"], "reason": "ticket 4711",
        "at": settled.json["updated_at"],
    });
    assert_eq!(
        (resolution, resolution["by"].is_string()),
        (&kept, true),
        "who, from what to what, when and why"
    );
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

/// A refund of 60.00 of 100.00 EUR that the gateway says it did not do.
async fn failed(stage: &Stage) -> (CapturedCharge, RefundId) {
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::NotDone);
    let id = id_of(&stage.refund(&charge, Some(6_000), "k").await.unwrap());
    assert_eq!(stage.stored(id).await.status(), RefundStatus::Failed);
    (charge, id)
}

async fn read(stage: &Stage, role: &str, id: RefundId) -> Value {
    let got = call_as(stage, role, TestRequest::get().uri(&format!("/v1/payments/refunds/{id}"))).await;
    assert_eq!(got.status, 200, "{}", got.json);
    got.json
}

#[actix_web::test]
async fn one_that_failed_and_is_seen_done_in_the_dashboard_counts_once_and_is_told_after_its_failure() {
    let stage = Stage::new();
    let (charge, id) = failed(&stage).await;
    let settled = resolve(&stage, id, Some("r"), &done(None)).await;
    assert_eq!((settled.status, &settled.json["status"]), (200, &json!("succeeded")), "{}", settled.json);
    assert_eq!(
        (&settled.json["failure_reason"], &settled.json["resolution"]["was"]),
        (&Value::Null, &json!("failed"))
    );
    assert_eq!(stage.topics(), ["refund-failed", "refund.processed", "audit.recorded"]);
    let (failed, done_after) = (&stage.told()[0].1, &stage.told()[1].1);
    assert_eq!((&failed["afterSuccess"], &failed["refundId"]), (&json!(false), &done_after["refundId"]));
    assert!(failed["version"].as_i64() < done_after["version"].as_i64(), "who comes later is newer");
    assert_eq!(done_after["amountMinor"], 6_000);
    let refused = stage.refund(&charge, Some(4_001), "more").await.unwrap();
    assert_eq!(refused.answer.status, 422, "what was given back is not given back again");
    let again = resolve(&stage, id, Some("other"), &done(None)).await;
    again.is_problem(409, "nothing_to_resolve");
    let told = stage.service.take_refund(&TenantId::sandbox(), &told_done(id, "gw_p", 6_000)).await;
    assert_eq!(told, Ok(RefundTaken::Known), "the callback comes late");
    assert_eq!(stage.topics().len(), 3);
}

#[actix_web::test]
async fn one_that_failed_counts_by_the_gateways_own_late_word_too() {
    let stage = Stage::new();
    let (_, id) = failed(&stage).await;
    let told = told_done(id, "gw_1", 6_000);
    for taken in [RefundTaken::Applied, RefundTaken::Known] {
        assert_eq!(stage.service.take_refund(&TenantId::sandbox(), &told).await, Ok(taken));
    }
    assert_eq!(stage.stored(id).await.status(), RefundStatus::Succeeded);
    assert_eq!(stage.topics(), ["refund-failed", "refund.processed"]);
}

#[actix_web::test]
async fn what_others_took_meanwhile_is_refused_and_stands_in_the_queue_until_a_person_settles_it() {
    let stage = Stage::new();
    let (charge, id) = failed(&stage).await;
    let other = id_of(&stage.refund(&charge, Some(5_000), "other").await.unwrap());
    for key in ["r1", "r2"] {
        resolve(&stage, id, Some(key), &done(None)).await.is_problem(409, "refund_not_covered");
    }
    let codes: Vec<Value> = stage.told().iter().map(|(_, told)| told["code"].clone()).collect();
    assert_eq!(codes, [Value::Null, Value::Null, json!("refund_amount_conflict")], "a person is told, once");
    let queue = async || {
        let open = stage.store.open_refunds(&sandbox(), &OpenRefundsOf::Queue, None, 10).await.unwrap();
        open.iter().map(|open| open.id).collect::<Vec<RefundId>>()
    };
    assert_eq!((queue().await, stage.store.waiting_refunds().await.unwrap().for_person.count), (vec![id], 1));
    let shown = read(&stage, "admin", id).await;
    assert_eq!((&shown["status"], &shown["conflict"]["amount"]), (&json!("failed"), &json!(6_000)));
    assert_eq!(shown["actions"], json!(["reconcile_manually"]));
    let rest = stage.refund(&charge, Some(1), "rest").await.unwrap();
    assert_eq!(rest.answer.status, 422, "what the gateway gave back is not given back again");
    // The other one is taken back: now it is covered.
    let why =
        Decline { code: DeclineCode::CardDeclined, network_code: None, message: "no".into(), sca: None };
    let name = stage.stored(other).await.gateway_reference().unwrap().to_owned();
    let back = CallEnd::TakenBack { gateway_reference: name, why };
    assert_eq!(stage.service.take_refund(&sandbox(), &told_end(other, back)).await, Ok(RefundTaken::Applied));
    let settled = resolve(&stage, id, Some("r1"), &done(None)).await;
    assert_eq!((settled.status, &settled.json["status"]), (200, &json!("succeeded")), "{}", settled.json);
    assert_eq!(queue().await, []);
}

#[actix_web::test]
async fn one_that_was_called_off_and_done_after_all_stands_in_the_queue_when_others_took_its_money() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::NotNow);
    let id = id_of(&stage.refund(&charge, Some(6_000), "waits").await.unwrap());
    let path = format!("/v1/payments/refunds/{id}/cancel");
    let request = TestRequest::post().uri(&path).insert_header(("idempotency-key", "c")).set_json(json!({}));
    assert_eq!(call_as(&stage, "admin", request).await.json["status"], "canceled");
    stage.refund(&charge, Some(5_000), "other").await.unwrap();
    let told = told_done(id, "gw_1", 6_000);
    for taken in [RefundTaken::Applied, RefundTaken::Known] {
        assert_eq!(stage.service.take_refund(&sandbox(), &told).await, Ok(taken));
    }
    let alerts: Vec<Value> = stage.told().into_iter().map(|(_, told)| told).collect();
    let alerts: Vec<&Value> = alerts.iter().filter(|told| told["code"] == "refund_amount_conflict").collect();
    let [alert] = alerts.as_slice() else { panic!("a person is told, once: {alerts:?}") };
    assert!(alert["detail"].as_str().is_some_and(|detail| detail.contains("stays canceled")), "{alert}");
    let open = stage.store.open_refunds(&sandbox(), &OpenRefundsOf::Queue, None, 10).await.unwrap();
    assert_eq!(open.iter().map(|open| open.id).collect::<Vec<_>>(), [id]);
    assert_eq!(stage.store.waiting_refunds().await.unwrap().for_person.count, 1);
    let shown = read(&stage, "admin", id).await;
    assert_eq!((&shown["status"], &shown["conflict"]["amount"]), (&json!("canceled"), &json!(6_000)));
    resolve(&stage, id, Some("r1"), &done(None)).await.is_problem(409, "refund_not_covered");
    let nothing = json!({"outcome": "failed", "reason": "it was given back by hand"});
    let settled = resolve(&stage, id, Some("r2"), &nothing).await;
    assert_eq!((settled.status, &settled.json["status"]), (200, &json!("canceled")), "{}", settled.json);
    assert!(!stage.stored(id).await.waits_for_a_person());
}

#[actix_web::test]
async fn what_was_said_to_be_done_and_was_not_leaves_the_queue_and_moves_nothing() {
    let stage = Stage::new();
    let (_, id) = failed(&stage).await;
    let otherwise = stage.service.take_refund(&sandbox(), &told_done(id, "gw_1", 5_999)).await;
    assert_eq!(otherwise, Ok(RefundTaken::Applied), "kept for a person");
    assert!(stage.stored(id).await.waits_for_a_person());
    let nothing = json!({"outcome": "failed", "reason": "their support says so, ticket 4712"});
    let settled = resolve(&stage, id, Some("r"), &nothing).await;
    assert_eq!((settled.status, &settled.json["status"]), (200, &json!("failed")), "{}", settled.json);
    assert_eq!((&settled.json["conflict"], &settled.json["actions"]), (&Value::Null, &json!(["retry"])));
    assert!(!stage.stored(id).await.waits_for_a_person());
    let processed = stage.topics().iter().filter(|topic| **topic == "refund.processed").count();
    assert_eq!(processed, 0);
    resolve(&stage, id, Some("again"), &nothing).await.is_problem(409, "nothing_to_resolve");
}

#[actix_web::test]
async fn a_name_that_is_another_refunds_is_refused_for_it_would_count_twice() {
    let stage = Stage::new();
    let (charge, id) = failed(&stage).await;
    let other = id_of(&stage.refund(&charge, Some(1_000), "other").await.unwrap());
    let mut wanted = done(None);
    wanted["gateway_reference"] = stage.stored(other).await.gateway_reference().unwrap().into();
    resolve(&stage, id, Some("r"), &wanted).await.is_problem(409, "refund_named_already");
}

#[actix_web::test]
async fn customers_are_not_shown_who_settled_their_refund_and_what_they_were_told() {
    let stage = Stage::new();
    let (_, id) = failed(&stage).await;
    let _ = resolve(&stage, id, Some("r"), &done(None)).await;
    assert_eq!(read(&stage, "read_only", id).await["resolution"]["reason"], "ticket 4711");
    let path = format!("/v1/payments/refunds/{id}");
    let customer = call_as_customer(&stage, "cust_1", TestRequest::get().uri(&path)).await;
    assert_eq!((customer.status, &customer.json["status"]), (200, &json!("succeeded")), "{}", customer.json);
    assert_eq!(customer.json["resolution"], Value::Null);
    let list = call_as_customer(&stage, "cust_1", TestRequest::get().uri("/v1/payments/refunds")).await;
    assert_eq!(list.json["data"][0]["resolution"], Value::Null, "{}", list.json);
}

fn sandbox() -> TenantId {
    TenantId::sandbox()
}

fn told_end(refund: RefundId, end: CallEnd) -> ToldRefund {
    ToldRefund { connector: "simulator".into(), news: RefundNews::Ours { call: refund.into(), end } }
}

fn told_done(refund: RefundId, name: &str, minor: i64) -> ToldRefund {
    let end = CallEnd::Answered(GatewayAnswer::Approved {
        gateway_reference: name.into(),
        amount: Money::new(minor, Currency::EUR),
        captured: false,
        response_code: None,
        acquirer: None,
        avs: Avs::default(),
        sca: None,
    });
    told_end(refund, end)
}
