//! Payments at Worldpay and at Square, which are doubles of their APIs: from a client's token to the ledger, with what they
//! tell by themselves through the real route.

use std::time::{Duration, Instant};

use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::disputed::Dispute;
use crate::program::{Place, Running, output};
use crate::square_rules::{LOCATION, Square, TOKEN};
use crate::standin::Double;
use crate::worldpay_rules::{ENTITY, PASSWORD, USERNAME, Worldpay};

const NOTIFICATION_URL: &str = "https://pay.example.com/v1/payments/webhook/gateway/square";

pub(crate) async fn method(tender: &Running, token: &str) -> Value {
    let body = json!({"type": "card", "token": token});
    let (status, method) = tender.call("POST", "/v1/payments/methods", Some(&body)).await;
    assert_eq!(status, 201, "{method}");
    method["id"].clone()
}

pub(crate) async fn pay(tender: &Running, method: &Value, mode: &str) -> Value {
    let body = json!({"amount": 5194, "currency": "EUR", "confirm": true, "payment_method_id": method,
        "capture_mode": mode});
    let (status, intent) = tender.call("POST", "/v1/payments/intents", Some(&body)).await;
    assert_eq!(status, 201, "{intent}");
    intent
}

pub(crate) fn path(intent: &Value, more: &str) -> String {
    format!("/v1/payments/intents/{}{more}", intent["id"].as_str().expect("an id"))
}

