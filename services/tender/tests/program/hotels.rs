//! What Tender calls outside for hotels: the program that a payment names, and the ordering service; both on this machine.

use std::time::{Duration, Instant};

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use data_encoding::BASE64;
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::mail_server::{MailServer, Taken};
use crate::program::{Place, Running};
use crate::worldpay_square::{is_sound, shows};

const TOLD: &str = "/told";
const STATUS: &str = "/api/orders/R-7/status";

async fn post(tender: &Running, path: &str, body: &Value) -> Value {
    let (status, answer) = tender.call("POST", path, Some(body)).await;
    assert!((200..300).contains(&status), "{path}: {status} {answer}");
    answer
}

/// What came at a path, once there are so many.
async fn received(server: &MockServer, at: &str, count: usize) -> Vec<Request> {
    let limit = Instant::now() + Duration::from_secs(60);
    loop {
        let all = server.received_requests().await.expect("they are recorded").into_iter();
        let here: Vec<Request> = all.filter(|request| request.url.path() == at).collect();
        if here.len() >= count {
            return here;
        }
        assert!(Instant::now() < limit, "{count} calls of {at} expected, {} came", here.len());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn head<'a>(request: &'a Request, name: &str) -> &'a str {
    request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[tokio::test]
async fn a_paid_deposit_is_told_signed_until_it_is_taken_and_confirmed_at_the_ordering_service() {
    let server = MockServer::start().await;
    // The receiver fails once: what it is told then is told again.
    Mock::given(path(TOLD)).respond_with(ResponseTemplate::new(500)).up_to_n_times(1).mount(&server).await;
    Mock::given(path(TOLD)).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    Mock::given(method("PUT"))
        .and(path(STATUS))
        .and(header("authorization", "Bearer orders-token"))
        .and(header("x-tenant-id", "sandbox"))
        .respond_with(ResponseTemplate::new(204))
        .mount(&server)
        .await;
    let (orders, allowed) = (format!("{}/api", server.uri()), server.address().to_string());
    let settings = [
        ("TENDER__ORDERS__URL", orders.as_str()),
        ("TENDER__ORDERS__TOKEN", "orders-token"),
        ("TENDER__OUTBOUND__ALLOW", allowed.as_str()),
    ];
    let place = Place::new();
    let tender = Running::start_with(&place.data(), &settings).await;
    let wanted = json!({
        "notification_url": format!("{}{TOLD}", server.uri()),
        "deposit_policies": [{"policy_type": "PERCENTAGE", "percentage": 30}],
    });
    let (status, set) = tender.call("PUT", "/hotels/hotels/hotel-1/settings", Some(&wanted)).await;
    assert_eq!(status, 200, "{set}");
    let stay = json!({
        "reservation_id": "R-7", "hotel_id": "hotel-1", "guest": {"name": "Ada Example"}, "total": 300.00,
        "currency": "EUR", "arrival": "2027-05-01", "departure": "2027-05-04", "channel": "GUEST_BOOKING",
    });
    let asked = post(&tender, "/hotels/reservations", &stay).await;
    let page = asked["redirect_url"].as_str().expect("a page");
    let pressed = reqwest::Client::new().post(page).body("result=success");
    let pressed = pressed.header("content-type", "application/x-www-form-urlencoded").send().await;
    assert_eq!(pressed.expect("the gateway is there").status(), 200);
    let payment = asked["payment_id"].as_str().expect("an id");
    let stands = post(&tender, &format!("/hotels/payments/{payment}/notify"), &json!({})).await;
    assert_eq!(stands["status"], "COMPLETED", "{stands}");

    let back = received(&server, STATUS, 1).await;
    assert_eq!(serde_json::from_slice::<Value>(&back[0].body).expect("JSON"), json!({"status": "confirmed"}));
    let calls = received(&server, TOLD, 2).await;
    assert_eq!(
        (head(&calls[0], "webhook-id"), &calls[0].body),
        (head(&calls[1], "webhook-id"), &calls[1].body)
    );
    let key = set["notification_key"].as_str().and_then(|key| key.strip_prefix("whpk_")).expect("a key");
    let key = UnparsedPublicKey::new(&ED25519, BASE64.decode(key.as_bytes()).expect("base64"));
    for call in &calls {
        let body = std::str::from_utf8(&call.body).expect("text");
        let signed = format!("{}.{}.{body}", head(call, "webhook-id"), head(call, "webhook-timestamp"));
        let signature = head(call, "webhook-signature").strip_prefix("v1a,").expect("its version");
        let signature = BASE64.decode(signature.as_bytes()).expect("base64");
        assert!(key.verify(signed.as_bytes(), &signature).is_ok(), "{signed}");
    }
    let told: Value = serde_json::from_slice(&calls[1].body).expect("JSON");
    assert_eq!((&told["type"], &told["reservation_id"]), (&json!("payment.completed"), &json!("R-7")));
    assert_eq!((told["amount"].to_string(), &told["payment_id"]), ("90.00".to_owned(), &asked["payment_id"]));
    let (_, record) = tender.call("GET", &format!("/hotels/payments/{payment}"), None).await;
    let sent = &record["notifications"][0];
    assert_eq!((&sent["status"], &sent["failures"]), (&json!("sent"), &json!(1)), "{record}");
}

#[tokio::test]
async fn a_refund_that_an_agent_asks_for_is_mailed_to_guest_hotel_and_agent_once() {
    let mails = MailServer::start("250 ok").await;
    let url = format!("smtp://127.0.0.1:{}", mails.port);
    let settings = [
        ("TENDER__NOTIFICATIONS__SMTP_URL", url.as_str()),
        ("TENDER__NOTIFICATIONS__SMTP_FROM", "Hotel Seeblick <pay@hotel.example>"),
    ];
    let place = Place::new();
    let tender = Running::start_with(&place.data(), &settings).await;
    let wanted = json!({
        "notification_emails": ["desk@hotel.example"],
        "agents": [{"agent_id": "usr_ben", "email": "ben@hotel.example"}],
    });
    let (status, set) = tender.call("PUT", "/hotels/hotels/hotel-1/settings", Some(&wanted)).await;
    assert_eq!(status, 200, "{set}");
    let wanted = json!({
        "reservation_id": "R-8", "hotel_id": "hotel-1", "amount": 120.50, "currency": "EUR",
        "guest": {"name": "Ada Example", "email": "ada@example.com", "locale": "de"},
        "booking_reference": "ABC123", "channel": "GUEST_BOOKING",
        "success_url": "https://booking.example/paid", "failure_url": "https://booking.example/not-paid",
    });
    let begun = post(&tender, "/hotels/payments", &wanted).await;
    let page = begun["redirect_url"].as_str().expect("a page");
    let pressed = reqwest::Client::new().post(page).body("result=success");
    let pressed = pressed.header("content-type", "application/x-www-form-urlencoded").send().await;
    assert_eq!(pressed.expect("the gateway is there").status(), 200);
    let payment = begun["payment_id"].as_str().expect("an id");
    let stands = post(&tender, &format!("/hotels/payments/{payment}/notify"), &json!({})).await;
    assert_eq!(stands["status"], "COMPLETED", "{stands}");

    let wanted = json!({"payment_id": payment, "amount": 40.50, "reason": "the room was not ready",
        "channel": "AGENT", "agent_id": "usr_ben"});
    let refund = post(&tender, "/hotels/refunds", &wanted).await;
    assert_eq!(refund["status"], "COMPLETED", "{refund}");
    let record = format!("/hotels/payments/{payment}");
    let sent = |record: &Value| {
        let told = record["notifications"].as_array().expect("a list").iter();
        let mut told: Vec<(String, Value)> = told
            .filter(|told| told["refund_id"] == refund["refund_id"] && told["status"] == "sent")
            .map(|told| (told["address"].as_str().expect("one").to_owned(), told["reader"].clone()))
            .collect();
        told.sort_by(|one, other| one.0.cmp(&other.0));
        told
    };
    let record = shows(&tender, &record, |record| sent(record).len() == 3).await;
    let expected = [
        ("ada@example.com".to_owned(), json!("GUEST")),
        ("ben@hotel.example".to_owned(), json!("AGENT")),
        ("desk@hotel.example".to_owned(), json!("HOTEL")),
    ];
    assert_eq!(sent(&record), expected, "{record}");
    let taken = mails.taken();
    let of = |address: &str, word: &str| {
        let has = |mail: &&Taken| mail.to.contains(address) && mail.data.contains(word);
        taken.iter().filter(has).count()
    };
    assert_eq!(
        (of("ada@example.com", "40,50 EUR"), of("ben@hotel.example", "40.50 EUR")),
        (1, 1),
        "{taken:?}"
    );
    assert_eq!(of("desk@hotel.example", "not ready"), 1, "{taken:?}");
    assert!(taken.iter().all(|mail| mail.from.contains("pay@hotel.example")), "{taken:?}");
    is_sound(tender, &place).await;
}
