//! Sessions of alternative payment methods: paid, not paid, and told in every order.

use std::time::Duration;

use serde_json::{Value, json};
use tender_domain::intents::AttemptStatus;
use tender_domain::ports::UnknownOutcome;

use crate::connectors::api::{RULES, registered};
use crate::gateway::Fault;
use crate::rig::{Answer, INTENTS, Process, World, payment, unconfirmed};
use crate::settings::hear;

async fn bare(process: &Process) -> String {
    let body = json!({ "amount": 10_000, "currency": "EUR", "customer_id": "cust_1" });
    process.post(INTENTS, "bare", body).await.text("id").to_owned()
}

fn body(intent: &str) -> Value {
    json!({ "payment_intent_id": intent, "return_url": "https://shop.example/return?id=1" })
}

async fn initiate(process: &Process, intent: &str) -> Answer {
    process.post("/v1/payments/apm/ideal/initiate", "i", body(intent)).await
}

/// A session that its customer may pay in: the intent and the session.
async fn open(process: &Process) -> (String, Answer) {
    let intent = bare(process).await;
    let session = initiate(process, &intent).await;
    session.is(201, "pending");
    (intent, session)
}

async fn confirm(process: &Process, session: &Answer, key: &str) -> Answer {
    process.post(&format!("/v1/payments/apm/{}/confirm", session.text("id")), key, json!({})).await
}

/// The customer pays on the bank's page, or does not.
async fn at_the_bank(world: &World, session: &Answer, result: &str) -> bool {
    let url = session.text("redirect_url");
    let reference = url.rsplit('/').next().expect("a page");
    world.line.simulator.end_session(reference, result).await.expect("books in memory")
}

#[tokio::test]
async fn a_session_is_shown_with_what_the_customer_has_to_do() {
    let world = World::new();
    let process = world.process();
    let (intent, session) = open(&process).await;
    assert!(session.text("id").starts_with("apm_"), "{}", session.json);
    assert_eq!((session.text("method"), session.text("payment_intent_status")), ("ideal", "requires_action"));
    let read = process.read(&intent).await;
    assert_eq!(read["next_action"]["type"], "redirect_to_url");
    assert_eq!(read["next_action"]["url"], session.json["redirect_url"]);
    assert_eq!(read["payment_method"]["type"], "ideal");
    let next = process.get(&format!("{INTENTS}/{intent}/next-action")).await;
    assert_eq!(
        (next.text("type"), &next.json["expires_at"]),
        ("redirect_to_url", &session.json["expires_at"])
    );
    let again = initiate(&process, &intent).await;
    assert_eq!((again.replayed, again.text("id")), (true, session.text("id")));
    process
        .post("/v1/payments/apm/paypal/initiate", "j", body(&intent))
        .await
        .is_problem(409, "intent_status");
}

#[tokio::test]
async fn a_code_is_shown_where_a_telephone_is_to_pay() {
    let world = World::new();
    let process = world.process();
    let intent = bare(&process).await;
    let wanted = json!({ "payment_intent_id": intent, "flow": "qr" });
    let session = process.post("/v1/payments/apm/paypal/initiate", "i", wanted).await;
    session.is(201, "pending");
    let action = &session.json["next_action"];
    assert_eq!((&action["type"], &action["url"]), (&json!("display_qr_code"), &Value::Null));
    assert_eq!(action["qr_code_data"], session.json["qr_payload"]);
    let next = process.get(&format!("{INTENTS}/{intent}/next-action")).await;
    assert_eq!(
        (next.text("type"), &next.json["qr_code_data"]),
        ("display_qr_code", &session.json["qr_payload"])
    );
}

#[tokio::test]
async fn return_and_callback_pay_once_in_either_order_and_each_alone() {
    for order in
        ["return callback", "callback return", "return", "callback", "return return callback callback"]
    {
        let world = World::new();
        let process = world.process();
        let (intent, session) = open(&process).await;
        assert!(at_the_bank(&world, &session, "success").await);
        for (number, step) in order.split(' ').enumerate() {
            match step {
                "return" => {
                    let back = confirm(&process, &session, &format!("r{number}")).await;
                    assert_eq!(
                        (back.status, back.text("status")),
                        (200, "succeeded"),
                        "{order}: {}",
                        back.json
                    );
                }
                _ => drop(world.tell(&process).await),
            }
        }
        assert_eq!(process.read(&intent).await["status"], "succeeded", "{order}");
        assert_eq!(world.told("payment.processed").len(), 1, "{order}");
        assert_eq!(world.told("alert.raised").len(), 0, "{order}");
        world.check_books().await;
    }
}

