//! The rentals dialect pays for bookings on a gateway's page, and believes no callback that nobody signed.

use std::sync::Arc;

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_intents::IntentsOptions;

use crate::gateway::Fault;
use crate::rentals::{USER, UsersMethods, as_user, booking, method, pay, payment, process, put, refused};
use crate::rig::{Answer, Process, World, with};

const GATEWAY: &str = "/rentals/payments/gateway";

fn wanted() -> Value {
    json!({
        "gateway": "stripe", "booking_id": 456, "amount": 349.99, "currency": "USD",
        "return_url": "https://carfuse.example.com/bookings/456/confirmation",
        "cancel_url": "https://carfuse.example.com/bookings/456/payment",
    })
}

async fn begin(process: &Process, body: &Value) -> Answer {
    process.call(as_user(process, TestRequest::post().uri(GATEWAY).set_json(body), USER)).await
}

fn page(answer: &Answer) -> (&Value, &str) {
    let data = &answer.json["data"];
    (data, data["session_id"].as_str().expect("a session"))
}

async fn at_the_page(world: &World, begun: &Answer, result: &str) -> bool {
    let url = begun.json["data"]["redirect_url"].as_str().expect("a page");
    world
        .line
        .simulator
        .end_session(url.rsplit('/').next().expect("a page"), result)
        .await
        .expect("in memory")
}

/// The gateway calls back, unsigned: its body and its query.
async fn call_back(process: &Process, gateway: &str, body: &Value, query: &str) -> Answer {
    let path = format!("{GATEWAY}/{gateway}/callback{query}");
    process.call(TestRequest::post().uri(&path).set_json(body)).await
}

async fn status_of(process: &Process) -> Value {
    let listed = process.call(as_user(process, TestRequest::get().uri("/rentals/payments/user"), USER)).await;
    listed.json["data"][0]["status"].clone()
}

#[actix_web::test]
async fn the_documents_example_gives_a_page_and_its_callback_pays_the_booking_once() {
    let world = World::new();
    let process = process(&world).await;
    let begun = begin(&process, &wanted()).await;
    assert_eq!((begun.status, begun.text("status")), (200, "success"), "{}", begun.json);
    assert_eq!(begun.text("message"), "Gateway payment initiated");
    let (data, session) = page(&begun);
    assert!(data["redirect_url"].as_str().is_some_and(|url| url.contains("/simulator/challenge/")), "{data}");
    assert!(data["expires_at"].is_string(), "{data}");
    assert!(at_the_page(&world, &begun, "success").await);
    let told = json!({ "session_id": session, "status": "success" });
    for _ in 0..2 {
        let called = call_back(&process, "stripe", &told, "").await;
        assert_eq!(called.json, json!({ "status": "success", "message": "Callback processed" }));
    }
    let _ = world.tell(&process).await;
    assert_eq!(status_of(&process).await, "completed");
    assert_eq!(world.told("payment.processed").len(), 1);
    assert_eq!(world.told("alert.raised").len(), 0);
    refused(&begin(&process, &wanted()).await, 400, "BOOKING_ALREADY_PAID");
    let paid = pay(&process, &payment(method(&world, "tok_visa").await)).await;
    refused(&paid, 400, "BOOKING_ALREADY_PAID");
    world.check_books().await;
}

#[actix_web::test]
async fn a_callback_that_nobody_signed_is_not_believed() {
    let world = World::new();
    let process = process(&world).await;
    let begun = begin(&process, &wanted()).await;
    let (_, session) = page(&begun);
    let query = format!("?session_id={session}");
    let called = call_back(&process, "stripe", &json!({ "status": "success" }), &query).await;
    assert_eq!(called.status, 200);
    assert_eq!(status_of(&process).await, "pending");
    assert!(world.booked().await.is_empty());
    assert!(at_the_page(&world, &begun, "success").await, "it may still be paid");
    let said = json!({ "session_id": session, "status": "failed" });
    assert_eq!(call_back(&process, "stripe", &said, "").await.status, 200);
    assert_eq!(status_of(&process).await, "completed");
    world.check_books().await;
}

#[actix_web::test]
async fn a_callback_that_names_nothing_or_is_signed_wrongly_is_refused() {
    let world = World::new();
    let process = process(&world).await;
    let begun = begin(&process, &wanted()).await;
    let session = page(&begun).1;
    let named = json!({ "session_id": session });
    refused(&call_back(&process, "square", &named, "").await, 400, "INVALID_CALLBACK");
    for body in [
        json!({}),
        json!({ "session_id": "cs_test" }),
        json!({ "session_id": "apm_01h2xcejqtf2nbrexx3vqjhp41" }),
    ] {
        refused(&call_back(&process, "stripe", &body, "").await, 400, "INVALID_CALLBACK");
    }
    let forged = TestRequest::post()
        .uri(&format!("{GATEWAY}/stripe/callback"))
        .insert_header(("webhook-id", "evt_1"))
        .insert_header(("webhook-timestamp", world.now().timestamp().to_string()))
        .insert_header(("webhook-signature", "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="))
        .set_json(&named);
    refused(&process.call(forged).await, 400, "SIGNATURE_MISMATCH");
    assert_eq!(status_of(&process).await, "pending");
}

