//! Reservations of hotels: what is asked in advance, what a payment confirms, and what giving up takes back.

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_domain::intents::{CallbackState, CallbackStore as _, GatewayCallback};
use tender_domain::kernel::{CallbackId, Version};
use tender_domain::ports::{
    CallEnd, CallKind, Decline, DeclineCode, GatewayFact, Order, OrderDirectory as _, OrderStatus,
};
use tender_intents::{BuiltInOrders, OrderWriteBack};
use uuid::Uuid;

use crate::hotels::{PAYMENTS, at_the_page};
use crate::rig::{Answer, CUSTOMER, Process, World, acme, with};

const RESERVATIONS: &str = "/hotels/reservations";

pub(crate) fn wanted(channel: &str) -> Value {
    json!({
        "reservation_id": "R-7", "hotel_id": "hotel-1", "rate_plan": "flex",
        "guest": { "name": "Ada Example", "email": "ada@example.com" }, "total": 300.00, "currency": "EUR",
        "arrival": "2026-05-01", "departure": "2026-05-04", "channel": channel,
    })
}

pub(crate) async fn policies(process: &Process, policies: Value) {
    let body = json!({ "hotel_id": "hotel-1", "policies": policies });
    let put = TestRequest::put().uri("/v1/payments/deposits/policies").set_json(body);
    let put = put.insert_header(("if-match", "\"0\""));
    let answer = process.call(process.signed(put, "acme", CUSTOMER, "admin")).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
}

pub(crate) async fn percentage(process: &Process) {
    policies(process, json!([{ "rate_plan": "flex", "policy_type": "PERCENTAGE", "percentage_bps": 3_000 }]))
        .await;
}

pub(crate) async fn reserve(process: &Process, body: &Value) -> Answer {
    let request = TestRequest::post().uri(RESERVATIONS).set_json(body);
    process.call(process.signed(request, "acme", CUSTOMER, "admin")).await
}

/// A reservation whose guest is to pay a deposit on a page.
pub(crate) async fn book_online(process: &Process) {
    percentage(process).await;
    assert_eq!(reserve(process, &wanted("GUEST_BOOKING")).await.json["deposit_required"], true);
}

async fn change(process: &Process, body: Value) -> Answer {
    let request = TestRequest::patch().uri(&format!("{RESERVATIONS}/R-7")).set_json(body);
    process.call(process.signed(request, "acme", CUSTOMER, "admin")).await
}

async fn notify(process: &Process, payment: &Answer) -> Answer {
    let path = format!("{PAYMENTS}/{}/notify", payment.text("payment_id"));
    process.call(TestRequest::post().uri(&path)).await
}

/// Lets the follower of `order.changed` write back what was told so far.
pub(crate) async fn write_back(world: &World, process: &Process) {
    use tender_domain::ports::Consumer as _;
    let follower = OrderWriteBack(process.service.clone());
    let messages = world.memory.as_ref().expect("in memory").messages();
    for message in messages.iter().filter(|message| message.topic.name() == "order.changed") {
        follower.handle(message).await.expect("it can be written back");
    }
}

/// The order of the built-in directory with this reference.
pub(crate) async fn order_named(world: &World, reference: &str) -> Order {
    let orders = BuiltInOrders { store: world.store.clone(), clock: world.clock.clone() };
    orders.find(&acme(), reference).await.expect("in memory").expect("the directory has it")
}

async fn order(world: &World) -> Order {
    order_named(world, "R-7").await
}

#[tokio::test]
async fn who_books_online_pays_the_deposit_on_a_page_and_is_confirmed_by_it() {
    let world = World::new();
    let process = world.process();
    percentage(&process).await;
    let asked = reserve(&process, &wanted("GUEST_BOOKING")).await;
    assert_eq!((asked.status, &asked.json["deposit_required"]), (201, &json!(true)), "{}", asked.json);
    assert_eq!(
        (asked.text("policy_type"), asked.json["amount"].to_string()),
        ("PERCENTAGE", "90.00".to_owned())
    );
    assert_eq!(asked.json.get("link_id"), None);
    let again = reserve(&process, &wanted("GUEST_BOOKING")).await;
    assert_eq!((again.status, &again.json), (200, &asked.json), "a reservation is taken in once");
    assert_eq!(world.intents().await.len(), 1);

    assert!(at_the_page(&world, &asked, "success").await);
    assert_eq!(notify(&process, &asked).await.text("status"), "COMPLETED");
    let _ = world.tell(&process).await;
    let known = reserve(&process, &wanted("GUEST_BOOKING")).await;
    assert_eq!((known.status, known.text("status")), (200, "CONFIRMED"), "{}", known.json);
    let told = world.told("order.changed");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((&told[0]["orderId"], &told[0]["status"]), (&json!("R-7"), &json!("confirmed")));
    assert_eq!((told[0]["paidBy"].as_array().map(Vec::len), &told[0]["refund"]), (Some(1), &json!([])));
    assert_eq!(order(&world).await.status, OrderStatus::Pending, "until it is written back");
    write_back(&world, &process).await;
    write_back(&world, &process).await;
    assert_eq!(order(&world).await.status, OrderStatus::Confirmed);
    world.check_books().await;
}