#[tokio::test]
async fn return_and_callback_at_the_same_time_pay_once() {
    for _ in 0..20 {
        let world = World::new();
        let (process, other) = (world.process(), world.process());
        let (intent, session) = open(&process).await;
        assert!(at_the_bank(&world, &session, "success").await);
        let returns = async { confirm(&other, &session, "r").await };
        let (_, back, second) = tokio::join!(world.tell(&process), returns, confirm(&process, &session, "s"));
        for answer in [back, second] {
            assert!(matches!(answer.text("status"), "succeeded" | "processing"), "{}", answer.json);
        }
        assert_eq!(process.read(&intent).await["status"], "succeeded");
        assert_eq!(world.told("payment.processed").len(), 1);
        world.check_books().await;
    }
}

#[tokio::test]
async fn who_comes_back_without_having_paid_has_not_paid_and_may_still() {
    let world = World::new();
    let process = world.process();
    let (intent, session) = open(&process).await;
    let back = confirm(&process, &session, "1").await;
    back.is(200, "pending");
    assert_eq!(back.json["redirect_url"], session.json["redirect_url"]);
    assert!(world.booked().await.is_empty());
    assert!(at_the_bank(&world, &session, "success").await);
    confirm(&process, &session, "2").await.is(200, "succeeded");
    assert_eq!(process.read(&intent).await["status"], "succeeded");
    world.check_books().await;
}

#[tokio::test]
async fn a_customer_who_does_not_pay_can_pay_otherwise() {
    let world = World::new();
    let process = world.process();
    let (intent, session) = open(&process).await;
    assert!(at_the_bank(&world, &session, "failed").await);
    let _ = world.tell(&process).await;
    confirm(&process, &session, "1").await.is(200, "failed");
    assert_eq!(process.read(&intent).await["status"], "requires_payment_method");
    let card = unconfirmed("tok_visa")["payment_method_id"].clone();
    let path = format!("{INTENTS}/{intent}/confirm");
    process.post(&path, "c", json!({ "payment_method_id": card })).await.is(200, "succeeded");
    confirm(&process, &session, "2").await.is(200, "failed");
    world.check_books().await;
}

#[tokio::test]
async fn a_try_that_failed_on_a_page_that_can_be_paid_yet_ends_nothing_before_its_time() {
    let world = World::new();
    world.line.page_outlives_tries();
    let process = world.process();
    let (intent, session) = open(&process).await;
    assert!(at_the_bank(&world, &session, "failed").await);
    let _ = world.tell(&process).await;
    assert_eq!(process.read(&intent).await["status"], "requires_action", "another card may be tried there");
    // Whoever gives it up waits as long as the page may be paid.
    process.post(&format!("{INTENTS}/{intent}/cancel"), "x", json!({})).await.is(202, "processing");
    world.wait(60);
    process.recover().await;
    assert_eq!(process.read(&intent).await["status"], "processing");
    world.wait(30 * 60);
    process.recover().await;
    assert_eq!(process.read(&intent).await["status"], "canceled");
    assert!(world.told("alert.raised").is_empty());
    world.check_books().await;
}

#[tokio::test]
async fn who_comes_back_from_a_try_that_failed_may_try_again_also_when_the_gateway_says_so_later() {
    let world = World::new();
    world.line.page_outlives_tries();
    let process = world.process();
    let (intent, session) = open(&process).await;
    assert!(at_the_bank(&world, &session, "failed").await);
    world.line.set(Fault::Away);
    confirm(&process, &session, "1").await.is(202, "processing");
    assert_eq!(process.read(&intent).await["status"], "processing");
    world.line.set(Fault::None);
    world.wait(60);
    process.recover().await;
    let read = process.read(&intent).await;
    assert_eq!(read["status"], "requires_action", "{read}");
    assert_eq!(read["next_action"]["url"], session.json["redirect_url"]);
}

