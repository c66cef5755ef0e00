//! The rentals dialect pays for bookings as its document has it.

use std::sync::Arc;

use actix_web::test::TestRequest;
use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::{Value, json};
use tender_domain::kernel::{Currency, MethodId, Money, TenantId};
use tender_domain::ports::{
    ChargeableMethod, MethodLookupError, MethodVault, NumberKind, Numbering, Order, OrderStatus,
};
use tender_simulator::test_cards;
use uuid::Uuid;

use crate::rig::{Answer, Process, World, acme, with};

pub(crate) const PROCESS: &str = "/rentals/payments/process";
pub(crate) const USER: &str = "123";
const EXPIRED: u128 = 1_000;

/// One method of [`USER`] for each test token, and as many that expired.
pub(crate) struct UsersMethods;

#[async_trait]
impl MethodVault for UsersMethods {
    async fn method_for_charge(
        &self,
        _: &TenantId,
        id: MethodId,
    ) -> Result<ChargeableMethod, MethodLookupError> {
        let number = id.uuid().as_u128();
        let card = &test_cards()[usize::try_from(number % EXPIRED).expect("a small number") - 1];
        Ok(ChargeableMethod {
            id,
            customer_id: Some(USER.to_owned()),
            method_type: "card".to_owned(),
            brand: Some(card.brand.to_owned()),
            last4: Some("4242".to_owned()),
            exp_month: Some(12),
            exp_year: Some(if number >= EXPIRED { 2025 } else { 2039 }),
            fingerprint: "f".to_owned(),
            bin: None,
            account_country: None,
            merchant_account_id: None,
            tokens: vec![("simulator".to_owned(), SecretString::from(card.token))],
        })
    }
}

/// The number of the user's method with this token.
pub(crate) async fn method(world: &World, token: &str) -> i64 {
    let place = test_cards().iter().position(|card| card.token == token).expect("a test token");
    numbered(world, place as u128 + 1).await
}

async fn numbered(world: &World, id: u128) -> i64 {
    let ids = [Uuid::from_u128(id)];
    world.numbers.numbers(&acme(), NumberKind::Method, &ids).await.expect("memory can be read")[0]
}

pub(crate) fn booking(number: i64, minor: i64) -> Order {
    let details = json!({
        "pickup_date": "2026-07-15T10:00:00Z", "dropoff_date": "2026-07-18T10:00:00Z", "vehicle_id": 789,
        "vehicle": "Toyota Camry",
    });
    Order {
        reference: number.to_string(),
        kind: "booking".to_owned(),
        customer_id: USER.to_owned(),
        amount: Money::new(minor, Currency::USD),
        status: OrderStatus::Pending,
        starts_at: None,
        product_type: None,
        rate_plan: None,
        reservation: None,
        details: details.as_object().cloned().expect("an object"),
    }
}

/// A process with the document's booking, 349.99 USD.
pub(crate) async fn process(world: &World) -> Process {
    let process = world.process_over(Arc::new(UsersMethods));
    put(&process, booking(456, 34_999)).await;
    process
}

pub(crate) async fn put(process: &Process, order: Order) {
    process.service.put_order(&acme(), order).await.expect("it can be put");
}

pub(crate) fn payment(method: i64) -> Value {
    json!({ "booking_id": 456, "amount": 349.99, "payment_method_id": method, "currency": "USD" })
}

pub(crate) fn as_user(process: &Process, request: TestRequest, user: &str) -> TestRequest {
    process.signed(request, "acme", user, "customer")
}

pub(crate) async fn pay(process: &Process, body: &Value) -> Answer {
    let request = TestRequest::post().uri(PROCESS).set_json(body);
    process.call(as_user(process, request, USER)).await
}

#[track_caller]
pub(crate) fn refused(answer: &Answer, status: u16, code: &str) {
    let json = &answer.json;
    assert_eq!((answer.status, answer.text("error_code")), (status, code), "{json}");
    assert_eq!((answer.text("status"), &*answer.media_type), ("error", "application/json"), "{json}");
    assert!(!answer.text("message").is_empty(), "{json}");
}

#[actix_web::test]
async fn the_documents_example_pays_the_booking() {
    let world = World::new();
    let process = process(&world).await;
    let request = TestRequest::post().uri(PROCESS).set_json(payment(method(&world, "tok_visa").await));
    let request =
        request.insert_header(("user-agent", "Browser/1.0")).insert_header(("x-forwarded-for", "192.0.2.7"));
    let request = request.peer_addr("127.0.0.1:1000".parse().expect("an address"));
    let paid = process.call(as_user(&process, request, USER)).await;
    assert_eq!(paid.status, 200, "{}", paid.json);
    let payment = &paid.json["data"]["payment"];
    let expected = json!({
        "status": "success", "message": "Payment processed",
        "data": { "payment": {
            "id": 1, "amount": payment["amount"], "currency": "USD", "status": "completed",
            "transaction_id": payment["transaction_id"], "created_at": payment["created_at"],
        } },
    });
    assert_eq!(paid.json, expected);
    assert_eq!(payment["amount"].to_string(), "349.99");
    assert!(payment["transaction_id"].is_string() && payment["created_at"].is_string());
    world.check_books().await;
    // From where the payer called is recorded.
    let intent = world.intents().await.remove(0);
    let kept =
        world.store.storefront_payments(&acme(), &[intent.id]).await.expect("it can be read").remove(0);
    let recorded = (kept.ip_address.as_deref(), kept.user_agent.as_deref());
    assert_eq!(recorded, (Some("192.0.2.7"), Some("Browser/1.0")));
}

