//! The tickets dialect answers in its document's envelope, whatever it refuses.

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_domain::kernel::{Currency, Money};
use tender_domain::ports::{DeclineCode, Order, OrderStatus};

use crate::rentals::{booking, put};
use crate::reservations::{order_named, write_back};
use crate::rig::{Process, World};
use crate::settings::hear;

pub(crate) const PATH: &str = "/tickets/payments";
pub(crate) const A_GUID: &str = "0190a6f0-2c1e-7b3a-9c4d-5e6f70819203";

pub(crate) fn payment() -> Value {
    json!({ "orderId": A_GUID, "customerId": A_GUID, "amount": 10.00, "currency": "EUR" })
}

/// An order of ten euros in the built-in directory.
async fn put_order(process: &Process) {
    put_order_named(process, A_GUID).await;
}

/// The same by another name.
pub(crate) async fn put_order_named(process: &Process, reference: &str) {
    let order = Order {
        reference: reference.to_owned(),
        kind: "order".to_owned(),
        customer_id: A_GUID.to_owned(),
        amount: Money::new(1_000, Currency::EUR),
        ..booking(1, 1_000)
    };
    put(process, order).await;
}

#[actix_web::test]
async fn an_order_is_confirmed_once_it_is_paid_and_stays_paid_by_the_same_payment() {
    let world = World::new();
    let process = world.process();
    put_order(&process).await;
    let pay = || TestRequest::post().uri(PATH).set_json(payment());
    let first = process.call(process.signed(pay(), "acme", "cust_1", "admin")).await;
    assert_eq!(first.status, 200, "{}", first.json);
    let intent = world.intents().await.remove(0);
    let told = world.told("order.changed");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((&told[0]["orderId"], &told[0]["status"]), (&json!(A_GUID), &json!("confirmed")));
    assert_eq!(told[0]["paidBy"], json!([intent.id.to_string()]));
    assert_eq!(order_named(&world, A_GUID).await.status, OrderStatus::Pending, "until it is written back");
    write_back(&world, &process).await;
    assert_eq!(order_named(&world, A_GUID).await.status, OrderStatus::Confirmed);
    let again = process.call(process.signed(pay(), "acme", "cust_1", "admin")).await;
    assert_eq!((again.status, &again.json["payment"]["id"]), (200, &first.json["payment"]["id"]));
    assert_eq!(world.told("order.changed").len(), 1, "nothing changed");
    world.check_books().await;
}

#[actix_web::test]
async fn every_refusal_is_the_documents_envelope_and_no_problem_details() {
    let process = World::new().process();
    let admin = |body: &Value| {
        process.signed(TestRequest::post().uri(PATH).set_json(body), "acme", "cust_1", "admin")
    };
    let reader = process.signed(TestRequest::post().uri(PATH).set_json(payment()), "acme", "x", "read_only");
    let nobody = TestRequest::post().uri(PATH).set_json(payment());
    let nobody = nobody.insert_header(("authorization", "Bearer of bad news"));
    let refusals = [
        (400, admin(&json!({ "orderId": A_GUID }))),
        (400, TestRequest::post().uri(PATH).set_payload("{")),
        (401, nobody),
        (403, reader),
        (404, admin(&payment())),
    ];
    for (status, request) in refusals {
        let answer = process.call(request).await;
        assert_eq!((answer.status, &*answer.media_type), (status, "application/json"), "{}", answer.json);
        assert_eq!(answer.json["success"], false, "{}", answer.json);
        assert_eq!(answer.json["payment"], Value::Null);
        assert!(!answer.text("errorMessage").is_empty(), "{}", answer.json);
    }
}

#[actix_web::test]
async fn a_dialect_needs_no_mandate_and_a_tenant_that_always_asks_has_its_payments_declined() {
    for (policy, status) in [("automatic", 200), ("always", 402)] {
        let world = World::new();
        let process = world.process();
        hear(&process, 1, json!({ "threeDsPolicy": policy })).await;
        put_order(&process).await;
        let request = TestRequest::post().uri(PATH).set_json(payment());
        let answer = process.call(process.signed(request, "acme", "cust_1", "admin")).await;
        assert_eq!(answer.status, status, "{policy}: {}", answer.json);
        let intents = world.intents().await;
        let decline = intents[0].attempts[0].decline.as_ref().map(|decline| decline.code);
        let expected = (status == 402).then_some(DeclineCode::AuthenticationRequired);
        assert_eq!((intents[0].attempts.len(), decline), (1, expected), "{policy}");
        world.check_books().await;
    }
}
