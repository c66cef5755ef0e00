//! Payments at Adyen, which is a double of its API: from a client's token to the ledger, with its notifications.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::at_adyen::{API_KEY, Dispute, Double, Fault, HMAC_KEY, MERCHANT, body_of, notice};
use crate::program::{Place, Running, output};

const CALLBACKS: &str = "/v1/payments/webhook/gateway/adyen";
const SHOPPER: &str = "tender-sandbox-c42";
const VISA: &str = "M5N7TQ4TG5PFWR50";
const CHALLENGED: &str = "CHALLENGE0000001";

async fn start(place: &Place, double: &Double) -> Running {
    let api_base = format!("http://127.0.0.1:{}", double.port);
    let settings = [
        ("TENDER__GATEWAYS__ADYEN__API_KEY", API_KEY),
        ("TENDER__GATEWAYS__ADYEN__MERCHANT_ACCOUNT", MERCHANT),
        ("TENDER__GATEWAYS__ADYEN__HMAC_KEY", HMAC_KEY),
        ("TENDER__GATEWAYS__ADYEN__TEST_API_BASE", api_base.as_str()),
        ("TENDER__GATEWAYS__ADYEN__RETURN_URL", "https://shop.example.com/back"),
        ("TENDER__GATEWAYS__CALL_TIMEOUT_MILLIS", "2000"),
    ];
    Running::start_with(&place.data(), &settings).await
}

/// A method of what the shop's own form has stored at Adyen.
async fn method(tender: &Running, double: &Double, id: &str) -> Value {
    let stored = json!({"id": id, "type": "scheme", "brand": "visa", "lastFour": "1111",
        "expiryMonth": "03", "expiryYear": "39"});
    double.books().stored.entry(SHOPPER.to_owned()).or_default().push(stored);
    let body = json!({"type": "card", "token": format!("{SHOPPER}/{id}")});
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

/// Asks for something that Adyen only receives.
async fn asked(tender: &Running, path: &str, body: &Value) -> Value {
    let (status, answer) = tender.call("POST", path, Some(body)).await;
    assert!(matches!(status, 200..=202), "{path}: {status} {answer}");
    answer
}

/// Sends notifications as Adyen does; the status and the word of the answer.
async fn tell(tender: &Running, items: &[Value]) -> (u16, String) {
    let sent = reqwest::Client::new()
        .post(format!("{}{CALLBACKS}", tender.url))
        .header("content-type", "application/json")
        .body(body_of(items));
    let answer = sent.send().await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("text"))
}

fn path(intent: &Value, more: &str) -> String {
    format!("/v1/payments/intents/{}{more}", intent["id"].as_str().expect("an id"))
}

async fn now(tender: &Running, intent: &Value) -> Value {
    tender.call("GET", &path(intent, ""), None).await.1
}

