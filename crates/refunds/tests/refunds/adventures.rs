//! The adventures dialect refunds as its annex has it.

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_domain::refunds::CapturedCharge;
use uuid::Uuid;

use crate::http::{Got, call};
use crate::support::{Script, Stage, new_id};

fn post(payment: impl ToString, body: &Value, key: Option<&str>) -> TestRequest {
    let path = format!("/adventures/payments/{}/refund", payment.to_string());
    let request = TestRequest::post().uri(&path).set_json(body);
    match key {
        Some(key) => request.insert_header(("idempotency-key", key)),
        None => request,
    }
}

async fn refund(stage: &Stage, charge: &CapturedCharge, body: Value, key: Option<&str>) -> Got {
    call(stage, 1, post(charge.intent_id.uuid(), &body, key)).await
}

#[track_caller]
fn refused(got: &Got, status: u16, code: &str, field: Option<&str>) {
    assert_eq!((got.status, got.json["error"].as_str()), (status, Some(code)), "{}", got.json);
    assert_eq!(got.json["field"], json!(field), "{}", got.json);
    assert_eq!(got.header("content-type"), "application/json");
    assert!(got.json["message"].as_str().is_some_and(|message| !message.is_empty()));
    assert!(got.json.as_object().expect("an object").contains_key("trace_id"));
}

#[actix_web::test]
async fn a_refund_is_answered_with_every_field_of_the_annex() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let got = refund(&stage, &charge, json!({ "amount": 49.50, "reason": "storm" }), Some("k")).await;
    assert_eq!((got.status, got.header("content-type")), (201, "application/json"), "{}", got.json);
    assert_eq!(got.json["amount"].to_string(), "49.50");
    let id = Uuid::try_parse(got.json["refund_id"].as_str().expect("a text")).expect("a UUID");
    let expected = json!({
        "refund_id": id, "payment_id": charge.intent_id.uuid(), "amount": got.json["amount"], "reason": "storm",
        "gateway_ref": got.json["gateway_ref"], "status": "COMPLETED", "created_at": got.json["created_at"],
    });
    assert_eq!(got.json, expected);
    assert!(got.json["gateway_ref"].as_str().is_some_and(|reference| reference.starts_with("gw_")));
    assert_eq!(stage.told()[0].1["metadata"]["reason"], "storm", "others are told the reason");
    let rest = refund(&stage, &charge, json!({ "reason": "all of it" }), None).await;
    assert_eq!(
        (rest.status, rest.json["amount"].to_string()),
        (201, "50.50".to_owned()),
        "without an amount, the rest"
    );
    assert_eq!(stage.gateway.given_back(), 10_000);
}

#[actix_web::test]
async fn with_a_key_a_request_sent_again_gives_nothing_back_again() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let body = json!({ "amount": 10, "reason": "storm" });
    let first = refund(&stage, &charge, body.clone(), Some("k")).await;
    let again = refund(&stage, &charge, body.clone(), Some("k")).await;
    assert_eq!((again.json, again.status), (first.json, 201));
    let other = refund(&stage, &charge, json!({ "amount": 11, "reason": "storm" }), Some("k")).await;
    refused(&other, 409, "IDEMPOTENCY_CONFLICT", None);
    let without = refund(&stage, &charge, body, None).await;
    assert_eq!(without.status, 201);
    assert_eq!(stage.gateway.given_back(), 2_000, "without a key it is another refund");
}

#[actix_web::test]
async fn a_refund_whose_outcome_is_not_known_is_pending() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::TimeoutAfter);
    let got = refund(&stage, &charge, json!({ "reason": "storm" }), None).await;
    assert_eq!((got.status, &got.json["status"]), (202, &json!("PENDING")), "{}", got.json);
    assert_eq!(got.json["gateway_ref"], Value::Null);
}

#[actix_web::test]
async fn every_refusal_has_the_annexes_shape_and_code() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let uncaptured = new_id();
    stage.charges.not_captured.lock().expect("no holder panics").push(uncaptured);
    let good = json!({ "amount": 1, "reason": "storm" });
    for (body, status, code, field) in [
        (json!({ "amount": 100.01, "reason": "x" }), 422, "REFUND_EXCEEDS_PAYMENT", "amount"),
        (json!({ "amount": 0, "reason": "x" }), 400, "VALIDATION_ERROR", "amount"),
        (json!({ "amount": -1, "reason": "x" }), 400, "VALIDATION_ERROR", "amount"),
        (json!({ "amount": 1.001, "reason": "x" }), 400, "VALIDATION_ERROR", "amount"),
        (json!({ "amount": "1", "reason": "x" }), 400, "VALIDATION_ERROR", "amount"),
        (json!({ "amount": 1 }), 400, "VALIDATION_ERROR", "reason"),
        (json!({ "amount": 1, "reason": " " }), 400, "VALIDATION_ERROR", "reason"),
        (json!({ "amount": 1, "reason": "x".repeat(501) }), 400, "VALIDATION_ERROR", "reason"),
        (json!({ "amount": 1, "reason": "card 4242424242424242" }), 422, "CARD_NUMBER_DETECTED", "reason"),
    ] {
        refused(&refund(&stage, &charge, body, None).await, status, code, Some(field));
    }
    let unknown: Uuid = Uuid::from_u128(77);
    refused(&call(&stage, 1, post(unknown, &good, None)).await, 404, "PAYMENT_NOT_FOUND", None);
    refused(&call(&stage, 1, post("456", &good, None)).await, 404, "PAYMENT_NOT_FOUND", None);
    let uncaptured: tender_domain::kernel::IntentId = uncaptured;
    refused(&call(&stage, 1, post(uncaptured.uuid(), &good, None)).await, 409, "NOT_REFUNDABLE", None);
    refused(&call(&stage, 2, post(charge.intent_id.uuid(), &good, None)).await, 403, "FORBIDDEN", None);
    refused(
        &call(&stage, 3, post(charge.intent_id.uuid(), &good, None)).await,
        404,
        "PAYMENT_NOT_FOUND",
        None,
    );
    assert_eq!(stage.gateway.given_back(), 0);
    let all = refund(&stage, &charge, json!({ "reason": "all" }), None).await;
    assert_eq!(all.status, 201);
    refused(&refund(&stage, &charge, good, None).await, 409, "NOT_REFUNDABLE", None);
}
