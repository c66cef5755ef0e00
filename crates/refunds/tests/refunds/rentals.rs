//! The rentals dialect refunds as its document has it.

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_domain::kernel::TenantId;
use tender_domain::ports::{DeclineCode, NumberKind, Numbering};
use tender_domain::refunds::CapturedCharge;

use crate::http::{Got, call};
use crate::support::{Script, Stage, new_id};

const PATH: &str = "/rentals/payments/refund";

pub(crate) async fn number(stage: &Stage, charge: &CapturedCharge) -> i64 {
    let ids = [charge.intent_id.uuid()];
    let numbers = stage.numbers.numbers(&TenantId::sandbox(), NumberKind::Payment, &ids).await;
    numbers.expect("memory can be read")[0]
}

/// A charge of 100.00 EUR, and the document's example of its refund.
async fn example(stage: &Stage) -> (CapturedCharge, Value) {
    let charge = stage.charge(&[10_000]);
    let body = json!({
        "payment_id": number(stage, &charge).await, "amount": 100.00, "reason": "Booking cancellation",
    });
    (charge, body)
}

async fn refund(stage: &Stage, body: &Value, key: Option<&str>) -> Got {
    let request = TestRequest::post().uri(PATH).set_json(body);
    let request = match key {
        Some(key) => request.insert_header(("idempotency-key", key)),
        None => request,
    };
    call(stage, 1, request).await
}

#[track_caller]
fn refused(got: &Got, status: u16, code: &str) {
    assert_eq!((got.status, got.json["error_code"].as_str()), (status, Some(code)), "{}", got.json);
    assert_eq!((&got.json["status"], got.header("content-type")), (&json!("error"), "application/json"));
    assert!(got.json["message"].as_str().is_some_and(|message| !message.is_empty()));
}

fn with(body: &Value, field: &str, value: impl Into<Value>) -> Value {
    let mut body = body.clone();
    body[field] = value.into();
    body
}

#[actix_web::test]
async fn the_documents_example_refunds_the_payment() {
    let stage = Stage::new();
    let (_, body) = example(&stage).await;
    let got = refund(&stage, &body, None).await;
    assert_eq!(got.status, 200, "{}", got.json);
    let made = &got.json["data"]["refund"];
    let expected = json!({
        "status": "success", "message": "Refund processed",
        "data": { "refund": {
            "id": 1, "payment_id": body["payment_id"], "amount": made["amount"], "currency": "EUR",
            "reason": "Booking cancellation", "status": "completed", "transaction_id": made["transaction_id"],
            "created_at": made["created_at"],
        } },
    });
    assert_eq!(got.json, expected);
    assert_eq!(made["amount"].to_string(), "100.00");
    assert!(made["transaction_id"].is_string() && got.header("ratelimit").contains("requests"));
    refused(&refund(&stage, &with(&body, "amount", 1), None).await, 400, "PAYMENT_NOT_REFUNDABLE");
}

#[actix_web::test]
async fn with_a_key_a_request_sent_again_gives_nothing_back_again() {
    let stage = Stage::new();
    let (_, body) = example(&stage).await;
    let part = with(&body, "amount", 10);
    let first = refund(&stage, &part, Some("k")).await;
    let again = refund(&stage, &part, Some("k")).await;
    assert_eq!((again.status, &again.json), (200, &first.json));
    assert_eq!(again.header("idempotent-replayed"), "true");
    refused(&refund(&stage, &with(&body, "amount", 11), Some("k")).await, 422, "VALIDATION_ERROR");
    assert_eq!(stage.gateway.given_back(), 1_000);
}

#[actix_web::test]
async fn a_refund_that_the_gateway_refuses_is_the_documents_500_kept_under_its_key() {
    let stage = Stage::new();
    let (_, body) = example(&stage).await;
    stage.gateway.next(Script::Decline(DeclineCode::DoNotHonor));
    for _ in 0..2 {
        refused(&refund(&stage, &body, Some("k")).await, 500, "REFUND_FAILED");
    }
    assert_eq!(refund(&stage, &body, None).await.status, 200, "nothing was given back, so it can be again");
    stage.gateway.next(Script::TimeoutAfter);
    let (_, other) = example(&stage).await;
    let lost = refund(&stage, &other, None).await;
    assert_eq!(
        (lost.status, &lost.json["data"]["refund"]["status"]),
        (202, &json!("pending")),
        "{}",
        lost.json
    );
}

#[actix_web::test]
async fn every_refusal_is_the_documents_envelope_and_code() {
    let stage = Stage::new();
    let (charge, body) = example(&stage).await;
    let uncaptured = stage.charge(&[]);
    stage.charges.not_captured.lock().expect("no holder panics").push(uncaptured.intent_id);
    let never_made = CapturedCharge { intent_id: new_id(), ..charge.clone() };
    let bad = (400, "VALIDATION_ERROR");
    for (body, (status, code)) in [
        (json!({}), bad),
        (with(&body, "payment_id", "1"), bad),
        (with(&body, "amount", Value::Null), bad),
        (with(&body, "amount", 0), bad),
        (with(&body, "amount", -1), bad),
        (with(&body, "amount", "1"), bad),
        (with(&body, "amount", 1.001), bad),
        (with(&body, "reason", Value::Null), bad),
        (with(&body, "reason", " "), bad),
        (with(&body, "reason", "x".repeat(501)), bad),
        (with(&body, "reason", "card 4242424242424242"), (422, "CARD_NUMBER_DETECTED")),
        (with(&body, "amount", 100.01), (400, "REFUND_AMOUNT_EXCESSIVE")),
        (with(&body, "payment_id", 99), (404, "PAYMENT_NOT_FOUND")),
        (with(&body, "payment_id", number(&stage, &never_made).await), (404, "PAYMENT_NOT_FOUND")),
        (with(&body, "payment_id", number(&stage, &uncaptured).await), (400, "PAYMENT_NOT_REFUNDABLE")),
    ] {
        refused(&refund(&stage, &body, None).await, status, code);
    }
    let post = || TestRequest::post().uri(PATH).set_json(&body);
    refused(&call(&stage, 2, post()).await, 403, "PERMISSION_DENIED");
    refused(&call(&stage, 3, post()).await, 404, "PAYMENT_NOT_FOUND");
    assert_eq!(stage.gateway.given_back(), 0);
}
