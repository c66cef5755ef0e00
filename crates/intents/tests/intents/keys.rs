//! Idempotency keys where the world has changed since the first call.

use actix_web::test::TestRequest;
use serde_json::json;

use crate::rig::{INTENTS, Process, World, payment, unconfirmed};

#[tokio::test]
async fn a_retry_gets_its_answer_also_when_the_method_is_gone_since() {
    let world = World::new();
    let paid = world.process().pay("tok_visa").await;
    paid.is(201, "succeeded");
    let process = world.process_without_methods();
    let again = process.pay("tok_visa").await;
    assert_eq!((again.replayed, again.status, &again.json), (true, 201, &paid.json));
    process.post(INTENTS, "new", payment("tok_visa")).await.is_problem(422, "payment_method_not_found");
}

#[tokio::test]
async fn many_cancellations_with_one_key_are_never_told_that_it_is_too_late() {
    for round in 0..20 {
        let world = World::new();
        let process = world.process();
        let created = process.post(INTENTS, "create", unconfirmed("tok_visa")).await;
        let path = format!("{INTENTS}/{}/cancel", created.text("id"));
        let answers = process.call_all((0..30).map(|_| process.command(&path, "c", &json!({})))).await;
        for answer in &answers {
            assert!(
                answer.status == 200 || answer.text("code") == "idempotency_key_in_flight",
                "round {round}: {}",
                answer.json
            );
        }
        assert!(answers.iter().any(|answer| answer.status == 200));
    }
}

fn by(process: &Process, customer: &str) -> TestRequest {
    let body = json!({ "amount": 10_000, "currency": "EUR" });
    let request = TestRequest::post().uri(INTENTS).insert_header(("idempotency-key", "1")).set_json(body);
    process.signed(request, "acme", customer, "customer")
}

#[tokio::test]
async fn a_key_that_two_customers_choose_shows_neither_the_others_payment() {
    let world = World::new();
    let process = world.process();
    process.call(by(&process, "cust_1")).await.is(201, "requires_payment_method");
    process.call(by(&process, "cust_2")).await.is_problem(422, "idempotency_key_reused");
    assert!(process.call(by(&process, "cust_1")).await.replayed);
    assert_eq!(world.intents().await.len(), 1);
}
