//! What is refused of guests' disputes, and when people are reminded of them.

use std::sync::Arc;

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_refunds::DisputeReminders;
use uuid::Uuid;

use crate::guest_disputes::{DISPUTES, opened, paid, patch, post, refused, resolve, wanted};
use crate::http::call;
use crate::support::Stage;

#[actix_web::test]
async fn every_refusal_has_the_annexes_shape_and_code() {
    let stage = Stage::new();
    let charge = paid(&stage);
    for (field, value, status, code, at) in [
        ("reason", json!("BORED"), 400, "VALIDATION_ERROR", "reason"),
        ("requested_amount", json!(0), 400, "VALIDATION_ERROR", "requested_amount"),
        ("requested_amount", json!(1.001), 400, "VALIDATION_ERROR", "requested_amount"),
        ("requested_amount", Value::Null, 400, "VALIDATION_ERROR", "requested_amount"),
        ("description", json!(" "), 400, "VALIDATION_ERROR", "description"),
        ("description", json!("4242424242424242"), 422, "CARD_NUMBER_DETECTED", "description"),
    ] {
        let mut body = wanted(&charge, &json!(10));
        body[field] = value;
        refused(&post(&stage, DISPUTES, &body).await, status, code, Some(at));
    }
    for (field, value) in [("payment_id", Uuid::from_u128(9)), ("guest_id", Uuid::from_u128(9))] {
        let mut body = wanted(&charge, &json!(10));
        body[field] = json!(value);
        refused(&post(&stage, DISPUTES, &body).await, 404, "PAYMENT_NOT_FOUND", None);
    }
    let id = opened(&stage, &charge, 10).await;
    for (body, status, code, field) in [
        (
            json!({"decision": "PARTIAL_REFUND", "reason": "x", "version": 1}),
            422,
            "AMOUNT_REQUIRED",
            "amount",
        ),
        (
            json!({"decision": "PARTIAL_REFUND", "amount": 10.01, "reason": "x", "version": 1}),
            400,
            "VALIDATION_ERROR",
            "amount",
        ),
        (
            json!({"decision": "FULL_REFUND", "amount": 9, "reason": "x", "version": 1}),
            400,
            "VALIDATION_ERROR",
            "amount",
        ),
        (json!({"decision": "MAYBE", "reason": "x", "version": 1}), 400, "VALIDATION_ERROR", "decision"),
        (json!({"decision": "DENIED", "version": 1}), 400, "VALIDATION_ERROR", "reason"),
        (json!({"decision": "DENIED", "reason": "x"}), 400, "VALIDATION_ERROR", "version"),
        (json!({"decision": "DENIED", "reason": "x", "version": 7}), 409, "VERSION_CONFLICT", "version"),
    ] {
        refused(&resolve(&stage, &id, &body).await, status, code, Some(field));
    }
    let unknown = Uuid::from_u128(9).to_string();
    let denied = json!({"decision": "DENIED", "reason": "x", "version": 1});
    refused(&resolve(&stage, &unknown, &denied).await, 404, "DISPUTE_NOT_FOUND", None);
    refused(&patch(&stage, "9", &json!({"version": 1})).await, 404, "DISPUTE_NOT_FOUND", None);
    let (path, list) = (format!("{DISPUTES}/{id}"), TestRequest::get().uri(DISPUTES));
    refused(&call(&stage, 3, TestRequest::get().uri(&path)).await, 404, "DISPUTE_NOT_FOUND", None);
    assert_eq!(call(&stage, 3, list).await.json["items"], json!([]), "another tenant's");
    let read_only = TestRequest::patch().uri(&path).set_json(json!({"version": 1}));
    refused(&call(&stage, 2, read_only).await, 403, "FORBIDDEN", None);
    assert_eq!(stage.gateway.given_back(), 0);
}

#[actix_web::test]
async fn people_are_reminded_of_a_dispute_at_each_distance_once_and_no_more_when_it_is_decided() {
    let stage = Stage::new();
    let charge = paid(&stage);
    let id = opened(&stage, &charge, 10).await;
    let day = std::time::Duration::from_secs(24 * 3_600);
    let round = async || {
        let worker = DisputeReminders::new(Arc::clone(&stage.service), day, 10);
        worker.run_once().await.unwrap()
    };
    assert_eq!(round().await, 0);
    stage.clock.advance(day * 11);
    assert_eq!((round().await, round().await), (1, 0), "three days before, once");
    stage.clock.advance(day * 2);
    assert_eq!((round().await, round().await), (1, 0), "a day before");
    let told = stage.told().into_iter().filter(|(topic, _)| topic.name() == "alert.raised");
    let alerts: Vec<Value> = told.map(|(_, alert)| alert).collect();
    assert_eq!(alerts.len(), 2);
    assert!(alerts.iter().all(|alert| alert["code"] == "dispute_due"), "{alerts:?}");
    let other = opened(&stage, &charge, 20).await;
    let denied = json!({"decision": "DENIED", "reason": "no", "version": 1});
    for id in [&id, &other] {
        assert_eq!(resolve(&stage, id, &denied).await.status, 200);
    }
    stage.clock.advance(day * 13);
    assert_eq!(round().await, 0, "both are decided");
}

#[actix_web::test]
async fn one_payment_has_a_bounded_number_of_disputes_that_are_open_at_once() {
    let stage = Stage::new();
    let charge = paid(&stage);
    let mut last = String::new();
    for _ in 0..20 {
        last = opened(&stage, &charge, 1).await;
    }
    let one_more = wanted(&charge, &json!(1));
    refused(&post(&stage, DISPUTES, &one_more).await, 409, "TOO_MANY_DISPUTES", None);
    let denied = json!({"decision": "DENIED", "reason": "no storm", "version": 1});
    assert_eq!(resolve(&stage, &last, &denied).await.status, 200);
    assert_eq!(post(&stage, DISPUTES, &one_more).await.status, 201, "what is resolved is not open");
}

#[actix_web::test]
async fn one_dispute_has_a_bounded_number_of_notes_and_is_still_worked_on() {
    let stage = Stage::new();
    let charge = paid(&stage);
    let id = opened(&stage, &charge, 10).await;
    for version in 1..=200 {
        let noted = patch(&stage, &id, &json!({"add_note": "seen", "version": version})).await;
        assert_eq!(noted.status, 200, "{}", noted.json);
    }
    let one_more = patch(&stage, &id, &json!({"add_note": "seen", "version": 201})).await;
    refused(&one_more, 422, "TOO_MANY_NOTES", Some("add_note"));
    assert_eq!(patch(&stage, &id, &json!({"assigned_to": "bob", "version": 201})).await.status, 200);
}
