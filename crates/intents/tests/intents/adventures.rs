//! The adventures dialect answers as its document and annex have it.

use std::sync::Arc;

use actix_web::test::TestRequest;
use async_trait::async_trait;
use secrecy::SecretString;
use serde_json::{Value, json};
use tender_domain::kernel::{Currency, IntentId, MethodId, Money, TenantId};
use tender_domain::ports::{ChargeableMethod, MethodLookupError, MethodVault, Order, OrderStatus};
use tender_simulator::test_cards;
use uuid::Uuid;

use crate::rig::{Answer, Process, World, acme, with};

pub(crate) const PATH: &str = "/adventures/payments";
pub(crate) const GUEST: &str = "0190a6f0-2c1e-7b3a-9c4d-5e6f70819203";
const OTHER_GUEST: &str = "0190a6f0-2c1e-7b3a-9c4d-5e6f70819204";
pub(crate) const RESERVATION: &str = "0190a6f0-2c1e-7b3a-9c4d-000000000001";
const CANCELED: &str = "0190a6f0-2c1e-7b3a-9c4d-000000000002";
const EXPIRED: u128 = 1_000;

/// One method of [`GUEST`] for each test token, and one that expired a month ago.
struct GuestMethods;

#[async_trait]
impl MethodVault for GuestMethods {
    async fn method_for_charge(
        &self,
        _: &TenantId,
        id: MethodId,
    ) -> Result<ChargeableMethod, MethodLookupError> {
        let number = id.uuid().as_u128();
        let expired = number >= EXPIRED;
        let place = usize::try_from(number % EXPIRED).ok().and_then(|place| place.checked_sub(1));
        let card = place.and_then(|place| test_cards().get(place)).ok_or(MethodLookupError::NotFound(id))?;
        Ok(ChargeableMethod {
            id,
            customer_id: Some(GUEST.to_owned()),
            method_type: "card".to_owned(),
            brand: Some(card.brand.to_owned()),
            last4: Some("4242".to_owned()),
            exp_month: Some(if expired { 2 } else { 12 }),
            exp_year: Some(if expired { 2026 } else { 2039 }),
            fingerprint: "f".to_owned(),
            bin: None,
            account_country: None,
            merchant_account_id: None,
            tokens: vec![("simulator".to_owned(), SecretString::from(card.token))],
        })
    }
}

pub(crate) fn method(token: &str) -> Uuid {
    let place = test_cards().iter().position(|card| card.token == token).expect("a test token");
    Uuid::from_u128(place as u128 + 1)
}

pub(crate) async fn process(world: &World) -> Process {
    let process = world.process_over(Arc::new(GuestMethods));
    for (reference, status) in [(RESERVATION, OrderStatus::Pending), (CANCELED, OrderStatus::Canceled)] {
        let order = Order {
            reference: reference.to_owned(),
            kind: "reservation".to_owned(),
            customer_id: GUEST.to_owned(),
            amount: Money::new(100_000, Currency::USD),
            status,
            starts_at: None,
            product_type: None,
            rate_plan: None,
            reservation: None,
            details: serde_json::Map::new(),
        };
        process.service.put_order(&acme(), order).await.expect("it can be put");
    }
    process
}

pub(crate) fn payment(token: &str, key: &str) -> Value {
    json!({
        "reservation_id": RESERVATION, "guest_id": GUEST, "amount": 249.50, "currency": "USD",
        "payment_method_id": method(token), "idempotency_key": key,
    })
}

pub(crate) async fn post(process: &Process, body: &Value) -> Answer {
    process.call(process.signed(TestRequest::post().uri(PATH).set_json(body), "acme", "m", "admin")).await
}

async fn read(process: &Process, path: &str) -> Answer {
    process.call(process.signed(TestRequest::get().uri(path), "acme", "m", "admin")).await
}

pub(crate) async fn details(process: &Process, paid: &Answer) -> Value {
    let answer = read(process, &format!("{PATH}/{}", paid.text("payment_id"))).await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    answer.json
}

