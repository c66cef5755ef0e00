//! Chargebacks as the annex of the adventures document has them.

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::guest_disputes::{id_of, left, opened, paid, patch, post, read, refused, resolve};
use crate::http::call;
use crate::support::Stage;

fn chargeback(reference: &str, gateway_ref: &str) -> Value {
    json!({
        "processor": "simulator", "processor_reference": reference, "gateway_ref": gateway_ref, "amount": 60.00,
        "currency": "EUR", "reason_code": "13.1", "network": "Visa", "received_at": "2026-05-01T10:00:00Z",
        "respond_by": "2026-05-12T10:00:00Z",
    })
}

#[actix_web::test]
async fn a_chargeback_is_one_dispute_and_ends_as_its_processor_says() {
    let stage = Stage::new();
    let charge = paid(&stage);
    let _ = opened(&stage, &charge, 10).await;
    let first = post(&stage, "/adventures/chargebacks", &chargeback("cb_1", "sim_ch_1")).await;
    assert_eq!(first.status, 201, "{}", first.json);
    let audited = stage.topics().iter().filter(|topic| **topic == "audit.recorded").count();
    assert_eq!(audited, 2, "who opened the dispute, and who told of the chargeback");
    let facts = (&first.json["source"], &first.json["reason"], &first.json["due_at"]);
    assert_eq!(facts, (&json!("CHARGEBACK"), &json!("SERVICE_NOT_PROVIDED"), &json!("2026-05-12T10:00:00Z")));
    assert_eq!(first.json["policy_evaluation"], Value::Null);
    let again = post(&stage, "/adventures/chargebacks", &chargeback("cb_1", "sim_ch_1")).await;
    assert_eq!((again.status, &again.json), (200, &first.json));
    let mut other = chargeback("cb_1", "sim_ch_1");
    other["amount"] = json!(61);
    refused(&post(&stage, "/adventures/chargebacks", &other).await, 409, "CONFLICT", None);
    let id = id_of(&first);
    let denied = json!({"decision": "DENIED", "reason": "ours", "version": 1});
    refused(&resolve(&stage, &id, &denied).await, 409, "PROCESSOR_DECIDES", Some("decision"));
    assert_eq!(left(&stage, &charge).await, 4_000);
    let noted = patch(&stage, &id, &json!({"add_note": "asked the guide", "version": 1})).await;
    assert_eq!(noted.json["notes"][0]["note"], "asked the guide");
    let given = json!({"decision": "FULL_REFUND", "reason": "the guest is right", "version": 2});
    let ended = resolve(&stage, &id, &given).await;
    assert_eq!((ended.status, &ended.json["status"]), (200, &json!("RESOLVED")), "{}", ended.json);
    assert_eq!(ended.json["resolution"]["refund_id"], Value::Null, "the bank has the money already");
    assert_eq!((stage.gateway.given_back(), left(&stage, &charge).await), (0, 4_000));
    let accepted = call(&stage, 1, TestRequest::get().uri("/v1/payments/disputes?status=accepted")).await;
    assert_eq!(accepted.json["data"].as_array().map(Vec::len), Some(1));
    let listed = read(&stage, "?status=RESOLVED&source=CHARGEBACK").await;
    assert_eq!(listed.json["items"][0], ended.json);
}

#[actix_web::test]
async fn a_chargeback_of_an_unknown_payment_waits_and_what_is_malformed_is_named() {
    let stage = Stage::new();
    let got = post(&stage, "/adventures/chargebacks", &chargeback("cb_9", "nobody_knows")).await;
    assert_eq!((got.status, &got.json["status"]), (202, &json!("UNMATCHED")), "{}", got.json);
    Uuid::try_parse(got.json["intake_id"].as_str().expect("an id")).expect("a UUID");
    let again = post(&stage, "/adventures/chargebacks", &chargeback("cb_9", "nobody_knows")).await;
    assert_eq!((again.status, &again.json), (202, &got.json));
    for field in ["processor", "processor_reference", "gateway_ref", "amount", "currency", "reason_code"] {
        let mut body = chargeback("cb_10", "nobody_knows");
        body.as_object_mut().expect("an object").remove(field);
        refused(&post(&stage, "/adventures/chargebacks", &body).await, 400, "VALIDATION_ERROR", Some(field));
    }
}
