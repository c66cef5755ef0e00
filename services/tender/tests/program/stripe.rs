//! Payments at Stripe, which is a double of its API: from a client's token to the ledger, with its callbacks.

use std::time::{Duration, Instant};

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tender_domain::ports::Clock;
use tender_testkit::SystemClock;

use crate::double::{Double, Fault, SECRET_KEY};
use crate::program::{Place, Running, output, tender};

const WEBHOOK_SECRET: &str = "whsec_of_the_program";
const CALLBACKS: &str = "/v1/payments/webhook/gateway/stripe";

async fn start(place: &Place, double: &Double) -> Running {
    let api_base = format!("http://127.0.0.1:{}", double.port);
    let settings = [
        ("TENDER__GATEWAYS__STRIPE__SECRET_KEY", SECRET_KEY),
        ("TENDER__GATEWAYS__STRIPE__WEBHOOK_SECRET", WEBHOOK_SECRET),
        ("TENDER__GATEWAYS__STRIPE__API_BASE", api_base.as_str()),
        ("TENDER__GATEWAYS__STRIPE__RETURN_URL", "https://shop.example.com/back"),
        ("TENDER__GATEWAYS__CALL_TIMEOUT_MILLIS", "2000"),
    ];
    Running::start_with(&place.data(), &settings).await
}

/// A method of a client's token, as the form of the token's gateway made it.
async fn method(tender: &Running, token: &str) -> Value {
    let body = json!({"type": "card", "token": token});
    let (status, method) = tender.call("POST", "/v1/payments/methods", Some(&body)).await;
    assert_eq!(status, 201, "{method}");
    method["id"].clone()
}

fn stripes_form(double: &Double) -> &'static str {
    let made = json!({"id": "pm_of_the_form", "object": "payment_method", "customer": null,
        "card": {"brand": "visa", "last4": "4242", "exp_month": 1, "exp_year": 2039, "fingerprint": "fp"}});
    double.books().methods.insert("pm_of_the_form".into(), made);
    "pm_of_the_form"
}

async fn pay(tender: &Running, method: &Value, more: Value) -> Value {
    let mut body = json!({"amount": 5194, "currency": "EUR", "confirm": true, "payment_method_id": method});
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    let (status, intent) = tender.call("POST", "/v1/payments/intents", Some(&body)).await;
    assert!(matches!(status, 201 | 202), "{status}: {intent}");
    intent
}

async fn post(tender: &Running, path: &str, body: &Value) -> Value {
    let (status, answer) = tender.call("POST", path, Some(body)).await;
    assert!((200..300).contains(&status), "{path}: {status} {answer}");
    answer
}

/// Sends an event as Stripe does; its status.
async fn tell(tender: &Running, event_type: &str, object: &Value, secret: &str) -> u16 {
    let now = SystemClock.now().timestamp();
    let body = json!({"id": format!("evt_{event_type}_{now}"), "object": "event", "type": event_type,
        "created": now, "data": {"object": object}})
    .to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(format!("{now}.{body}").as_bytes());
    let signed = format!("t={now},v1={}", HEXLOWER.encode(&mac.finalize().into_bytes()));
    let sent = reqwest::Client::new()
        .post(format!("{}{CALLBACKS}", tender.url))
        .header("stripe-signature", signed)
        .header("content-type", "application/json")
        .body(body);
    sent.send().await.expect("an answer").status().as_u16()
}

