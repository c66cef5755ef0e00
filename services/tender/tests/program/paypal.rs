//! Payments at PayPal, which is a double of its API: from a client's token to the ledger.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tender_domain::ports::Clock;
use tender_testkit::SystemClock;

use crate::at_paypal::{CLIENT_ID, CLIENT_SECRET, Dispute, Double, Fault};
use crate::program::{Place, Running, output};
use crate::signed_by_paypal::{GOOD, ROOT, WEBHOOK_ID, headers};
use crate::worldpay_square::{is_sound, shows};

const CALLBACKS: &str = "/v1/payments/webhook/gateway/paypal";

async fn start(place: &Place, double: &Double) -> Running {
    let api_base = format!("http://127.0.0.1:{}", double.port);
    let roots = place.data().with_file_name("paypal-roots.pem");
    fs::write(&roots, ROOT).expect("a folder of its own");
    let roots = roots.display().to_string();
    let settings = [
        ("TENDER__GATEWAYS__PAYPAL__CLIENT_ID", CLIENT_ID),
        ("TENDER__GATEWAYS__PAYPAL__CLIENT_SECRET", CLIENT_SECRET),
        ("TENDER__GATEWAYS__PAYPAL__TEST_API_BASE", api_base.as_str()),
        ("TENDER__GATEWAYS__PAYPAL__RETURN_URL", "https://shop.example.com/back"),
        ("TENDER__GATEWAYS__PAYPAL__WEBHOOK_ID", WEBHOOK_ID),
        ("TENDER__GATEWAYS__PAYPAL__WEBHOOK_ROOTS_FILE", roots.as_str()),
        ("TENDER__GATEWAYS__CALL_TIMEOUT_MILLIS", "2000"),
    ];
    Running::start_with(&place.data(), &settings).await
}

/// A method of a card in PayPal's vault, as the shop's own form put it there.
async fn method(tender: &Running, double: &Double, id: &str) -> Value {
    let stored = json!({"id": id, "customer": {"id": "c1", "merchant_customer_id": "tender-sandbox"},
        "payment_source": {"card": {"brand": "VISA", "last_digits": "1111", "expiry": "2039-01"}}});
    double.books().tokens.insert(id.to_owned(), stored);
    let body = json!({"type": "card", "token": format!("paypal-sandbox/{id}")});
    let (status, method) = tender.call("POST", "/v1/payments/methods", Some(&body)).await;
    assert_eq!(status, 201, "{method}");
    method["id"].clone()
}

async fn pay(tender: &Running, method: &Value, mode: &str) -> Value {
    let body = json!({"amount": 5194, "currency": "EUR", "confirm": true, "payment_method_id": method,
        "capture_mode": mode});
    let (status, intent) = tender.call("POST", "/v1/payments/intents", Some(&body)).await;
    assert!(matches!(status, 201 | 202), "{status}: {intent}");
    intent
}

async fn post(tender: &Running, path: &str, body: &Value) -> Value {
    let (status, answer) = tender.call("POST", path, Some(body)).await;
    assert!((200..300).contains(&status), "{path}: {status} {answer}");
    answer
}

fn path(intent: &Value, more: &str) -> String {
    format!("/v1/payments/intents/{}{more}", intent["id"].as_str().expect("an id"))
}