#[tokio::test]
async fn a_callback_alone_confirms_as_well() {
    let world = World::new();
    let process = world.process();
    percentage(&process).await;
    let asked = reserve(&process, &wanted("GUEST_BOOKING")).await;
    assert!(at_the_page(&world, &asked, "success").await);
    let _ = world.tell(&process).await;
    assert_eq!(reserve(&process, &wanted("GUEST_BOOKING")).await.text("status"), "CONFIRMED");
}

#[tokio::test]
async fn others_are_sent_a_link_and_no_deposit_asks_for_nothing() {
    let world = World::new();
    let process = world.process();
    let free = reserve(&process, &with(wanted("AGENT"), "reservation_id", "R-free")).await;
    assert_eq!((free.status, &free.json["deposit_required"]), (201, &json!(false)), "{}", free.json);
    assert_eq!((free.text("policy_type"), free.json.get("link_id")), ("NONE", None));
    percentage(&process).await;
    let asked = reserve(&process, &wanted("AGENT")).await;
    assert_eq!((asked.status, asked.json.get("payment_id")), (201, None), "{}", asked.json);
    assert!(asked.json["link_id"].is_string(), "{}", asked.json);
    assert_eq!(world.told("notification.requested").len(), 1, "the guest has an e-mail address");
    assert_eq!(reserve(&process, &wanted("AGENT")).await.json, asked.json);
    assert_eq!(world.told("notification.requested").len(), 1, "told again, it is not sent again");
}

#[tokio::test]
async fn a_page_that_ended_without_payment_is_followed_by_another_when_it_is_told_again() {
    let world = World::new();
    let process = world.process();
    percentage(&process).await;
    let first = reserve(&process, &wanted("GUEST_BOOKING")).await;
    assert!(at_the_page(&world, &first, "canceled").await);
    assert_eq!(notify(&process, &first).await.text("status"), "CANCELLED");
    let second = reserve(&process, &wanted("GUEST_BOOKING")).await;
    assert_ne!(second.text("payment_id"), first.text("payment_id"), "{}", second.json);
    assert!(at_the_page(&world, &second, "success").await);
    assert_eq!(notify(&process, &second).await.text("status"), "COMPLETED");
    assert_eq!(reserve(&process, &wanted("GUEST_BOOKING")).await.text("status"), "CONFIRMED");
}

#[tokio::test]
async fn giving_up_takes_back_what_was_asked_and_tells_refunds_what_was_paid_once() {
    for (policy, refunds) in [("FULL_PREPAYMENT", true), ("NON_REFUNDABLE", false)] {
        let world = World::new();
        let process = world.process();
        policies(&process, json!([{ "policy_type": policy }])).await;
        let asked = reserve(&process, &wanted("GUEST_BOOKING")).await;
        assert_eq!(asked.json["amount"].to_string(), "300.00");
        assert!(at_the_page(&world, &asked, "success").await);
        assert_eq!(notify(&process, &asked).await.text("status"), "COMPLETED");
        for _ in 0..2 {
            let canceled = change(&process, json!({ "status": "CANCELLED" })).await;
            assert_eq!((canceled.status, canceled.text("status")), (200, "CANCELLED"), "{}", canceled.json);
        }
        let told = world.told("order.changed");
        assert_eq!(told.len(), 2, "confirmed and given up, each once: {told:?}");
        assert_eq!(told[1]["status"], "canceled");
        assert_eq!(told[1]["refund"].as_array().map(Vec::len), Some(usize::from(refunds)), "{policy}");
        write_back(&world, &process).await;
        assert_eq!(order(&world).await.status, OrderStatus::Canceled);
        let changed = change(&process, json!({ "status": "MODIFIED", "total": 10 })).await;
        assert_eq!((changed.status, changed.text("error")), (409, "CONFLICT"), "{}", changed.json);
    }
}

#[tokio::test]
async fn money_that_comes_after_a_reservation_was_given_up_goes_back() {
    let world = World::new();
    let process = world.process();
    percentage(&process).await;
    let asked = reserve(&process, &wanted("GUEST_BOOKING")).await;
    // Paid at the gateway, and not told yet.
    assert!(at_the_page(&world, &asked, "success").await);
    let canceled = change(&process, json!({ "status": "CANCELLED" })).await;
    assert_eq!(canceled.text("status"), "CANCELLED");
    let _ = world.tell(&process).await;
    process.recover().await;
    let told = world.told("order.changed");
    let last = told.last().expect("it was given up");
    assert_eq!(
        (&last["status"], last["refund"].as_array().map(Vec::len)),
        (&json!("canceled"), Some(1)),
        "{told:?}"
    );
    world.check_books().await;
}

