//! The hotels dialect: payments on the gateway's page, told by return, notification and callback in every order.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::gateway::Fault;
use crate::rig::{Answer, Process, World, with};

pub(crate) const PAYMENTS: &str = "/hotels/payments";

pub(crate) fn wanted() -> Value {
    json!({
        "reservation_id": "R-1", "hotel_id": "hotel-1", "amount": 120.50, "currency": "EUR",
        "guest": { "name": "Ada Example", "email": "ada@example.com", "locale": "de" },
        "booking_reference": "ABC123", "channel": "GUEST_BOOKING",
        "success_url": "https://booking.example/paid", "failure_url": "https://booking.example/not-paid",
    })
}

/// A payment that its guest may make.
pub(crate) async fn open(process: &Process) -> Answer {
    let payment = process.post(PAYMENTS, "k", wanted()).await;
    assert_eq!((payment.status, payment.text("status")), (201, "INITIATED"), "{}", payment.json);
    payment
}

/// The guest pays on the gateway's page, or does not.
pub(crate) async fn at_the_page(world: &World, payment: &Answer, result: &str) -> bool {
    let reference = payment.text("redirect_url").rsplit('/').next().expect("a page");
    world.line.simulator.end_session(reference, result).await.expect("books in memory")
}

fn path(payment: &Answer, rest: &str) -> String {
    format!("{PAYMENTS}/{}{rest}", payment.text("payment_id"))
}

/// The browser comes back: the status, and where it goes on to.
async fn come_back(process: &Process, payment: &Answer, result: &str) -> (u16, String) {
    let request = TestRequest::get().uri(&path(payment, &format!("/return?result={result}")));
    let answer = process.call(request).await;
    (answer.status, answer.location)
}

async fn notify(process: &Process, payment: &Answer) -> Answer {
    process.call(TestRequest::post().uri(&path(payment, "/notify"))).await
}

async fn status_of(process: &Process, payment: &Answer) -> String {
    process.get(&path(payment, "")).await.text("status").to_owned()
}

#[tokio::test]
async fn a_payment_is_begun_with_its_page_and_the_same_key_begins_no_other() {
    let world = World::new();
    let process = world.process();
    let payment = open(&process).await;
    assert!(payment.text("redirect_url").contains("/simulator/challenge/"), "{}", payment.json);
    assert!(payment.json["expires_at"].is_string(), "{}", payment.json);
    let again = process.post(PAYMENTS, "k", wanted()).await;
    assert_eq!((again.replayed, &again.json), (true, &payment.json));
    let other = process.post(PAYMENTS, "k", with(wanted(), "amount", 1)).await;
    assert_eq!((other.status, other.text("error")), (409, "IDEMPOTENCY_CONFLICT"), "{}", other.json);
    let record = process.get(&path(&payment, "")).await.json;
    assert_eq!((&record["reservation_id"], &record["hotel_id"]), (&json!("R-1"), &json!("hotel-1")));
    assert_eq!(
        (&record["guest"]["name"], &record["channel"]),
        (&json!("Ada Example"), &json!("GUEST_BOOKING"))
    );
    assert_eq!(record["amount"].to_string(), "120.50");
    assert_eq!(world.intents().await.len(), 1);
}

#[tokio::test]
async fn return_notification_and_callback_pay_once_in_any_order_and_each_alone() {
    for order in
        ["return", "notify", "callback", "return notify callback", "callback notify return", "notify return"]
    {
        let world = World::new();
        let process = world.process();
        let payment = open(&process).await;
        assert!(at_the_page(&world, &payment, "success").await);
        for step in order.split(' ') {
            match step {
                "return" => {
                    let on = come_back(&process, &payment, "success").await;
                    assert_eq!(on, (303, "https://booking.example/paid".to_owned()), "{order}");
                }
                "notify" => {
                    assert_eq!(notify(&process, &payment).await.text("status"), "COMPLETED", "{order}")
                }
                _ => drop(world.tell(&process).await),
            }
        }
        assert_eq!(status_of(&process, &payment).await, "COMPLETED", "{order}");
        assert_eq!(world.told("payment.processed").len(), 1, "{order}");
        assert_eq!(world.told("alert.raised").len(), 0, "{order}");
        world.check_books().await;
    }
}

#[tokio::test]
async fn return_and_notification_at_the_same_time_pay_once() {
    for _ in 0..20 {
        let world = World::new();
        let (process, other) = (world.process(), world.process());
        let payment = open(&process).await;
        assert!(at_the_page(&world, &payment, "success").await);
        let (on, told, _) = tokio::join!(
            come_back(&process, &payment, "success"),
            notify(&other, &payment),
            world.tell(&process)
        );
        assert_eq!(on, (303, "https://booking.example/paid".to_owned()));
        assert_eq!(told.text("status"), "COMPLETED", "{}", told.json);
        assert_eq!(world.told("payment.processed").len(), 1);
        world.check_books().await;
    }
}