#[tokio::test]
async fn the_last_try_on_a_page_is_why_the_payment_failed_once_its_time_is_over() {
    let world = World::new();
    world.line.page_outlives_tries();
    let process = world.process();
    let (intent, session) = open(&process).await;
    assert!(at_the_bank(&world, &session, "failed").await);
    let _ = world.tell(&process).await;
    world.wait(30 * 60 + 1);
    assert_eq!(process.tick().await, 1);
    let read = process.read(&intent).await;
    assert_eq!(read["status"], "requires_payment_method");
    assert_ne!(read["last_payment_error"]["decline_code"], "authentication_abandoned", "{read}");
}

#[tokio::test]
async fn a_session_whose_time_is_over_ends_its_attempt() {
    let world = World::new();
    let process = world.process();
    let (intent, session) = open(&process).await;
    world.wait(30 * 60 + 1);
    assert!(!at_the_bank(&world, &session, "success").await, "the bank's page is closed");
    assert_eq!(process.tick().await, 1);
    let read = process.read(&intent).await;
    assert_eq!(read["status"], "requires_payment_method");
    assert_eq!(read["last_payment_error"]["decline_code"], "authentication_abandoned");
    confirm(&process, &session, "1").await.is(200, "failed");
}

#[tokio::test]
async fn one_that_was_paid_and_never_told_is_found_when_its_time_is_over() {
    let world = World::new();
    let process = world.process();
    let (intent, session) = open(&process).await;
    assert!(at_the_bank(&world, &session, "success").await);
    world.wait(30 * 60 + 1);
    assert_eq!(process.tick().await, 1);
    assert_eq!(process.read(&intent).await["status"], "succeeded");
    let _ = world.tell(&process).await;
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}

#[tokio::test]
async fn one_that_is_canceled_while_the_customer_may_pay_is_paid_or_canceled_and_never_both() {
    for pays in [true, false] {
        let world = World::new();
        let process = world.process();
        let (intent, session) = open(&process).await;
        let asked = process.post(&format!("{INTENTS}/{intent}/cancel"), "x", json!({})).await;
        asked.is(202, "processing");
        assert_eq!(asked.json["cancel_requested"], true);
        process.recover().await;
        assert_eq!(process.read(&intent).await["status"], "processing", "the customer may still pay");
        if pays {
            assert!(at_the_bank(&world, &session, "success").await);
            let _ = world.tell(&process).await;
            assert_eq!(process.read(&intent).await["status"], "succeeded");
        } else {
            world.wait(30 * 60 + 60);
            process.recover().await;
            assert_eq!(process.read(&intent).await["status"], "canceled");
            assert!(world.booked().await.is_empty());
        }
        assert_eq!(world.told("alert.raised").len(), 0);
        world.check_books().await;
    }
}

#[tokio::test]
async fn one_that_is_canceled_where_nobody_can_be_asked_ends_when_its_gateway_gives_it_up() {
    let world = World::new();
    world.line.clears_up_by(UnknownOutcome::Replay { key_life: Duration::from_secs(24 * 3600) });
    let process = world.process();
    let (intent, _) = open(&process).await;
    process.post(&format!("{INTENTS}/{intent}/cancel"), "x", json!({})).await.is(200, "canceled");
    assert_eq!(world.line.given_up(), 1);
    assert!(world.booked().await.is_empty());
}

#[tokio::test]
async fn a_session_whose_answer_was_lost_is_looked_up_and_goes_on() {
    let world = World::new();
    let process = world.process();
    let intent = bare(&process).await;
    world.line.set(Fault::LosesAnswer);
    let lost = initiate(&process, &intent).await;
    lost.is(202, "processing");
    world.line.set(Fault::None);
    for _ in 0..4 {
        world.wait(60);
        process.recover().await;
    }
    let read = process.read(&intent).await;
    assert_eq!(
        (&read["status"], &read["next_action"]["type"]),
        (&json!("requires_action"), &json!("redirect_to_url"))
    );
    let session = confirm(&process, &lost, "1").await;
    session.is(200, "pending");
    assert!(at_the_bank(&world, &session, "success").await);
    confirm(&process, &lost, "2").await.is(200, "succeeded");
    world.check_books().await;
}