#[actix_web::test]
async fn a_payment_is_taken_and_shown_with_every_field_of_the_annex() {
    let world = World::new();
    let process = process(&world).await;
    let paid = post(&process, &payment("tok_visa", "first")).await;
    assert_eq!(paid.status, 201, "{}", paid.json);
    let mut wanted = payment("tok_visa", "first");
    let known = &paid.json;
    wanted["payment_id"] = known["payment_id"].clone();
    wanted["gateway_ref"] = known["gateway_ref"].clone();
    wanted["created_at"] = known["created_at"].clone();
    wanted["amount"] = known["amount"].clone();
    wanted["status"] = "COMPLETED".into();
    assert_eq!(known, &wanted);
    assert_eq!(known["amount"].to_string(), "249.50", "with the currency's places");
    assert!(Uuid::try_parse(paid.text("payment_id")).is_ok() && !paid.text("gateway_ref").is_empty());

    let details = details(&process, &paid).await;
    for (field, value) in known.as_object().expect("an object") {
        assert_eq!(&details[field], value, "{field}");
    }
    assert_eq!(
        details["processor"],
        json!({ "name": "simulator", "reference": known["gateway_ref"], "response_code": "00" })
    );
    let statuses: Vec<&str> = steps(&details).map(|step| step["status"].as_str().expect("a text")).collect();
    assert_eq!(statuses, ["PENDING", "COMPLETED"]);
    assert_eq!((&details["refunds"], &details["disputes"]), (&json!([]), &json!([])));
    world.check_books().await;
}

pub(crate) fn steps(details: &Value) -> impl Iterator<Item = &Value> {
    details["status_history"].as_array().expect("a list").iter()
}

#[actix_web::test]
async fn a_payment_is_told_on_the_documents_own_topic() {
    let world = World::new();
    let process = process(&world).await;
    let paid = post(&process, &payment("tok_visa", "first")).await;
    let _declined = post(&process, &payment("tok_declined", "second")).await;
    let told = world.told("novatrek.support.payment.processed");
    assert_eq!(told.len(), 1, "once for each payment that took money");
    let event = &told[0];
    for (field, value) in [
        ("payment_id", &paid.json["payment_id"]),
        ("reservation_id", &json!(RESERVATION)),
        ("guest_id", &json!(GUEST)),
        ("amount", &paid.json["amount"]),
        ("currency", &json!("USD")),
        ("status", &json!("COMPLETED")),
        ("gateway_ref", &paid.json["gateway_ref"]),
    ] {
        assert_eq!(&event[field], value, "{field}");
    }
    assert!(event["processed_at"].is_string());
    assert_eq!(world.told("payment.processed").len(), 1);
}

#[actix_web::test]
async fn the_same_key_and_request_is_the_same_payment_and_another_request_a_conflict() {
    let world = World::new();
    let process = process(&world).await;
    let first = post(&process, &payment("tok_visa", "key")).await;
    let again = post(&process, &payment("tok_visa", "key")).await;
    assert_eq!((again.status, again.replayed), (200, true), "{}", again.json);
    assert_eq!(again.json, first.json);
    let other = post(&process, &with(payment("tok_visa", "key"), "amount", 1)).await;
    refused(&other, 409, "IDEMPOTENCY_CONFLICT", Some("idempotency_key"));
    // The header does as well, and the two must not differ.
    let mut body = payment("tok_visa", "x");
    body.as_object_mut().expect("an object").remove("idempotency_key");
    let by_header = |key: &str, body: &Value| {
        let request = TestRequest::post().uri(PATH).insert_header(("idempotency-key", key)).set_json(body);
        process.signed(request, "acme", "m", "admin")
    };
    let paid = process.call(by_header("in-the-header", &body)).await;
    assert_eq!((paid.status, paid.text("idempotency_key")), (201, "in-the-header"), "{}", paid.json);
    let differs = process.call(by_header("one", &payment("tok_visa", "two"))).await;
    refused(&differs, 400, "VALIDATION_ERROR", Some("idempotency_key"));
    assert_eq!(world.booked().await.len(), 2);
}

#[actix_web::test]
async fn of_many_calls_with_one_key_at_once_one_pays() {
    let world = World::new();
    let process = process(&world).await;
    let calls = (0..20).map(|_| {
        let request = TestRequest::post().uri(PATH).set_json(payment("tok_visa", "key"));
        process.signed(request, "acme", "m", "admin")
    });
    let answers = process.call_all(calls).await;
    let id = answers[0].text("payment_id").to_owned();
    for answer in &answers {
        assert!(matches!(answer.status, 200..=202), "{}", answer.json);
        assert_eq!(answer.text("payment_id"), id);
    }
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(world.booked().await.len(), 1);
}

#[actix_web::test]
async fn a_reservation_may_have_several_payments() {
    let world = World::new();
    let process = process(&world).await;
    for key in ["deposit", "rest"] {
        assert_eq!(post(&process, &payment("tok_visa", key)).await.status, 201);
    }
    assert_eq!(world.booked().await.len(), 2);
}