async fn becomes(tender: &Running, intent: &Value, status: &str) {
    let limit = Instant::now() + Duration::from_secs(30);
    loop {
        let (_, now) = tender.call("GET", &path(intent, ""), None).await;
        if now["status"] == status {
            return;
        }
        assert!(Instant::now() < limit, "{status} expected: {now}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn last_order(double: &Double) -> Value {
    double.books().orders.values().last().cloned().expect("it is there")
}

#[tokio::test]
async fn a_decline_is_shown_by_paypals_name_of_it_with_its_checks() {
    let (place, double) = (Place::new(), Double::start());
    let tender = start(&place, &double).await;
    let card = method(&tender, &double, "tokendeclined5120").await;
    for (mode, list) in [("auto", "captures"), ("manual", "authorizations")] {
        let declined = pay(&tender, &card, mode).await;
        assert_eq!(declined["status"], "requires_payment_method", "{declined}");
        let id = last_order(&double)["purchase_units"][0]["payments"][list][0]["id"].clone();
        for shown in ["/transactions", "/charges"] {
            let (_, shown) = tender.call("GET", &path(&declined, shown), None).await;
            let shown = &shown["data"][0];
            assert_eq!((&shown["status"], &shown["gateway_reference"]), (&json!("declined"), &id), "{shown}");
            let told = [&shown["response_code"], &shown["avs_result"], &shown["cvv_result"]];
            assert_eq!(told, [&json!("5120"), &json!("Y"), &json!("M")], "{shown}");
        }
    }
    is_sound(tender, &place).await;
}

#[tokio::test]
async fn a_card_of_paypals_vault_is_paid_at_paypal_to_the_ledger() {
    let (place, double) = (Place::new(), Double::start());
    let tender = start(&place, &double).await;
    let card = method(&tender, &double, "tokenvisa1").await;
    let held = pay(&tender, &card, "manual").await;
    assert_eq!(held["status"], "requires_capture", "{held}");
    let taken = post(&tender, &path(&held, "/capture"), &json!({"amount": 5000})).await;
    assert_eq!(taken["status"], "succeeded", "{taken}");
    let refund = json!({"payment_intent_id": held["id"], "amount": 1194});
    let refund = post(&tender, "/v1/payments/refunds", &refund).await;
    assert_eq!(refund["status"], "succeeded", "{refund}");
    let booked = last_order(&double);
    assert_eq!(booked["purchase_units"][0]["payments"]["captures"][0]["amount"]["value"], "50.00");
    assert_eq!(booked["refunded"], 1194);

    let let_go = pay(&tender, &card, "manual").await;
    assert_eq!(post(&tender, &path(&let_go, "/cancel"), &json!({})).await["status"], "canceled");
    let payments = last_order(&double)["purchase_units"][0]["payments"].clone();
    assert_eq!(payments["authorizations"][0]["status"], "VOIDED");

    double.next(Fault::LostAfter);
    let paid = pay(&tender, &card, "auto").await;
    assert_eq!(paid["status"], "processing", "{paid}");
    becomes(&tender, &paid, "succeeded").await;
    assert_eq!(double.books().orders.len(), 3, "it is paid once");

    let challenged = method(&tender, &double, "tokenchallenge").await;
    let open = pay(&tender, &challenged, "auto").await;
    assert_eq!(open["status"], "requires_action", "{open}");
    let order = last_order(&double)["id"].as_str().expect("an id").to_owned();
    let result = double.authenticate(&order, true);
    post(&tender, &path(&open, "/3ds/complete"), &json!({"result": result})).await;
    becomes(&tender, &open, "succeeded").await;
    tender.end().await;
    let checked = output(crate::program::tender(&["check", "--json"], &place.data())).await;
    let report: Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    assert_eq!(checked.status.code(), Some(0), "{report:#}");
}

/// Sends a webhook as PayPal does, under the certificate `CERT-1` of the host on this port; its status.
async fn tell(tender: &Running, port: u16, (id, kind, resource): (&str, &str, &Value)) -> u16 {
    let time = SystemClock.now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let body = json!({"id": id, "event_version": "1.0", "create_time": time, "resource_type": "refund",
        "event_type": kind, "summary": "", "resource": resource})
    .to_string();
    let certificate = format!("http://127.0.0.1:{port}/v1/notifications/certs/CERT-1");
    let url = format!("{}{CALLBACKS}", tender.url);
    let mut sent = reqwest::Client::new().post(url).header("content-type", "application/json");
    for (name, value) in headers(&body, &time, &certificate) {
        sent = sent.header(name, value);
    }
    sent.body(body).send().await.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn a_refund_made_in_paypals_own_pages_is_heard_once_and_is_in_the_ledger() {
    let (place, double) = (Place::new(), Double::start());
    double.books().certificates.insert("CERT-1".into(), (200, GOOD.into()));
    let tender = start(&place, &double).await;
    let card = method(&tender, &double, "tokenvisa1").await;
    let paid = pay(&tender, &card, "auto").await;
    assert_eq!(paid["status"], "succeeded", "{paid}");
    let capture = last_order(&double)["purchase_units"][0]["payments"]["captures"][0]["id"].clone();
    let capture = capture.as_str().expect("an id").to_owned();
    let refund = json!({"id": "REFUND000009", "status": "COMPLETED", "custom_id": "",
        "amount": {"currency_code": "EUR", "value": "11.94"},
        "links": [{"rel": "up",
            "href": format!("http://127.0.0.1:{}/v2/payments/captures/{capture}", double.port)}]});
    let told = ("WH-7", "PAYMENT.CAPTURE.REFUNDED", &refund);

    // Its certificate is good, and is at no host of PayPal's.
    let elsewhere = Double::start();
    elsewhere.books().certificates.insert("CERT-1".into(), (200, GOOD.into()));
    assert_eq!(tell(&tender, elsewhere.port, told).await, 400);
    assert_eq!(elsewhere.books().certificates_asked, 0, "nobody else's address is called");

    for _ in 0..3 {
        assert_eq!(tell(&tender, double.port, told).await, 200);
    }
    assert_eq!(double.books().certificates_asked, 1, "it is fetched once");
    let listed = format!("/v1/payments/refunds?payment_intent_id={}", paid["id"].as_str().expect("an id"));
    let limit = Instant::now() + Duration::from_secs(30);
    let refunds = loop {
        let (_, refunds) = tender.call("GET", &listed, None).await;
        if refunds["data"].as_array().is_some_and(|refunds| !refunds.is_empty()) {
            break refunds;
        }
        assert!(Instant::now() < limit, "a refund expected: {refunds}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let one = &refunds["data"][0];
    assert_eq!(
        (refunds["data"].as_array().map(Vec::len), &one["origin"], &one["amount"], &one["status"]),
        (Some(1), &json!("gateway"), &json!(1194), &json!("succeeded")),
        "{refunds}"
    );
    tender.end().await;
    let checked = output(crate::program::tender(&["check", "--json"], &place.data())).await;
    let report: Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    assert_eq!(checked.status.code(), Some(0), "{report:#}");
}

#[tokio::test]
async fn a_dispute_is_answered_at_paypal_once_and_its_end_is_in_the_ledger() {
    let (place, double) = (Place::new(), Double::start());
    double.books().certificates.insert("CERT-1".into(), (200, GOOD.into()));
    let tender = start(&place, &double).await;
    let card = method(&tender, &double, "tokenvisa1").await;
    pay(&tender, &card, "auto").await;
    let capture = last_order(&double)["purchase_units"][0]["payments"]["captures"][0]["id"].clone();
    let dispute = |stage: &str, status: &str, outcome: Value| {
        json!({"dispute_id": "PP-D-1", "create_time": "2026-11-23T12:30:00.000Z", "status": status,
            "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED", "dispute_life_cycle_stage": stage,
            "disputed_transactions": [{"seller_transaction_id": capture}], "dispute_outcome": outcome,
            "dispute_amount": {"currency_code": "EUR", "value": "51.94"}})
    };
    double.books().disputes.insert("PP-D-1".to_owned(), Dispute::open());
    // An inquiry takes nothing, and is no dispute here.
    let inquiry = dispute("INQUIRY", "OPEN", Value::Null);
    assert_eq!(tell(&tender, double.port, ("WH-1", "CUSTOMER.DISPUTE.CREATED", &inquiry)).await, 200);
    let escalated = dispute("CHARGEBACK", "WAITING_FOR_SELLER_RESPONSE", Value::Null);
    for _ in 0..2 {
        assert_eq!(tell(&tender, double.port, ("WH-2", "CUSTOMER.DISPUTE.UPDATED", &escalated)).await, 200);
    }
    let stands = |list: &Value| list["data"][0]["status"] == "needs_response";
    let listed = shows(&tender, "/v1/payments/disputes", stands).await;
    let one = &listed["data"][0];
    assert_eq!(
        (listed["data"].as_array().map(Vec::len), &one["amount"], &one["reason"]),
        (Some(1), &json!(5_194), &json!("product_not_received")),
        "{listed}"
    );

    // PayPal's answer is lost: the dispute shows that it has the evidence, and it is handed in once.
    let at = format!("/v1/payments/disputes/{}", one["id"].as_str().expect("an id"));
    let evidence = json!({"evidence": [{"kind": "service_date", "text": "4 to 7 May, as booked"}]});
    double.next(Fault::LostAfter);
    let replied = post(&tender, &format!("{at}/submit-evidence"), &evidence).await;
    assert_eq!(replied["processor_reply"]["status"], "telling", "{replied}");
    let told = shows(&tender, &at, |dispute| dispute["processor_reply"]["status"] == "told").await;
    assert_eq!(told["status"], "under_review", "{told}");
    let kept = double.books().disputes["PP-D-1"].clone();
    assert_eq!((kept.handed_in, kept.given_in), (1, 0));
    assert!(kept.evidences[0]["notes"].as_str().is_some_and(|notes| notes.contains("4 to 7 May")));

    let won = dispute("CHARGEBACK", "RESOLVED", json!({"outcome_code": "RESOLVED_SELLER_FAVOUR"}));
    assert_eq!(tell(&tender, double.port, ("WH-3", "CUSTOMER.DISPUTE.RESOLVED", &won)).await, 200);
    shows(&tender, &at, |dispute| dispute["status"] == "won").await;
    is_sound(tender, &place).await;
}