#[tokio::test]
async fn another_price_asks_for_another_deposit_until_it_is_paid() {
    let world = World::new();
    let process = world.process();
    percentage(&process).await;
    let asked = reserve(&process, &wanted("GUEST_BOOKING")).await;
    let dearer =
        change(&process, json!({ "status": "MODIFIED", "total": 500, "departure": "2026-05-06" })).await;
    assert_eq!(
        (dearer.status, dearer.json["amount"].to_string()),
        (200, "150.00".to_owned()),
        "{}",
        dearer.json
    );
    assert_ne!(dearer.text("payment_id"), asked.text("payment_id"));
    assert!(at_the_page(&world, &dearer, "success").await);
    assert_eq!(notify(&process, &dearer).await.text("status"), "COMPLETED");
    let paid = change(&process, json!({ "status": "MODIFIED", "total": 600 })).await;
    assert_eq!((paid.text("status"), paid.json["amount"].to_string()), ("CONFIRMED", "150.00".to_owned()));
}

#[tokio::test]
async fn what_is_wrong_with_a_reservation_is_named_and_nothing_is_taken_in() {
    let world = World::new();
    let process = world.process();
    for (field, value) in [
        ("reservation_id", Value::Null),
        ("hotel_id", json!("")),
        ("total", json!(0)),
        ("currency", json!("EU")),
        ("arrival", json!("2026-13-01")),
        ("departure", json!("2026-05-01")),
        ("channel", json!("FAX")),
        ("guest", Value::Null),
    ] {
        let answer = reserve(&process, &with(wanted("AGENT"), field, value)).await;
        assert_eq!(
            (answer.status, answer.text("error"), answer.text("field")),
            (400, "VALIDATION_ERROR", field)
        );
    }
    let unknown = change(&process, json!({ "status": "CANCELLED" })).await;
    assert_eq!((unknown.status, unknown.text("error")), (404, "RESERVATION_NOT_FOUND"), "{}", unknown.json);
    assert_eq!(reserve(&process, &wanted("AGENT")).await.status, 201);
    let other = reserve(&process, &with(wanted("AGENT"), "total", 301)).await;
    assert_eq!((other.status, other.text("error")), (409, "CONFLICT"), "{}", other.json);
    assert_eq!(change(&process, json!({ "status": "LOST" })).await.text("field"), "status");
}

/// The gateway tells that it took back what it had captured last.
async fn taken_back(world: &World, process: &Process) {
    let intent = world.intents().await.into_iter().find(|intent| !intent.captures.is_empty());
    let capture = intent.and_then(|intent| intent.captures.last().map(|capture| capture.id));
    let reference = capture.expect("something was captured").to_string();
    let why = Decline {
        code: DeclineCode::InsufficientFunds,
        network_code: None,
        message: "the bank does not pay".to_owned(),
        sca: None,
    };
    let end = CallEnd::TakenBack { gateway_reference: reference.clone(), why };
    let told = GatewayCallback {
        id: CallbackId::from_uuid(Uuid::from_u128(rand::random())),
        version: Version::FIRST,
        round: 0,
        tenant: Some(acme()),
        connector: "simulator".to_owned(),
        event_id: format!("evt_{reference}"),
        event_type: "capture_failed".to_owned(),
        occurred_at: world.now(),
        received_at: world.now(),
        fact: GatewayFact::Ended { kind: CallKind::Capture, reference, end },
        body: "{}".to_owned(),
        state: CallbackState::Pending,
        failures: 0,
        next_try_at: Some(world.now()),
        note: None,
    };
    process.callback_store.keep(&[told]).await.expect("in memory");
    process.callbacks.act_once().await.expect("in memory");
}

#[tokio::test]
async fn a_stay_whose_deposit_was_taken_back_waits_for_it_again_and_is_confirmed_by_another_payment() {
    let world = World::new();
    let process = world.process();
    percentage(&process).await;
    let asked = reserve(&process, &wanted("GUEST_BOOKING")).await;
    assert!(at_the_page(&world, &asked, "success").await);
    assert_eq!(notify(&process, &asked).await.text("status"), "COMPLETED");
    taken_back(&world, &process).await;
    let told = world.told("order.changed");
    let statuses: Vec<&Value> = told.iter().map(|event| &event["status"]).collect();
    assert_eq!(statuses, ["confirmed", "pending"], "{told:?}");
    assert_eq!((&told[1]["paidBy"], &told[1]["refund"]), (&json!([]), &json!([])));
    write_back(&world, &process).await;
    assert_eq!(order(&world).await.status, OrderStatus::Pending);
    assert_eq!(notify(&process, &asked).await.text("status"), "FAILED");

    let again = reserve(&process, &wanted("GUEST_BOOKING")).await;
    assert_eq!((again.status, again.text("status")), (200, "PENDING"), "{}", again.json);
    assert_ne!(again.text("payment_id"), asked.text("payment_id"), "its deposit is asked for anew");
    assert!(at_the_page(&world, &again, "success").await);
    assert_eq!(notify(&process, &again).await.text("status"), "COMPLETED");
    write_back(&world, &process).await;
    assert_eq!(order(&world).await.status, OrderStatus::Confirmed);
    let canceled = change(&process, json!({ "status": "CANCELLED" })).await;
    assert_eq!(canceled.text("status"), "CANCELLED");
    let told = world.told("order.changed");
    let refund = told.last().and_then(|event| event["refund"].as_array()).expect("it is told");
    assert_eq!(refund.len(), 1, "what was taken back is not given back as well: {told:?}");
}
