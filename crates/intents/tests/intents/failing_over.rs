//! Two connectors: the right one is charged, once, whatever the first one does; and what is not known never fails over.

use serde_json::{Value, json};

use crate::connectors::api::{register, registered};
use crate::rig::{Answer, INTENTS, Process, World, acme, payment, with};

/// A world with two own connectors: the first answers so, the second as the card says.
pub(crate) async fn two(answers: Option<&str>) -> (World, Process) {
    let world = World::new();
    let process = world.process();
    let config = answers.map_or_else(|| json!({}), |answers| json!({ "answers": answers }));
    registered(&process, json!({ "name": "first", "type": "simulator", "priority": 10, "config": config }))
        .await;
    registered(&process, json!({ "name": "second", "type": "simulator", "priority": 5 })).await;
    (world, process)
}

/// Which attempts an intent has: at which connector, and what became of each.
pub(crate) async fn attempts(world: &World, answer: &Answer) -> Vec<(String, String)> {
    let intents = world.intents().await;
    let intent =
        intents.iter().find(|intent| intent.id.to_string() == answer.text("id")).expect("the intent");
    let of = |attempt: &tender_domain::intents::Attempt| {
        (attempt.connector.clone(), attempt.status.as_str().to_owned())
    };
    intent.attempts.iter().map(of).collect()
}

pub(crate) fn is(attempts: &[(String, String)], wanted: &[(&str, &str)]) {
    let seen: Vec<_> = attempts.iter().map(|(name, status)| (name.as_str(), status.as_str())).collect();
    assert_eq!(seen, wanted);
}

#[actix_web::test]
async fn an_error_before_effect_is_tried_at_the_second_which_charges_once() {
    let (world, process) = two(Some("error")).await;
    let answer = process.pay("tok_visa").await;
    answer.is(201, "succeeded");
    is(&attempts(&world, &answer).await, &[("first", "error"), ("second", "approved")]);
    assert_eq!(world.booked().await.len(), 1, "one payment at the gateway");
    world.check_books().await;
    assert_eq!(answer.json["last_payment_error"], Value::Null);
}

#[actix_web::test]
async fn a_retryable_decline_is_tried_at_the_second_which_charges_once() {
    let (world, process) = two(Some("declined")).await;
    let answer = process.pay("tok_visa").await;
    answer.is(201, "succeeded");
    is(&attempts(&world, &answer).await, &[("first", "declined"), ("second", "approved")]);
    world.check_books().await;
}

#[actix_web::test]
async fn a_final_decline_is_not_tried_again_and_nobody_is_charged() {
    let (world, process) = two(Some("stolen")).await;
    let answer = process.pay("tok_visa").await;
    answer.is(201, "requires_payment_method");
    assert_eq!(answer.json["last_payment_error"]["decline_code"], "stolen_card");
    is(&attempts(&world, &answer).await, &[("first", "declined")]);
    assert_eq!(world.booked().await.len(), 0);
}

#[actix_web::test]
async fn what_is_not_known_never_fails_over_done_or_not() {
    for (answers, ends, charged) in
        [("timeout_after", "succeeded", 1), ("timeout_before", "requires_payment_method", 0)]
    {
        let (world, process) = two(Some(answers)).await;
        let answer = process.pay("tok_visa").await;
        answer.is(202, "processing");
        is(&attempts(&world, &answer).await, &[("first", "unknown")]);
        world.wait(7_200);
        process.recover().await;
        let read = process.read(answer.text("id")).await;
        assert_eq!(read["status"], ends, "{answers}: {read}");
        let after = attempts(&world, &answer).await;
        assert_eq!(after.len(), 1, "recovery fails over to nobody: {after:?}");
        assert_eq!(world.booked().await.len(), charged, "{answers}");
    }
}

#[actix_web::test]
async fn the_same_request_again_gets_the_answer_of_the_second_connector() {
    let (world, process) = two(Some("declined")).await;
    let first = process.pay("tok_visa").await;
    let again = process.pay("tok_visa").await;
    assert!(again.replayed, "{}", again.json);
    assert_eq!(first.json, again.json);
    assert_eq!(world.booked().await.len(), 1);
}