#[tokio::test]
async fn what_cannot_be_a_session_is_refused() {
    let world = World::new();
    let process = world.process();
    let intent = bare(&process).await;
    let path = |method: &str| format!("/v1/payments/apm/{method}/initiate");
    process.post(&path("bizum"), "1", body(&intent)).await.is_problem(422, "payment_method_not_available");
    assert_eq!(process.post(&path("Not-A-Method"), "2", body(&intent)).await.status, 404);
    let back = json!({ "payment_intent_id": intent, "return_url": "javascript:alert(1)" });
    process.post(&path("ideal"), "3", back).await.is_problem(400, "invalid_return_url");
    let more = json!({ "payment_intent_id": intent, "x": 1 });
    assert_eq!(process.post(&path("ideal"), "4", more).await.status, 400);
    let none = json!({ "payment_intent_id": "pi_01h2xcejqtf2nbrexx3vqjhp41" });
    assert_eq!(process.post(&path("ideal"), "5", none).await.status, 404);
    let paid = process.post(INTENTS, "paid", payment("tok_visa")).await;
    process.post(&path("ideal"), "6", body(paid.text("id"))).await.is_problem(409, "intent_status");
    let attempt = world.intents().await[0].attempts[0].id.session();
    let confirm = process.post(&format!("/v1/payments/apm/{attempt}/confirm"), "7", json!({})).await;
    assert_eq!(confirm.status, 404, "a card's attempt is no session: {}", confirm.json);
    hear(&process, 1, json!({ "allowedMethods": ["card"] })).await;
    let refused = process.post(&path("ideal"), "8", body(&intent)).await;
    refused.is_problem(422, "payment_method_type_not_allowed");
    assert_eq!(world.line.calls(), 1);
}

/// Two connectors of the tenant's own, and the rule that sends its payments to the first, else to the second.
async fn two_connectors(process: &Process) -> Value {
    let first = registered(process, json!({ "name": "first", "type": "simulator", "priority": 10 })).await;
    let second = registered(process, json!({ "name": "second", "type": "simulator", "priority": 5 })).await;
    let rule = json!({
        "match": { "currency": "EUR" }, "connector_id": first["id"], "fallback": [second["id"]], "priority": 1,
    });
    process.post(RULES, "rule", rule).await.json["id"].clone()
}

/// The attempts of the one intent: at which connector, by which rule, and how each stands.
async fn attempts(world: &World) -> Vec<(String, Value, AttemptStatus)> {
    let intents = world.intents().await;
    let of = |attempt: &tender_domain::intents::Attempt| {
        let rule = attempt.rule.map_or(Value::Null, |rule| json!(rule.to_string()));
        (attempt.connector.clone(), rule, attempt.status)
    };
    intents[0].attempts.iter().map(of).collect()
}

#[tokio::test]
async fn a_session_that_one_connector_refused_is_begun_at_the_next_and_paid_there_once() {
    let world = World::new();
    let process = world.process();
    let rule = two_connectors(&process).await;
    world.line.set(Fault::RefusesOnce);
    let (intent, session) = open(&process).await;
    let at = |name: &str, status| (name.to_owned(), rule.clone(), status);
    assert_eq!(
        attempts(&world).await,
        [at("first", AttemptStatus::Error), at("second", AttemptStatus::Challenge)],
        "the rule is kept with both"
    );
    assert_eq!(initiate(&process, &intent).await.text("id"), session.text("id"));
    assert!(at_the_bank(&world, &session, "success").await);
    confirm(&process, &session, "1").await.is(200, "succeeded");
    assert_eq!(process.read(&intent).await["status"], "succeeded");
    world.check_books().await;
}

#[tokio::test]
async fn a_session_that_nobody_knows_of_or_that_its_customer_left_is_begun_nowhere_else() {
    for fault in [Fault::LosesAnswer, Fault::None] {
        let world = World::new();
        let process = world.process();
        two_connectors(&process).await;
        world.line.set(fault);
        let intent = bare(&process).await;
        let session = initiate(&process, &intent).await;
        world.line.set(Fault::None);
        if fault == Fault::None {
            assert!(at_the_bank(&world, &session, "failed").await);
            confirm(&process, &session, "1").await.is(200, "failed");
        } else {
            session.is(202, "processing");
        }
        world.wait(60);
        process.recover().await;
        assert_eq!(attempts(&world).await.len(), 1, "{fault:?}");
    }
}