#[tokio::test]
async fn what_a_return_says_of_success_is_not_believed() {
    let world = World::new();
    let process = world.process();
    let payment = open(&process).await;
    assert_eq!(come_back(&process, &payment, "success").await.0, 200, "a page that says it is not paid");
    assert_eq!(notify(&process, &payment).await.text("status"), "INITIATED");
    assert!(world.booked().await.is_empty());
    assert!(at_the_page(&world, &payment, "success").await, "it may still be paid");
    assert_eq!(come_back(&process, &payment, "fail").await.1, "https://booking.example/paid");
    world.check_books().await;
}

#[tokio::test]
async fn a_guest_who_goes_back_has_cancelled_and_one_who_is_refused_has_failed() {
    for (pressed, status) in [("canceled", "CANCELLED"), ("failed", "FAILED")] {
        let world = World::new();
        let process = world.process();
        let payment = open(&process).await;
        assert!(at_the_page(&world, &payment, pressed).await);
        let on = come_back(&process, &payment, "cancel").await;
        assert_eq!(on, (303, "https://booking.example/not-paid".to_owned()), "{pressed}");
        let record = process.get(&path(&payment, "")).await;
        assert_eq!(record.text("status"), status);
        assert!(!record.text("error_message").is_empty(), "{}", record.json);
        assert_eq!(record.json["redirect_url"], Value::Null);
        assert!(!at_the_page(&world, &payment, "success").await, "it is over");
        assert!(world.booked().await.is_empty());
    }
}

#[tokio::test]
async fn a_page_whose_time_is_over_has_failed_and_takes_no_money() {
    let world = World::new();
    let process = world.process();
    let payment = open(&process).await;
    world.wait(30 * 60 + 1);
    assert_eq!(notify(&process, &payment).await.text("status"), "FAILED");
    assert!(!at_the_page(&world, &payment, "success").await);
}

#[tokio::test]
async fn a_gateway_that_does_not_answer_leaves_it_initiated_and_the_same_request_tells_the_page() {
    let world = World::new();
    let process = world.process();
    world.line.set(Fault::LosesAnswer);
    let begun = process.post(PAYMENTS, "k", wanted()).await;
    assert_eq!((begun.status, begun.text("status")), (202, "INITIATED"), "{}", begun.json);
    assert_eq!(begun.json["redirect_url"], Value::Null);
    world.line.set(Fault::None);
    for _ in 0..4 {
        world.wait(60);
        process.recover().await;
    }
    let record = process.get(&path(&begun, "")).await;
    assert_eq!(record.text("status"), "INITIATED");
    assert!(record.text("redirect_url").contains("/simulator/challenge/"), "{}", record.json);
}

#[tokio::test]
async fn what_is_wrong_is_named_by_its_field_and_begins_nothing() {
    let world = World::new();
    let process = world.process();
    for (field, value) in [
        ("amount", json!(1.005)),
        ("amount", json!("12")),
        ("amount", json!(0)),
        ("currency", json!("XXZ")),
        ("channel", json!("SMOKE")),
        ("hotel_id", Value::Null),
        ("reservation_id", json!("")),
        ("success_url", json!("http://booking.example")),
        ("failure_url", json!("javascript:alert(1)")),
        ("notification_url", json!("booking.example/told")),
        ("guest", Value::Null),
    ] {
        let answer = process.post(PAYMENTS, "k", with(wanted(), field, value.clone())).await;
        assert_eq!((answer.status, answer.text("error")), (400, "VALIDATION_ERROR"), "{field} {value}");
        assert_eq!(answer.text("field"), field, "{}", answer.json);
    }
    let card = with(wanted(), "booking_reference", "4242424242424242");
    let answer = process.post(PAYMENTS, "k", card).await;
    assert_eq!((answer.status, answer.text("error")), (422, "CARD_NUMBER_DETECTED"), "{}", answer.json);
    assert_eq!(world.intents().await.len(), 0);
}

#[tokio::test]
async fn nobody_finds_a_payment_that_is_not_there_or_another_tenants() {
    let world = World::new();
    let process = world.process();
    let payment = open(&process).await;
    let stranger = process.signed(TestRequest::get().uri(&path(&payment, "")), "other", "x", "admin");
    assert_eq!(process.call(stranger).await.text("error"), "PAYMENT_NOT_FOUND");
    for id in ["0190a6f0-2c1e-7b3a-9c4d-5e6f70819203", "nonsense"] {
        let answer = process.get(&format!("{PAYMENTS}/{id}")).await;
        assert_eq!((answer.status, answer.text("error")), (404, "PAYMENT_NOT_FOUND"));
        let back = process.call(TestRequest::get().uri(&format!("{PAYMENTS}/{id}/return"))).await;
        assert_eq!((back.status, &*back.media_type), (404, "text/html; charset=utf-8"));
        let told = process.call(TestRequest::get().uri(&format!("{PAYMENTS}/{id}/notify"))).await;
        assert_eq!((told.status, told.text("error")), (404, "PAYMENT_NOT_FOUND"));
    }
    let core = process.pay("tok_visa").await;
    let uuid: tender_domain::kernel::IntentId = core.text("id").parse().expect("an id");
    let answer = process.get(&format!("{PAYMENTS}/{}", uuid.uuid())).await;
    assert_eq!(answer.status, 404, "a payment of another door");
}
