//! The rentals dialect tells faults of ours under its document's codes.

use actix_web::test::TestRequest;

use crate::rentals::{PROCESS, USER, as_user, method, payment, process, refused};
use crate::rig::World;

const GATEWAY: &str = "/rentals/payments/gateway";
const HISTORY: &str = "/rentals/payments/user";

#[actix_web::test]
async fn while_the_database_is_away_each_route_answers_its_documents_500_and_says_when_to_come_again() {
    let world = World::new();
    let process = process(&world).await;
    let body = payment(method(&world, "tok_visa").await);
    let page = serde_json::json!({
        "gateway": "stripe", "booking_id": 456, "amount": 349.99, "currency": "USD",
        "return_url": "https://carfuse.example.com/a", "cancel_url": "https://carfuse.example.com/b",
    });
    world.rates.go_away(true);
    for (request, code) in [
        (TestRequest::post().uri(PROCESS).set_json(&body), "PAYMENT_FAILED"),
        (TestRequest::post().uri(GATEWAY).set_json(&page), "GATEWAY_ERROR"),
        (TestRequest::get().uri(HISTORY), "SERVER_ERROR"),
        (TestRequest::get().uri("/rentals/payments/1"), "SERVER_ERROR"),
    ] {
        let answer = process.call(as_user(&process, request, USER)).await;
        refused(&answer, 500, code);
        assert_eq!(answer.retry_after.as_deref(), Some("5"), "{code}");
    }
    world.rates.go_away(false);
    assert!(world.intents().await.is_empty(), "nothing was begun");
    let paid = process.call(as_user(&process, TestRequest::post().uri(PROCESS).set_json(&body), USER)).await;
    assert_eq!(paid.status, 200, "{}", paid.json);
}

#[actix_web::test]
async fn what_refunds_cannot_tell_now_is_not_left_out_of_a_history() {
    let world = World::new();
    let process = process(&world).await;
    let body = payment(method(&world, "tok_visa").await);
    let paid = process.call(as_user(&process, TestRequest::post().uri(PROCESS).set_json(&body), USER)).await;
    assert_eq!(paid.status, 200, "{}", paid.json);
    world.open_refunds.go_away(true);
    let read = |path: &'static str| process.call(as_user(&process, TestRequest::get().uri(path), USER));
    refused(&read(HISTORY).await, 500, "SERVER_ERROR");
    refused(&read("/rentals/payments/1").await, 500, "SERVER_ERROR");
    let payments = read("/rentals/payments/user?type=payment").await;
    assert_eq!(payments.json["meta"]["total_items"], 1, "of payments alone nobody is asked");
    world.open_refunds.go_away(false);
    assert_eq!(read(HISTORY).await.json["meta"]["total_items"], 1);
}