pub(crate) async fn a_booking_is_paid_once_also_by_many_at_once(world: &World) {
    let process = process(world).await;
    let card = method(world, "tok_visa").await;
    // Of many tokens of one user, so that no limit of requests decides it.
    let calls = (0..20).map(|n| {
        let request = TestRequest::post().uri(PROCESS).set_json(payment(card));
        process.signed(request, "acme", &format!("clerk {n}"), "admin")
    });
    let answers = process.call_all(calls).await;
    let live = answers.iter().filter(|answer| matches!(answer.status, 200 | 202)).count();
    assert!(live >= 1, "{answers:?}");
    for answer in &answers {
        match answer.status {
            200 | 202 => assert_eq!(answer.json["data"]["payment"]["id"], 1, "{}", answer.json),
            _ => refused(answer, 400, "BOOKING_ALREADY_PAID"),
        }
    }
    assert_eq!(world.booked().await.len(), 1);
    refused(&pay(&process, &payment(card)).await, 400, "BOOKING_ALREADY_PAID");
}

#[actix_web::test]
async fn a_decline_is_the_documents_500_kept_under_its_key_and_the_booking_stays_payable() {
    let world = World::new();
    let process = process(&world).await;
    let declined = payment(method(&world, "tok_insufficient_funds").await);
    let keyed = || {
        let request =
            TestRequest::post().uri(PROCESS).insert_header(("idempotency-key", "k")).set_json(&declined);
        process.call(as_user(&process, request, USER))
    };
    let first = keyed().await;
    refused(&first, 500, "PAYMENT_FAILED");
    assert!(first.text("message").contains("INSUFFICIENT_FUNDS"), "{}", first.json);
    let again = keyed().await;
    assert_eq!((again.status, again.replayed, &again.json), (500, true, &first.json));
    assert_eq!(world.intents().await.len(), 1, "a retry is no payment of its own");
    let paid = pay(&process, &payment(method(&world, "tok_visa").await)).await;
    assert_eq!(paid.status, 200, "{}", paid.json);
    let retried = keyed().await;
    assert_eq!((retried.status, &retried.json), (500, &first.json), "a retry never changes an outcome");
}

#[actix_web::test]
async fn amounts_carry_the_networks_code() {
    let world = World::new();
    let process = process(&world).await;
    let card = method(&world, "tok_visa").await;
    for (minor, amount, code) in
        [(995_105, 9951.05, "DO_NOT_HONOR"), (995_151, 9951.51, "INSUFFICIENT_FUNDS")]
    {
        put(&process, booking(minor, minor)).await;
        let body = with(with(payment(card), "booking_id", minor), "amount", amount);
        let declined = pay(&process, &body).await;
        refused(&declined, 500, "PAYMENT_FAILED");
        assert!(declined.text("message").contains(code), "{}", declined.json);
    }
}

#[actix_web::test]
async fn what_is_not_known_is_pending_and_the_same_call_learns_it() {
    let world = World::new();
    let process = process(&world).await;
    let body = payment(method(&world, "tok_timeout_after").await);
    let lost = pay(&process, &body).await;
    assert_eq!(
        (lost.status, &lost.json["data"]["payment"]["status"]),
        (202, &json!("pending")),
        "{}",
        lost.json
    );
    world.wait(3_601);
    let known = pay(&process, &body).await;
    assert_eq!(
        (known.status, &known.json["data"]["payment"]["status"]),
        (200, &json!("completed")),
        "{}",
        known.json
    );
    assert_eq!(known.json["data"]["payment"]["id"], lost.json["data"]["payment"]["id"]);
    refused(&pay(&process, &body).await, 400, "BOOKING_ALREADY_PAID");
    world.check_books().await;
}