#[actix_web::test]
async fn a_booking_has_one_page_and_no_other_payment_while_it_is_open() {
    let world = World::new();
    let process = process(&world).await;
    let begun = begin(&process, &wanted()).await;
    let again = begin(&process, &with(wanted(), "gateway", "paypal")).await;
    assert_eq!((again.status, &again.json["data"]), (200, &begun.json["data"]));
    let card = pay(&process, &payment(method(&world, "tok_visa").await)).await;
    assert_eq!(
        (card.status, &card.json["data"]["payment"]["status"]),
        (202, &json!("pending")),
        "{}",
        card.json
    );
    assert_eq!(world.intents().await.len(), 1);
    assert!(at_the_page(&world, &begun, "canceled").await);
    let told = json!({ "session_id": page(&begun).1 });
    assert_eq!(call_back(&process, "stripe", &told, "").await.status, 200);
    assert_eq!(status_of(&process).await, "failed");
    let paid = pay(&process, &payment(method(&world, "tok_visa").await)).await;
    assert_eq!(paid.status, 200, "the booking is free again: {}", paid.json);
    world.check_books().await;
}

#[actix_web::test]
async fn each_refusal_has_the_documents_code() {
    let world = World::new();
    let process = process(&world).await;
    put(&process, tender_domain::ports::Order { customer_id: "124".to_owned(), ..booking(457, 34_999) })
        .await;
    for (field, value, status, code) in [
        ("gateway", json!("square"), 400, "UNSUPPORTED_GATEWAY"),
        ("gateway", Value::Null, 400, "VALIDATION_ERROR"),
        ("booking_id", json!("456"), 400, "VALIDATION_ERROR"),
        ("amount", json!(349.999), 400, "VALIDATION_ERROR"),
        ("amount", json!(0), 400, "VALIDATION_ERROR"),
        ("currency", json!("XXZ"), 400, "VALIDATION_ERROR"),
        ("return_url", json!("nowhere"), 400, "VALIDATION_ERROR"),
        ("cancel_url", Value::Null, 400, "VALIDATION_ERROR"),
        ("amount", json!(349.98), 400, "PAYMENT_AMOUNT_MISMATCH"),
        ("booking_id", json!(999), 404, "BOOKING_NOT_FOUND"),
        ("booking_id", json!(457), 403, "PERMISSION_DENIED"),
    ] {
        world.wait(3_600);
        refused(&begin(&process, &with(wanted(), field, value)).await, status, code);
    }
    let nobody = process.call(TestRequest::post().uri(GATEWAY).set_json(wanted())).await;
    refused(&nobody, 401, "UNAUTHORIZED");
    world.line.set(Fault::Refuses);
    refused(&begin(&process, &wanted()).await, 500, "GATEWAY_ERROR");
    world.line.set(Fault::None);
    assert_eq!(begin(&process, &wanted()).await.status, 200, "the booking is free again");
}

#[actix_web::test]
async fn a_signed_callback_that_cannot_be_kept_fails_and_has_its_effect_when_it_is_sent_again() {
    let world = World::new();
    let process = process(&world).await;
    let begun = begin(&process, &wanted()).await;
    assert!(at_the_page(&world, &begun, "success").await);
    let sent = world.deliver_to(None).await;
    let callback = sent.first().expect("the gateway tells of what was paid").clone();
    let signed = || {
        let request = TestRequest::post().uri(&format!("{GATEWAY}/stripe/callback"));
        let request = request.set_payload(callback.body.clone());
        callback.headers.iter().cloned().fold(request, |request, header| request.insert_header(header))
    };
    process.refuse_callbacks(true);
    refused(&process.call(signed()).await, 500, "PROCESSING_FAILED");
    assert_eq!(status_of(&process).await, "pending", "nothing is half done");
    process.refuse_callbacks(false);
    for _ in 0..2 {
        assert_eq!(process.call(signed()).await.status, 200);
    }
    process.callbacks.act_once().await.expect("in memory");
    assert_eq!(status_of(&process).await, "completed");
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}

#[actix_web::test]
async fn outside_of_the_sandbox_no_gateway_stands_in_for_one_that_is_not_set_up() {
    let world = World::new();
    let production = IntentsOptions { sandbox: false, ..IntentsOptions::default() };
    let process = world.process_with(Arc::new(UsersMethods), production);
    put(&process, booking(456, 34_999)).await;
    for gateway in ["stripe", "paypal", "payu"] {
        let answer = begin(&process, &with(wanted(), "gateway", gateway)).await;
        refused(&answer, 400, "GATEWAY_CONFIG_ERROR");
        let session = json!({ "session_id": "apm_01h2xcejqtf2nbrexx3vqjhp41" });
        refused(&call_back(&process, gateway, &session, "").await, 400, "INVALID_CALLBACK");
    }
    assert!(world.intents().await.is_empty(), "nothing was begun");
}