#[actix_web::test]
async fn a_fall_back_counts_as_an_attempt_and_ends_with_the_last_one_allowed() {
    let (world, process) = two(Some("declined")).await;
    let mut body = payment("tok_declined");
    body["metadata"] = json!({ "n": "1" });
    let answer = process.post(INTENTS, "both", body).await;
    answer.is(201, "requires_payment_method");
    is(&attempts(&world, &answer).await, &[("first", "declined"), ("second", "declined")]);
    let confirm = format!("{INTENTS}/{}/confirm", answer.text("id"));
    for (key, status) in [("again", "requires_payment_method"), ("last", "failed")] {
        let body = json!({ "payment_method_id": crate::rig::method("tok_declined") });
        process.post(&confirm, key, body).await.is(200, status);
    }
    assert_eq!(attempts(&world, &answer).await.len(), 5, "five attempts and not one more");
}

#[actix_web::test]
async fn a_tenant_without_connectors_of_its_own_pays_at_the_operators_as_ever() {
    let (world, process) = two(Some("error")).await;
    let request = process.signed(
        actix_web::test::TestRequest::post()
            .uri(INTENTS)
            .insert_header(("idempotency-key", "theirs"))
            .set_json(payment("tok_visa")),
        "other",
        crate::rig::CUSTOMER,
        "admin",
    );
    process.call(request).await.is(201, "succeeded");
    let other = "other".parse().expect("a tenant");
    let booked = world.books_of(&other).await;
    assert_eq!((booked.len(), world.booked().await.len()), (1, 0));
    assert_ne!(acme(), other);
}

#[actix_web::test]
async fn a_connector_is_registered_with_its_table_of_declines_and_never_with_a_final_one() {
    let world = World::new();
    let process = world.process();
    let wanted = |name: &str, priority: i32, declines: Value| {
        let body = json!({ "name": name, "type": "simulator", "priority": priority });
        with(body, "retryable_declines", declines)
    };
    let first = wanted("first", 10, json!([]));
    registered(&process, with(first, "config", json!({ "answers": "declined" }))).await;
    registered(&process, wanted("second", 5, json!([]))).await;
    let answer = process.pay("tok_visa").await;
    answer.is(201, "requires_payment_method");
    is(&attempts(&world, &answer).await, &[("first", "declined")]);
    let bad = register(&process, "bad", wanted("third", 1, json!(["because"]))).await;
    bad.is_problem(400, "invalid_decline_code");
    let final_one = register(&process, "final", wanted("fourth", 1, json!(["stolen_card"]))).await;
    final_one.is_problem(422, "final_decline");
}

#[actix_web::test]
async fn a_connector_that_refuses_calls_answers_and_is_asked_again_and_again() {
    let (world, process) = two(Some("error")).await;
    pays_often(&process).await;
    assert!(world.told("alert.raised").is_empty());
    let answer = process.post(INTENTS, "after", payment("tok_visa")).await;
    is(&attempts(&world, &answer).await, &[("first", "error"), ("second", "approved")]);
    let listed = process.get("/v1/payments/connectors").await;
    let health = &listed.json["data"][0]["health"];
    assert_eq!(
        (&health["circuit_breaker"], &health["calls"]),
        (&json!("closed"), &json!(0)),
        "{}",
        listed.json
    );
}

/// Enough payments for a breaker to say something.
async fn pays_often(process: &Process) {
    for number in 0..20 {
        let body = with(payment("tok_visa"), "description", format!("payment {number}"));
        process.post(INTENTS, &format!("key-{number}"), body).await.is(201, "succeeded");
    }
}

#[actix_web::test]
async fn a_connector_that_answers_nothing_is_left_alone_and_the_second_takes_the_payments() {
    let (world, process) = two(Some("unreachable")).await;
    pays_often(&process).await;
    let told = world.told("alert.raised");
    assert!(told.iter().any(|alert| alert["code"] == "connector_breaker_opened"), "{told:?}");
    let answer = process.post(INTENTS, "after", payment("tok_visa")).await;
    answer.is(201, "succeeded");
    is(&attempts(&world, &answer).await, &[("second", "approved")]);
    let listed = process.get("/v1/payments/connectors").await;
    assert_eq!(listed.json["data"][0]["health"]["circuit_breaker"], "open", "{}", listed.json);
    // Half open after its time: one payment is let through, and the gateway's silence is met once more.
    world.wait(11);
    let probe = process.post(INTENTS, "probe", payment("tok_visa")).await;
    is(&attempts(&world, &probe).await, &[("first", "error"), ("second", "approved")]);
}