#[actix_web::test]
async fn a_decline_is_a_payment_that_failed_and_says_why() {
    let world = World::new();
    let process = process(&world).await;
    for (token, reason, code) in [
        ("tok_insufficient_funds", "INSUFFICIENT_FUNDS", json!("51")),
        ("tok_challenge", "AUTHENTICATION_REQUIRED", Value::Null),
    ] {
        let declined = post(&process, &payment(token, token)).await;
        let said = (declined.status, declined.text("status"), declined.text("decline_reason"));
        assert_eq!(said, (201, "FAILED", reason), "{}", declined.json);
        assert_eq!(declined.json["gateway_ref"], Value::Null);
        let details = details(&process, &declined).await;
        let last = steps(&details).last().expect("a step");
        assert_eq!(last["status"], "FAILED");
        assert!(!last["reason"].as_str().expect("a reason").is_empty());
        if code != Value::Null {
            assert_eq!(details["processor"]["response_code"], code);
        }
        let again = post(&process, &payment(token, token)).await;
        assert_eq!((again.status, again.text("decline_reason")), (200, reason), "a retry changes nothing");
    }
}

#[actix_web::test]
async fn what_is_not_known_is_pending_and_the_same_call_learns_it() {
    let world = World::new();
    let process = process(&world).await;
    let lost = post(&process, &payment("tok_timeout_after", "lost")).await;
    assert_eq!((lost.status, lost.text("status")), (202, "PENDING"), "{}", lost.json);
    world.wait(3_600);
    let known = post(&process, &payment("tok_timeout_after", "lost")).await;
    assert_eq!((known.status, known.text("status")), (200, "COMPLETED"), "{}", known.json);
    assert_eq!(known.json["payment_id"], lost.json["payment_id"]);
    world.check_books().await;
}

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str, field: Option<&str>) {
    let json = &answer.json;
    assert_eq!((answer.status, answer.text("error")), (status, code), "{json}");
    assert_eq!(&*answer.media_type, "application/json");
    assert_eq!(json["field"], json!(field), "{json}");
    assert!(!answer.text("message").is_empty(), "{json}");
    assert!(json.as_object().expect("an object").contains_key("trace_id"));
}

#[actix_web::test]
async fn every_refusal_has_the_annexes_shape_and_code() {
    let world = World::new();
    let process = process(&world).await;
    let good = || payment("tok_visa", "key");
    let other = "0190a6f0-2c1e-7b3a-9c4d-ffffffffffff";
    let mut keyless = good();
    keyless.as_object_mut().expect("an object").remove("idempotency_key");
    let (bad, not_found) = ((400, "VALIDATION_ERROR"), |code| (404, code));
    let cases = [
        (json!({}), bad, "idempotency_key"),
        (keyless, bad, "idempotency_key"),
        (with(good(), "idempotency_key", "k".repeat(65)), bad, "idempotency_key"),
        (with(good(), "reservation_id", Value::Null), bad, "reservation_id"),
        (with(good(), "reservation_id", "456"), bad, "reservation_id"),
        (with(good(), "reservation_id", CANCELED), bad, "reservation_id"),
        (with(good(), "guest_id", "x"), bad, "guest_id"),
        (with(good(), "amount", 0), bad, "amount"),
        (with(good(), "amount", -1), bad, "amount"),
        (with(good(), "amount", "249.50"), bad, "amount"),
        (with(good(), "amount", 1.001), bad, "amount"),
        (with(good(), "amount", 1e300), bad, "amount"),
        (with(good(), "currency", "usd"), bad, "currency"),
        (with(good(), "currency", "EUR"), bad, "reservation_id"),
        (with(good(), "payment_method_id", "pm_1"), bad, "payment_method_id"),
        (
            with(good(), "payment_method_id", other),
            not_found("PAYMENT_METHOD_NOT_FOUND"),
            "payment_method_id",
        ),
        (with(good(), "reservation_id", other), not_found("RESERVATION_NOT_FOUND"), "reservation_id"),
        (with(good(), "guest_id", OTHER_GUEST), not_found("RESERVATION_NOT_FOUND"), "reservation_id"),
        (
            with(good(), "payment_method_id", Uuid::from_u128(EXPIRED + 1).to_string()),
            (422, "PAYMENT_METHOD_EXPIRED"),
            "payment_method_id",
        ),
        (
            with(good(), "idempotency_key", "4242424242424242"),
            (422, "CARD_NUMBER_DETECTED"),
            "idempotency_key",
        ),
    ];
    for (body, (status, code), field) in cases {
        refused(&post(&process, &body).await, status, code, Some(field));
    }
    let malformed = TestRequest::post().uri(PATH).insert_header(("content-type", "application/json"));
    let malformed = process.signed(malformed.set_payload("{"), "acme", "m", "admin");
    refused(&process.call(malformed).await, 400, "VALIDATION_ERROR", None);
    refused(&process.call(TestRequest::post().uri(PATH).set_json(good())).await, 401, "UNAUTHORIZED", None);
    let reader = process.signed(TestRequest::post().uri(PATH).set_json(good()), "acme", "m", "read_only");
    refused(&process.call(reader).await, 403, "FORBIDDEN", None);
    for id in [other, "456"] {
        refused(&read(&process, &format!("{PATH}/{id}")).await, 404, "PAYMENT_NOT_FOUND", None);
    }
    assert!(world.intents().await.is_empty() && world.booked().await.is_empty(), "nothing was done");
}