async fn becomes(tender: &Running, intent: &Value, status: &str) {
    let path = format!("/v1/payments/intents/{}", intent["id"].as_str().expect("an id"));
    let limit = Instant::now() + Duration::from_secs(30);
    loop {
        let (_, now) = tender.call("GET", &path, None).await;
        if now["status"] == status {
            return;
        }
        assert!(Instant::now() < limit, "{status} expected: {now}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

fn only_intent(double: &Double) -> Value {
    double.books().intents.values().last().cloned().expect("it is there")
}

#[tokio::test]
async fn a_token_of_stripe_is_paid_at_stripe_and_every_other_elsewhere() {
    let (place, double) = (Place::new(), Double::start());
    let tender = start(&place, &double).await;
    let at_stripe = method(&tender, stripes_form(&double)).await;
    let elsewhere = method(&tender, "tok_visa").await;

    let paid = pay(&tender, &elsewhere, json!({})).await;
    assert_eq!(paid["status"], "succeeded", "{paid}");
    assert!(double.books().intents.is_empty(), "another connector's token is never sent to Stripe");

    let held = pay(&tender, &at_stripe, json!({"capture_mode": "manual"})).await;
    assert_eq!(held["status"], "requires_capture", "{held}");
    let intent = held["id"].as_str().expect("an id");
    let taken =
        post(&tender, &format!("/v1/payments/intents/{intent}/capture"), &json!({"amount": 5000})).await;
    assert_eq!((&taken["status"], &taken["amount"]), (&json!("succeeded"), &json!(5000)), "{taken}");
    let refund = json!({"payment_intent_id": intent, "amount": 1194});
    let refund = post(&tender, "/v1/payments/refunds", &refund).await;
    assert_eq!(refund["status"], "succeeded", "{refund}");
    let booked = only_intent(&double);
    assert_eq!((&booked["amount_received"], &booked["refunded"]), (&json!(5000), &json!(1194)));

    let let_go = pay(&tender, &at_stripe, json!({"capture_mode": "manual"})).await;
    let path = format!("/v1/payments/intents/{}/cancel", let_go["id"].as_str().expect("an id"));
    assert_eq!(post(&tender, &path, &json!({})).await["status"], "canceled");
    assert_eq!(only_intent(&double)["status"], "canceled");

    // What Stripe told in its answers it tells again by callback: no news.
    assert_eq!(tell(&tender, "payment_intent.succeeded", &booked, WEBHOOK_SECRET).await / 100, 2);
    assert_eq!(tell(&tender, "payment_intent.succeeded", &booked, "whsec_forged").await / 100, 4);
    tender.end().await;
    let checked = output(tender_check(&place)).await;
    let report: Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    assert_eq!(checked.status.code(), Some(0), "{report:#}");
}

#[tokio::test]
async fn an_answer_that_was_lost_is_known_again_and_a_challenge_is_ended_by_its_callback() {
    let (place, double) = (Place::new(), Double::start());
    let tender = start(&place, &double).await;
    let at_stripe = method(&tender, stripes_form(&double)).await;
    double.next(Fault::LostAfter);
    let paid = pay(&tender, &at_stripe, json!({})).await;
    assert_eq!(paid["status"], "processing", "{paid}");
    becomes(&tender, &paid, "succeeded").await;
    assert_eq!(double.books().intents.len(), 1, "it is paid once");

    // The answer is lost for ever, and the callback comes.
    double.next(Fault::SavedFailure);
    let paid = pay(&tender, &at_stripe, json!({})).await;
    assert_eq!(paid["status"], "processing", "{paid}");
    assert_eq!(
        tell(&tender, "payment_intent.succeeded", &only_intent(&double), WEBHOOK_SECRET).await / 100,
        2
    );
    becomes(&tender, &paid, "succeeded").await;
    tender.end().await;
}

fn tender_check(place: &Place) -> tokio::process::Command {
    tender(&["check", "--json"], &place.data())
}

#[tokio::test]
async fn what_stripe_tells_without_our_names_reaches_the_payment_it_is_about() {
    let (place, double) = (Place::new(), Double::start());
    let tender = start(&place, &double).await;
    let at_stripe = method(&tender, stripes_form(&double)).await;
    let paid = pay(&tender, &at_stripe, json!({})).await;
    assert_eq!(paid["status"], "succeeded", "{paid}");
    let name = only_intent(&double)["id"].clone();

    let refund = json!({"id": "re_dashboard", "object": "refund", "amount": 1_194, "currency": "eur",
        "status": "succeeded", "payment_intent": name, "charge": "ch_1", "metadata": {}});
    for event_type in ["refund.created", "refund.updated", "charge.refund.updated"] {
        assert_eq!(tell(&tender, event_type, &refund, WEBHOOK_SECRET).await / 100, 2);
    }
    let refunds = format!("/v1/payments/intents/{}/refunds", paid["id"].as_str().expect("an id"));
    let listed = shows(&tender, &refunds, |list| !list["data"].as_array().expect("a list").is_empty()).await;
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1), "{listed}");
    let adopted = &listed["data"][0];
    assert_eq!(
        (&adopted["origin"], &adopted["gateway_reference"]),
        (&json!("gateway"), &json!("re_dashboard"))
    );

    let dispute = |status: &str| {
        json!({"id": "du_1", "object": "dispute", "amount": 4_000, "currency": "eur", "charge": "ch_1",
            "payment_intent": name, "status": status, "reason": "fraudulent", "created": 1_790_000_000,
            "balance_transactions": [{"amount": -4_000, "currency": "eur", "fee": 1_500}], "metadata": {}})
    };
    for (event_type, status) in [
        ("charge.dispute.created", "needs_response"),
        ("charge.dispute.funds_withdrawn", "needs_response"),
        ("charge.dispute.closed", "lost"),
    ] {
        assert_eq!(tell(&tender, event_type, &dispute(status), WEBHOOK_SECRET).await / 100, 2);
    }
    let one = |list: &Value| list["data"][0]["status"] == "lost" && list["data"][1].is_null();
    let listed = shows(&tender, "/v1/payments/disputes", one).await;
    assert_eq!((&listed["data"][0]["amount"], &listed["data"][0]["fee"]), (&json!(4_000), &json!(1_500)));
    // A payment of another program at the same account.
    let foreign = json!({"id": "re_2", "object": "refund", "amount": 5, "currency": "eur",
        "status": "succeeded", "payment_intent": "pi_foreign", "metadata": {}});
    assert_eq!(tell(&tender, "refund.failed", &foreign, WEBHOOK_SECRET).await / 100, 2);
    tender.end().await;
    let checked = output(tender_check(&place)).await;
    let report: Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    assert_eq!(checked.status.code(), Some(0), "{report:#}");
}

/// Waits until what is read is as it should be.
async fn shows(tender: &Running, path: &str, is_there: impl Fn(&Value) -> bool) -> Value {
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