#[actix_web::test]
async fn every_refusal_is_the_documents_envelope_and_code() {
    let world = World::new();
    let process = process(&world).await;
    let card = method(&world, "tok_visa").await;
    let expired = numbered(&world, EXPIRED + 1).await;
    for (number, status) in [(1, OrderStatus::Confirmed), (2, OrderStatus::Canceled)] {
        put(&process, Order { status, ..booking(number, 34_999) }).await;
    }
    put(&process, Order { customer_id: "124".to_owned(), ..booking(3, 34_999) }).await;
    let good = || payment(card);
    let bad = (400, "VALIDATION_ERROR");
    for (body, (status, code)) in [
        (json!({}), bad),
        (with(good(), "booking_id", "456"), bad),
        (with(good(), "booking_id", 1.5), bad),
        (with(good(), "amount", Value::Null), bad),
        (with(good(), "amount", 0), bad),
        (with(good(), "amount", -349.99), bad),
        (with(good(), "amount", "349.99"), bad),
        (with(good(), "amount", 349.999), bad),
        (with(good(), "currency", "dollars"), bad),
        (with(good(), "currency", 1), bad),
        (with(good(), "payment_method_id", Value::Null), bad),
        (with(good(), "booking_id", 2), bad),
        (with(good(), "amount", 349.98), (400, "PAYMENT_AMOUNT_MISMATCH")),
        (with(good(), "currency", "EUR"), (400, "PAYMENT_AMOUNT_MISMATCH")),
        (with(good(), "booking_id", 1), (400, "BOOKING_ALREADY_PAID")),
        (with(good(), "payment_method_id", 99), (400, "INVALID_PAYMENT_METHOD")),
        (with(good(), "payment_method_id", expired), (400, "INVALID_PAYMENT_METHOD")),
        (with(good(), "booking_id", 3), (403, "PERMISSION_DENIED")),
        (with(good(), "booking_id", 999), (404, "BOOKING_NOT_FOUND")),
    ] {
        refused(&pay(&process, &body).await, status, code);
        world.wait(3_601);
    }
    let malformed = TestRequest::post().uri(PROCESS).insert_header(("content-type", "application/json"));
    let malformed = process.call(as_user(&process, malformed.set_payload("{"), USER)).await;
    refused(&malformed, 400, "VALIDATION_ERROR");
    let nobody = process.call(TestRequest::post().uri(PROCESS).set_json(good())).await;
    refused(&nobody, 401, "UNAUTHORIZED");
    let reader = process.signed(TestRequest::post().uri(PROCESS).set_json(good()), "acme", USER, "read_only");
    refused(&process.call(reader).await, 403, "PERMISSION_DENIED");
    assert!(world.booked().await.is_empty(), "nothing was charged");
}

#[actix_web::test]
async fn a_user_calls_thirty_times_a_minute_a_premium_user_twice_as_often_and_hears_when_to_come_again() {
    let world = World::new();
    let process = process(&world).await;
    let list = |roles: &'static [&'static str]| {
        let request = TestRequest::get().uri("/rentals/payments/user");
        process.call(process.signed_as(request, "acme", USER, roles))
    };
    for n in 0..30 {
        assert_eq!(list(&["customer"]).await.status, 200, "call {n}");
    }
    let refusal = list(&["customer"]).await;
    refused(&refusal, 429, "TOO_MANY_REQUESTS");
    assert_eq!(refusal.retry_after.as_deref(), Some("60"));
    // What was counted stays counted under the larger limit.
    for n in 30..60 {
        assert_eq!(list(&["customer", "premium"]).await.status, 200, "call {n}");
    }
    refused(&list(&["customer", "premium"]).await, 429, "TOO_MANY_REQUESTS");
    let other_process = world.process_over(Arc::new(UsersMethods));
    let elsewhere = as_user(&other_process, TestRequest::get().uri("/rentals/payments/user"), USER);
    refused(&other_process.call(elsewhere).await, 429, "TOO_MANY_REQUESTS");
    world.wait(60);
    assert_eq!(list(&["customer"]).await.status, 200, "the minute is over");
}

#[actix_web::test]
async fn a_user_pays_ten_times_an_hour() {
    let world = World::new();
    let process = process(&world).await;
    let body = with(payment(method(&world, "tok_visa").await), "booking_id", 999);
    for _ in 0..10 {
        refused(&pay(&process, &body).await, 404, "BOOKING_NOT_FOUND");
    }
    refused(&pay(&process, &body).await, 429, "TOO_MANY_REQUESTS");
    let other = as_user(&process, TestRequest::post().uri(PROCESS).set_json(&body), "124");
    refused(&process.call(other).await, 404, "BOOKING_NOT_FOUND");
    world.wait(3_600);
    refused(&pay(&process, &body).await, 404, "BOOKING_NOT_FOUND");
}

#[actix_web::test]
async fn an_administrator_pays_for_whom_the_booking_is() {
    let world = World::new();
    let process = process(&world).await;
    let body = payment(method(&world, "tok_visa").await);
    let request = process.signed(TestRequest::post().uri(PROCESS).set_json(body), "acme", "clerk", "admin");
    assert_eq!(process.call(request).await.status, 200);
    assert_eq!(world.intents().await[0].customer_id.as_deref(), Some(USER));
}
