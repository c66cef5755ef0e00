//! Who began a refund, and who replaced rules, is in the audit log by the same change.

use std::time::Duration;

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_domain::ports::Consumer as _;
use tender_domain::refunds::CapturedCharge;
use tender_refunds::{BulkRefunds, RefundsOfCancellations};

use crate::guest_disputes::{opened, paid, resolve};
use crate::hotels::{event, told};
use crate::http::call;
use crate::support::{Script, Stage};

/// The audit log's lines of one action, in order.
fn lines(stage: &Stage, action: &str) -> Vec<Value> {
    let told = stage.all_told().into_iter().map(|(_, body)| body);
    told.filter(|body| body["action"] == action).collect()
}

async fn keyed(stage: &Stage, path: &str, body: &Value) -> u16 {
    let request = TestRequest::post().uri(path).insert_header(("idempotency-key", "k")).set_json(body);
    call(stage, 1, request).await.status
}

/// A refund of 40.00 EUR through a door; asked for twice with one key.
async fn through(stage: &Stage, door: &str, charge: &CapturedCharge) {
    let payment = charge.intent_id.uuid();
    let (path, body) = match door {
        "core" => (
            "/v1/payments/refunds".to_owned(),
            json!({ "charge_id": charge.charge_id, "amount": 4_000, "reason": "fraud" }),
        ),
        "store credit" => (
            "/v1/payments/refunds".to_owned(),
            json!({ "charge_id": charge.charge_id, "amount": 4_000, "refund_method": "store_credit" }),
        ),
        "bulk" => (
            "/v1/payments/refunds/bulk".to_owned(),
            json!({ "refunds": [{ "charge_id": charge.charge_id, "amount": 4_000 }] }),
        ),
        "adventures" => {
            (format!("/adventures/payments/{payment}/refund"), json!({ "amount": 40.00, "reason": "storm" }))
        }
        "hotels" => (
            "/hotels/refunds".to_owned(),
            json!({ "payment_id": payment, "amount": 40.00, "reason": "noise", "channel": "AGENT" }),
        ),
        _ => (
            "/rentals/payments/refund".to_owned(),
            json!({ "payment_id": crate::rentals::number(stage, charge).await, "amount": 40.00, "reason": "no" }),
        ),
    };
    for _ in 0..2 {
        let status = keyed(stage, &path, &body).await;
        assert!(status < 300, "{door}: {status}");
        let worker = BulkRefunds::new(stage.service.clone(), Duration::from_secs(1));
        worker.run_once().await.unwrap();
    }
}

#[actix_web::test]
async fn who_began_a_refund_is_in_the_audit_log_once_by_whichever_door() {
    for door in ["core", "store credit", "bulk", "adventures", "hotels", "rentals"] {
        let stage = Stage::new();
        let charge = paid(&stage);
        through(&stage, door, &charge).await;
        let lines = lines(&stage, "refund.created");
        let [line] = lines.as_slice() else { panic!("{door}: {lines:?}") };
        assert_eq!(
            (&line["details"]["amount"], &line["service"]),
            (&json!("40.00 EUR"), &json!("refunds")),
            "{door}"
        );
        assert_eq!(line["intentId"], json!(charge.intent_id), "{door}");
        assert!(line["subject"].as_str().is_some_and(|subject| !subject.is_empty()), "{door}: {line}");
        let told = stage.told().into_iter().find(|(topic, _)| topic.name() == "refund.processed");
        assert_eq!(line["resourceId"], told.expect("it was made").1["refundId"], "{door}");
    }
}

#[actix_web::test]
async fn a_refund_that_follows_by_itself_or_from_a_decision_is_in_the_audit_log_as_well() {
    let stage = Stage::new();
    let charge = paid(&stage);
    let follower = RefundsOfCancellations::new(stage.service.clone());
    for _ in 0..2 {
        follower.handle(&told(event(&stage, vec![charge.intent_id]))).await.expect("it can be refunded");
    }
    let subjects: Vec<Value> =
        lines(&stage, "refund.created").into_iter().map(|line| line["subject"].clone()).collect();
    assert_eq!(subjects, [json!("order.changed")]);

    let stage = Stage::new();
    let charge = paid(&stage);
    let id = opened(&stage, &charge, 50).await;
    let decided = json!({"decision": "FULL_REFUND", "reason": "the guest is right", "version": 1});
    assert_eq!(resolve(&stage, &id, &decided).await.status, 200);
    let created = lines(&stage, "refund.created");
    assert_eq!(created.len(), 1, "{created:?}");
    assert_eq!(created[0]["subject"], lines(&stage, "guest_dispute.resolved")[0]["subject"]);
}

#[actix_web::test]
async fn a_refund_whose_end_is_not_known_was_begun_and_one_that_was_refused_was_not() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::TimeoutAfter);
    stage.refund(&charge, Some(4_000), "unknown").await.unwrap();
    assert_eq!(lines(&stage, "refund.created").len(), 1, "it is in the change that began it");
    assert_eq!(stage.refund(&charge, Some(9_000), "too much").await.unwrap().answer.status, 422);
    assert_eq!(lines(&stage, "refund.created").len(), 1);
}

#[actix_web::test]
async fn who_replaced_refund_policies_and_tiers_is_in_the_audit_log_with_what_was_there() {
    let stage = Stage::new();
    let policies = |days: u32, version: i64| {
        json!({"policies": [{"policy_id": "own", "tiers": [
        {"hours_before_start": days * 24, "percentage_bps": 5_000}]}], "version": version})
    };
    let tiers = |first: i64, version: i64| json!({"base_currency": "EUR", "limits": {"EUR": {"tier_1": first, "tier_2": 5_000}}, "version": version});
    for (path, action, bodies) in [
        ("/v1/payments/refund-policies", "refund_policies.replaced", [policies(2, 0), policies(3, 1)]),
        ("/v1/payments/dispute-tiers", "dispute_tiers.replaced", [tiers(1_000, 0), tiers(2_000, 1)]),
    ] {
        let mut answers = Vec::new();
        for body in &bodies {
            let put = call(&stage, 1, TestRequest::put().uri(path).set_json(body)).await;
            assert_eq!(put.status, 200, "{}", put.json);
            answers.push(put.json);
        }
        let stale = call(&stage, 1, TestRequest::put().uri(path).set_json(&bodies[0])).await;
        stale.is_problem(412, "stale_version");
        let lines = lines(&stage, action);
        assert_eq!(lines.len(), 2, "{lines:?}");
        let rules = |line: &Value, name: &str| -> Value {
            line["details"][name].as_str().map_or(Value::Null, |text| serde_json::from_str(text).unwrap())
        };
        assert_eq!(
            (rules(&lines[0], "rules"), rules(&lines[0], "rules_before")),
            (answers[0].clone(), Value::Null)
        );
        assert_eq!(
            (rules(&lines[1], "rules"), rules(&lines[1], "rules_before")),
            (answers[1].clone(), answers[0].clone())
        );
        assert_eq!((&lines[1]["version"], &lines[1]["resourceId"]), (&json!(2), &json!("sandbox")));
    }
}