#[actix_web::test]
async fn a_guest_sees_and_pays_for_what_is_theirs_and_no_tenant_sees_anothers() {
    let world = World::new();
    let process = process(&world).await;
    let paid = post(&process, &payment("tok_visa", "key")).await;
    let one = format!("{PATH}/{}", paid.text("payment_id"));
    let list = format!("/adventures/guests/{GUEST}/payment-history");
    let call = |path: &str, tenant: &str, sub: &str, role: &str| {
        process.call(process.signed(TestRequest::get().uri(path), tenant, sub, role))
    };
    assert_eq!(call(&one, "acme", GUEST, "customer").await.status, 200);
    assert_eq!(call(&list, "acme", GUEST, "customer").await.status, 200);
    refused(&call(&one, "acme", OTHER_GUEST, "customer").await, 404, "PAYMENT_NOT_FOUND", None);
    refused(&call(&list, "acme", OTHER_GUEST, "customer").await, 404, "NOT_FOUND", None);
    refused(&call(&one, "other", "m", "admin").await, 404, "PAYMENT_NOT_FOUND", None);
    assert_eq!(call(&list, "other", "m", "admin").await.json["items"], json!([]));
    let as_other = TestRequest::post().uri(PATH).set_json(payment("tok_visa", "mine"));
    let as_other = process.call(process.signed(as_other, "acme", OTHER_GUEST, "customer")).await;
    refused(&as_other, 403, "FORBIDDEN", Some("guest_id"));
}

#[actix_web::test]
async fn a_payment_of_another_door_is_none_of_the_dialect() {
    let world = World::new();
    let process = world.process();
    let core = process.pay("tok_visa").await;
    let id: IntentId = core.text("id").parse().expect("an intent's id");
    refused(&read(&process, &format!("{PATH}/{}", id.uuid())).await, 404, "PAYMENT_NOT_FOUND", None);
}

#[actix_web::test]
async fn a_guests_history_is_paged_newest_first_and_filtered() {
    let world = World::new();
    let process = process(&world).await;
    let mut paid = Vec::new();
    for (key, token) in
        [("a", "tok_visa"), ("b", "tok_declined"), ("c", "tok_visa"), ("d", "tok_timeout_before")]
    {
        paid.push(post(&process, &payment(token, key)).await.text("payment_id").to_owned());
        world.wait(1);
    }
    paid.reverse();
    let list = |query: String| {
        let path = format!("/adventures/guests/{GUEST}/payment-history{query}");
        let process = &process;
        async move { read(process, &path).await }
    };
    let ids = |answer: &Answer| {
        let items = answer.json["items"].as_array().expect("a list").iter();
        items.map(|item| item["payment_id"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    let all = list(String::new()).await;
    assert_eq!(
        (ids(&all), &all.json["has_more"], &all.json["next_cursor"]),
        (paid.clone(), &json!(false), &Value::Null)
    );
    assert_eq!(all.json["items"][1]["idempotency_key"], "c");
    let first = list("?limit=3".to_owned()).await;
    assert_eq!((ids(&first), &first.json["has_more"]), (paid[..3].to_vec(), &json!(true)));
    let rest = list(format!("?limit=3&cursor={}", first.text("next_cursor"))).await;
    assert_eq!((ids(&rest), &rest.json["has_more"]), (paid[3..].to_vec(), &json!(false)));
    for (query, expected) in [
        ("?status=COMPLETED", vec![1, 3]),
        ("?status=FAILED", vec![2]),
        ("?status=PENDING", vec![0]),
        ("?status=REFUNDED", vec![]),
        ("?status=DISPUTED", vec![]),
        ("?from=2026-03-04T12:00:02Z", vec![0, 1]),
        ("?to=2026-03-04T12:00:02Z", vec![2, 3]),
        ("?from=2026-03-04&to=2026-03-04", vec![0, 1, 2, 3]),
        ("?to=2026-03-03", vec![]),
    ] {
        let found = list(query.to_owned()).await;
        let expected: Vec<String> = expected.into_iter().map(|place: usize| paid[place].clone()).collect();
        assert_eq!(ids(&found), expected, "{query}");
    }
    for (query, field) in [
        ("?status=DONE", Some("status")),
        ("?from=yesterday", Some("from")),
        ("?limit=0", Some("limit")),
        ("?cursor=x", Some("cursor")),
    ] {
        refused(&list(query.to_owned()).await, 400, "VALIDATION_ERROR", field);
    }
}