/// Waits until what is read is as it should be.
pub(crate) async fn shows(tender: &Running, path: &str, is_there: impl Fn(&Value) -> bool) -> Value {
    let limit = Instant::now() + Duration::from_secs(30);
    loop {
        let (_, now) = tender.call("GET", path, None).await;
        if is_there(&now) {
            return now;
        }
        assert!(Instant::now() < limit, "{path}: {now}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Sends what a gateway tells, signed by it; the status of the answer.
pub(crate) async fn tell(tender: &Running, connector: &str, header: (&str, String), body: &Value) -> u16 {
    let sent = reqwest::Client::new()
        .post(format!("{}/v1/payments/webhook/gateway/{connector}", tender.url))
        .header(header.0, header.1)
        .body(body.to_string());
    sent.send().await.expect("an answer").status().as_u16()
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().to_vec()
}

async fn at_worldpay(tender: &Running, body: &Value) -> u16 {
    let signature = HEXLOWER.encode(&mac(b"secret", &[body.to_string().as_bytes()]));
    tell(tender, "worldpay", ("Event-Signature", format!("k1/SHA256/{signature}")), body).await
}

async fn at_square(tender: &Running, body: &Value) -> u16 {
    let parts = [NOTIFICATION_URL.as_bytes(), body.to_string().as_bytes()].map(<[u8]>::to_vec);
    let signature = BASE64.encode(&mac(b"key", &[&parts[0], &parts[1]]));
    tell(tender, "square", ("x-square-hmacsha256-signature", signature), body).await
}

pub(crate) async fn is_sound(tender: Running, place: &Place) {
    tender.end().await;
    let checked = output(crate::program::tender(&["check", "--json"], &place.data())).await;
    let report: Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    assert_eq!(checked.status.code(), Some(0), "{report:#}");
}

#[tokio::test]
async fn at_worldpay_money_is_held_taken_given_back_and_charged_back() {
    let (place, double) = (Place::new(), Double::<Worldpay>::start());
    let api_base = double.address();
    let settings = [
        ("TENDER__GATEWAYS__WORLDPAY__USERNAME", USERNAME),
        ("TENDER__GATEWAYS__WORLDPAY__PASSWORD", PASSWORD),
        ("TENDER__GATEWAYS__WORLDPAY__ENTITY", ENTITY),
        ("TENDER__GATEWAYS__WORLDPAY__NARRATIVE", "Shop"),
        ("TENDER__GATEWAYS__WORLDPAY__EVENT_KEYS", "k1:secret"),
        ("TENDER__GATEWAYS__WORLDPAY__TEST_API_BASE", api_base.as_str()),
        ("TENDER__GATEWAYS__CALL_TIMEOUT_MILLIS", "2000"),
    ];
    let tender = Running::start_with(&place.data(), &settings).await;
    let stored = json!({"tokenPaymentInstrument": {"href": "https://try.access.worldpay.com/tokens/tokenvisa01"},
        "namespace": "tender.sandbox.shop", "paymentInstrument": {"cardNumber": "4444********1111",
            "brand": "VISA", "cardExpiryDate": {"month": 4, "year": 2040}}});
    double.kept().rules.tokens.insert("tokenvisa01".into(), stored);
    let visa = method(&tender, "worldpay-sandbox/tokenvisa01").await;
    let held = pay(&tender, &visa, "manual").await;
    assert_eq!(held["status"], "requires_capture", "{held}");
    let (status, taken) = tender.call("POST", &path(&held, "/capture"), Some(&json!({"amount": 5000}))).await;
    assert_eq!((status, &taken["status"], &taken["amount"]), (200, &json!("succeeded"), &json!(5000)));
    let refund = json!({"payment_intent_id": held["id"], "amount": 1194});
    let (_, refund) = tender.call("POST", "/v1/payments/refunds", Some(&refund)).await;
    assert_eq!(refund["status"], "succeeded", "{refund}");

    let name = double.kept().rules.payments.keys().next().cloned().expect("one payment");
    let event = |id: &str, classification: &str, kind: &str, minor: i64| {
        json!({"eventId": id, "eventTimestamp": "2026-11-23T12:30:00.000", "eventDetails": {
            "classification": classification, "transactionReference": name, "type": kind,
            "amount": {"value": minor, "currencyCode": "EUR"}}})
    };
    let mut forged = event("e1", "chargeback", "chargedBack", 2_000);
    let signature = HEXLOWER.encode(&mac(b"secret", &[forged.to_string().as_bytes()]));
    forged["eventDetails"]["amount"]["value"] = 1.into();
    assert_eq!(
        tell(&tender, "worldpay", ("Event-Signature", format!("k1/SHA256/{signature}")), &forged).await,
        400
    );
    // Told twice, it happened once.
    for _ in 0..2 {
        assert_eq!(at_worldpay(&tender, &event("e1", "chargeback", "chargedBack", 2_000)).await, 200);
    }
    let open =
        |list: &Value| list["data"][0]["status"] == "needs_response" && list["data"][0]["amount"] == 2_000;
    shows(&tender, "/v1/payments/disputes", open).await;
    assert_eq!(at_worldpay(&tender, &event("e2", "payment", "settled", 5_000)).await, 200);
    is_sound(tender, &place).await;
}

#[tokio::test]
async fn at_square_money_is_taken_and_what_a_person_gives_back_and_a_bank_takes_back_is_in_the_ledger() {
    let (place, double) = (Place::new(), Double::<Square>::start());
    let api_base = double.address();
    let settings = [
        ("TENDER__GATEWAYS__SQUARE__ACCESS_TOKEN", TOKEN),
        ("TENDER__GATEWAYS__SQUARE__LOCATION_ID", LOCATION),
        ("TENDER__GATEWAYS__SQUARE__SIGNATURE_KEY", "key"),
        ("TENDER__GATEWAYS__SQUARE__NOTIFICATION_URL", NOTIFICATION_URL),
        ("TENDER__GATEWAYS__SQUARE__TEST_API_BASE", api_base.as_str()),
        ("TENDER__GATEWAYS__CALL_TIMEOUT_MILLIS", "2000"),
    ];
    let tender = Running::start_with(&place.data(), &settings).await;
    let visa = method(&tender, "cnon:card-nonce-ok").await;
    let held = pay(&tender, &visa, "manual").await;
    let (_, taken) = tender.call("POST", &path(&held, "/capture"), Some(&json!({"amount": 5000}))).await;
    assert_eq!((&taken["status"], &taken["amount"]), (&json!("succeeded"), &json!(5000)), "{taken}");
    let payment = double.kept().rules.payments.keys().next().cloned().expect("one payment");
    let event = |id: &str, kind: &str, name: &str, object: Value| {
        json!({"merchant_id": "M", "type": kind, "event_id": id, "created_at": "2026-11-23T12:30:00Z",
            "data": {"type": name, "id": "x", "object": {name: object}}})
    };
    let euro = |minor: i64| json!({"amount": minor, "currency": "EUR"});
    let refund = json!({"id": "R1", "status": "COMPLETED", "payment_id": payment, "reason": "sold out",
        "amount_money": euro(1_000)});
    for _ in 0..2 {
        assert_eq!(at_square(&tender, &event("e1", "refund.updated", "refund", refund.clone())).await, 200);
    }
    let listed = shows(&tender, &path(&held, "/refunds"), |list| {
        list["data"].as_array().is_some_and(|refunds| !refunds.is_empty())
    })
    .await;
    let told = &listed["data"][0];
    assert_eq!((&told["origin"], &told["amount"]), (&json!("gateway"), &json!(1_000)), "{told}");
    double.kept().rules.disputes.kept.insert("DISPUTE1".to_owned(), Dispute::open());
    let dispute = json!({"id": "DISPUTE1", "state": "EVIDENCE_REQUIRED", "reason": "NOT_RECEIVED", "card_brand": "VISA",
        "amount_money": euro(2_000), "disputed_payment": {"payment_id": payment}});
    assert_eq!(at_square(&tender, &event("e2", "dispute.created", "dispute", dispute)).await, 200);
    let open =
        |list: &Value| list["data"][0]["status"] == "needs_response" && list["data"][0]["amount"] == 2_000;
    let listed = shows(&tender, "/v1/payments/disputes", open).await;

    // Square hears that the merchant gives in, once.
    let at = format!("/v1/payments/disputes/{}", listed["data"][0]["id"].as_str().expect("an id"));
    let (status, closed) = tender.call("POST", &format!("{at}/close"), Some(&json!({}))).await;
    assert_eq!((status, &closed["status"]), (200, &json!("accepted")), "{closed}");
    shows(&tender, &at, |dispute| dispute["processor_reply"]["status"] == "told").await;
    let kept = double.kept().rules.disputes.kept["DISPUTE1"].clone();
    assert_eq!((kept.state, kept.given_in), ("ACCEPTED", 1));
    is_sound(tender, &place).await;
}