async fn becomes(tender: &Running, intent: &Value, status: &str) -> Value {
    let limit = Instant::now() + Duration::from_secs(30);
    loop {
        let now = now(tender, intent).await;
        if now["status"] == status {
            return now;
        }
        assert!(Instant::now() < limit, "{status} expected: {now}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
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

fn last_notice(double: &Double) -> Value {
    double.books().notices.last().cloned().expect("one was sent")
}

fn only_payment(double: &Double) -> Value {
    let books = double.books();
    assert_eq!(books.payments.len(), 1);
    books.payments.values().next().cloned().expect("it is there")
}

#[tokio::test]
async fn what_adyen_only_receives_is_done_when_its_notification_says_so_twice_and_out_of_order() {
    let (place, double) = (Place::new(), Double::start());
    let tender = start(&place, &double).await;
    let visa = method(&tender, &double, VISA).await;

    let held = pay(&tender, &visa, "manual").await;
    assert_eq!(held["status"], "requires_capture", "{held}");
    let authorised = last_notice(&double);
    asked(&tender, &path(&held, "/capture"), &json!({"amount": 5000})).await;
    assert_eq!(only_payment(&double)["captured"], 5000, "it is taken at Adyen");
    let pending = now(&tender, &held).await;
    let open = (&pending["amount_captured"], &pending["amount_capturable"]);
    assert_eq!(open, (&json!(0), &json!(0)), "the capture is pending: {pending}");
    assert_ne!(pending["status"], "succeeded");

    let taken = last_notice(&double);
    let mut forged = taken.clone();
    forged["amount"]["value"] = 1.into();
    assert_eq!(tell(&tender, &[forged]).await.0 / 100, 4);
    // The capture first, the authorization after it, and both of them again.
    for items in [&[taken.clone(), authorised.clone()][..], &[authorised], &[taken]] {
        assert_eq!(tell(&tender, items).await, (200, "[accepted]".to_owned()));
    }
    let captured = becomes(&tender, &held, "succeeded").await;
    assert_eq!(captured["amount_captured"], 5000, "{captured}");

    let refund = json!({"payment_intent_id": held["id"], "amount": 1194});
    let refund = asked(&tender, "/v1/payments/refunds", &refund).await;
    assert_eq!(refund["status"], "processing", "{refund}");
    assert_eq!(only_payment(&double)["refunded"], 1194);
    // Adyen says that it is done: it ends, once.
    let given_back = last_notice(&double);
    for _ in 0..2 {
        assert_eq!(tell(&tender, std::slice::from_ref(&given_back)).await.0, 200);
    }
    let path = format!("/v1/payments/refunds/{}", refund["id"].as_str().expect("an id"));
    shows(&tender, &path, |refund| refund["status"] == "succeeded").await;
    shows(&tender, &self::path(&held, ""), |intent| intent["amount_refunded"] == 1194).await;
    tender.end().await;
    let checked = output(crate::program::tender(&["check", "--json"], &place.data())).await;
    let report: Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    assert_eq!(checked.status.code(), Some(0), "{report:#}");
}

#[tokio::test]
async fn a_void_ends_by_its_notification() {
    let (place, double) = (Place::new(), Double::start());
    let tender = start(&place, &double).await;
    let visa = method(&tender, &double, VISA).await;
    let held = pay(&tender, &visa, "manual").await;
    asked(&tender, &path(&held, "/cancel"), &json!({})).await;
    assert_ne!(now(&tender, &held).await["status"], "canceled", "Adyen has only received it");
    assert_eq!(tell(&tender, &[last_notice(&double)]).await.0, 200);
    becomes(&tender, &held, "canceled").await;
    assert_eq!(only_payment(&double)["state"], "cancelled");
    tender.end().await;
}

#[tokio::test]
async fn a_lost_answer_is_known_again_and_a_challenge_goes_on_with_what_the_browser_brings() {
    let (place, double) = (Place::new(), Double::start());
    let tender = start(&place, &double).await;
    let visa = method(&tender, &double, VISA).await;
    double.next(Fault::LostAfter);
    let paid = pay(&tender, &visa, "auto").await;
    assert_eq!(paid["status"], "processing", "{paid}");
    becomes(&tender, &paid, "succeeded").await;
    assert_eq!(only_payment(&double)["captured"], 5194, "it is paid once");

    let challenged = method(&tender, &double, CHALLENGED).await;
    let open = pay(&tender, &challenged, "auto").await;
    assert_eq!(open["status"], "requires_action", "{open}");
    let psp = double.books().payments.keys().last().cloned().expect("it is there");
    let result = double.authenticate(&psp, true);
    asked(&tender, &path(&open, "/3ds/complete"), &json!({"result": result})).await;
    becomes(&tender, &open, "succeeded").await;

    // The customer never comes back, and the notification tells.
    let left = pay(&tender, &challenged, "auto").await;
    let psp = double.books().payments.keys().last().cloned().expect("it is there");
    let attempt = double.books().payments[&psp]["reference"].as_str().expect("text").to_owned();
    let amount = json!({"currency": "EUR", "value": 5194});
    let met = notice("AUTHORISATION", (&psp, ""), &attempt, &amount, None);
    assert_eq!(tell(&tender, &[met]).await.0, 200);
    becomes(&tender, &left, "succeeded").await;
    tender.end().await;
}

#[tokio::test]
async fn what_a_person_gives_back_at_adyen_and_what_a_bank_takes_back_is_in_the_ledger() {
    let (place, double) = (Place::new(), Double::start());
    let tender = start(&place, &double).await;
    let visa = method(&tender, &double, VISA).await;
    let paid = pay(&tender, &visa, "auto").await;
    assert_eq!(paid["status"], "succeeded", "{paid}");
    let psp = double.books().payments.keys().last().cloned().expect("it is there");
    let name = double.books().payments[&psp]["reference"].as_str().expect("text").to_owned();
    let euro = |value: i64| json!({"currency": "EUR", "value": value});
    let told = |event, own, value| notice(event, (own, &psp), &name, &euro(value), None);

    let back = told("REFUND", "PSPOUTSIDE000001", 1_194);
    assert_eq!(tell(&tender, &[back.clone(), back]).await.0, 200);
    let refunds = format!("/v1/payments/intents/{}/refunds", paid["id"].as_str().expect("an id"));
    let listed = shows(&tender, &refunds, |list| !list["data"].as_array().expect("a list").is_empty()).await;
    let refund = &listed["data"][0];
    assert_eq!((&refund["origin"], &refund["status"]), (&json!("gateway"), &json!("succeeded")), "{refund}");
    assert_eq!((listed["data"].as_array().map(Vec::len), &refund["amount"]), (Some(1), &json!(1_194)));
    shows(&tender, &path(&paid, ""), |intent| intent["amount_refunded"] == 1_194).await;

    // Of an inquiry nothing is taken: that it was answered opens no dispute.
    let answered = |event_date: &str| {
        let mut answered = told("INFORMATION_SUPPLIED", "PSPDISPUTE000001", 4_000);
        answered["eventDate"] = event_date.into();
        answered
    };
    assert_eq!(tell(&tender, &[answered("2026-11-23T10:30:00+01:00")]).await.0, 200);
    let charged_back = told("CHARGEBACK", "PSPDISPUTE000001", 4_000);
    assert_eq!(tell(&tender, &[charged_back]).await.0, 200);
    let open = |status: &'static str| {
        move |list: &Value| list["data"][0]["status"] == status && list["data"][0]["amount"] == 4_000
    };
    shows(&tender, "/v1/payments/disputes", open("needs_response")).await;
    // A person answers it in the Customer Area.
    let by_hand = answered("2026-11-23T12:00:00+01:00");
    assert_eq!(tell(&tender, &[by_hand.clone(), by_hand]).await.0, 200);
    shows(&tender, "/v1/payments/disputes", open("under_review")).await;
    // Money comes back, and is taken again; the middle one is told last.
    let lost = told("SECOND_CHARGEBACK", "PSPDISPUTE000001", 4_000);
    let mut won = told("CHARGEBACK_REVERSED", "PSPDISPUTE000001", 4_000);
    won["eventDate"] = "2026-11-23T12:30:00+01:00".into();
    assert_eq!(tell(&tender, &[lost]).await.0, 200);
    shows(&tender, "/v1/payments/disputes", open("lost")).await;
    assert_eq!(tell(&tender, &[won]).await.0, 200);
    shows(&tender, "/v1/payments/disputes", open("lost")).await;
    tender.end().await;
    let checked = output(crate::program::tender(&["check", "--json"], &place.data())).await;
    let report: Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    assert_eq!(checked.status.code(), Some(0), "{report:#}");
}

#[tokio::test]
async fn a_dispute_is_defended_at_adyen_once_with_what_the_merchant_wrote() {
    let (place, double) = (Place::new(), Double::start());
    let tender = start(&place, &double).await;
    let visa = method(&tender, &double, VISA).await;
    pay(&tender, &visa, "auto").await;
    let psp = double.books().payments.keys().last().cloned().expect("it is there");
    let name = double.books().payments[&psp]["reference"].as_str().expect("text").to_owned();
    let (dispute, amount) = ("PSPDISPUTE000002", json!({"currency": "EUR", "value": 5_194}));
    double.books().disputes.insert(dispute.to_owned(), Dispute::open());
    let told = |event| notice(event, (dispute, &psp), &name, &amount, None);
    assert_eq!(tell(&tender, &[told("CHARGEBACK")]).await.0, 200);
    let listed =
        shows(&tender, "/v1/payments/disputes", |list| list["data"][0]["status"] == "needs_response").await;
    let at = format!("/v1/payments/disputes/{}", listed["data"][0]["id"].as_str().expect("an id"));

    // The answer to the documents is lost: they are supplied again, and it is defended once.
    let evidence = json!({"evidence": [{"kind": "service_date", "text": "4 to 7 May, as booked – 5 €"}]});
    double.next(Fault::LostAfter);
    let replied = asked(&tender, &format!("{at}/submit-evidence"), &evidence).await;
    assert_eq!(replied["processor_reply"]["status"], "telling", "{replied}");
    let stands = shows(&tender, &at, |dispute| dispute["processor_reply"]["status"] == "told").await;
    assert_eq!(stands["status"], "under_review", "{stands}");
    let kept = double.books().disputes[dispute].clone();
    assert_eq!((kept.handed_in, kept.defended.as_deref()), (1, Some("SupplyDefenseMaterial")));
    assert!(kept.documents["DefenseMaterial"].starts_with(b"%PDF-"));

    assert_eq!(tell(&tender, &[told("CHARGEBACK_REVERSED")]).await.0, 200);
    shows(&tender, &at, |dispute| dispute["status"] == "won").await;
    tender.end().await;
    let checked = output(crate::program::tender(&["check", "--json"], &place.data())).await;
    let report: Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    assert_eq!(checked.status.code(), Some(0), "{report:#}");
}
