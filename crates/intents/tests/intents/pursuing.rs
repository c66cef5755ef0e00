//! How outcomes that are not known are pursued at gateways that can do less than be asked.

use std::time::Duration;

use serde_json::{Value, json};
use tender_domain::ports::UnknownOutcome;
use uuid::Uuid;

use crate::crashes::{die_in_the_call, run};
use crate::gateway::Fault;
use crate::open_refunds::open;
use crate::refunds_told::refund;
use crate::rig::{CUSTOMER, INTENTS, Process, World, payment, with};

const WEEK: u64 = 7 * 24 * 3_600;

fn replay(seconds: u64) -> UnknownOutcome {
    UnknownOutcome::Replay { key_life: Duration::from_secs(seconds) }
}

async fn pays_without_an_answer(world: &World, process: &Process) -> String {
    world.line.set(Fault::LosesAnswer);
    let answer = process.pay("tok_visa").await;
    world.line.set(Fault::None);
    answer.is(202, "processing").text("id").to_owned()
}

async fn outcomes(process: &Process) -> Value {
    let answer = process.get("/v1/payments/diagnostics").await;
    assert_eq!(answer.status, 200, "{}", answer.json);
    answer.json
}

#[tokio::test]
async fn where_nobody_can_be_asked_the_same_request_is_sent_again_and_moves_money_once() {
    let world = World::new();
    world.line.clears_up_by(replay(3_600));
    let process = world.process();
    let id = pays_without_an_answer(&world, &process).await;
    world.wait(6);
    assert_eq!(process.recover().await, 1);
    assert_eq!(process.read(&id).await["status"], "succeeded");
    assert_eq!((world.line.calls(), world.line.lookups()), (2, 0));
    assert_eq!(world.told("payment.processed").len(), 1);
    assert_eq!(world.booked().await.len(), 1);
    world.check_books().await;
}

#[test]
fn a_request_that_was_never_sent_is_sent_after_a_crash_while_its_key_is_kept() {
    let world = World::new();
    world.line.clears_up_by(replay(3_600));
    die_in_the_call(&world, Fault::HangsBefore, |process| {
        process.command(INTENTS, "k", &payment("tok_visa"))
    });
    run(async {
        let process = world.process();
        world.wait(16);
        assert_eq!(process.recover().await, 1);
        assert_eq!(process.post(INTENTS, "k", payment("tok_visa")).await.text("status"), "succeeded");
        assert_eq!(world.booked().await.len(), 1);
        world.check_books().await;
    });
}

#[tokio::test]
async fn after_the_gateway_forgot_the_key_nothing_is_sent_any_more() {
    let world = World::new();
    world.line.clears_up_by(replay(60));
    let process = world.process();
    let id = pays_without_an_answer(&world, &process).await;
    world.wait(50);
    assert_eq!(process.recover().await, 0, "it might arrive too late: another payment");
    assert_eq!(world.line.calls(), 1);
    world.wait(WEEK - 60);
    assert_eq!(process.recover().await, 0);
    assert_eq!(outcomes(&process).await["open"]["pursued"], 1);
    world.wait(20);
    process.recover().await;
    let shown = outcomes(&process).await;
    assert_eq!(shown["open"], json!({ "in_flight": 0, "pursued": 0, "queued": 1 }));
    assert_eq!(
        (&shown["outcomes"][0]["status"], &shown["outcomes"][0]["call"]),
        (&json!("unknown"), &json!("attempt"))
    );
    assert_eq!(process.read(&id).await["status"], "processing", "never failed while unknown");
    assert_eq!((world.line.calls(), world.line.lookups()), (1, 0));
}

#[tokio::test]
async fn that_a_repetition_was_refused_says_nothing_of_the_first_request() {
    let world = World::new();
    world.line.clears_up_by(replay(3_600));
    let process = world.process();
    let id = pays_without_an_answer(&world, &process).await;
    world.wait(6);
    world.line.set(Fault::Refuses);
    assert_eq!(process.recover().await, 0);
    assert_eq!(process.read(&id).await["status"], "processing");
    assert!(world.told("payment-failed").is_empty());
    world.line.set(Fault::None);
    world.wait(40);
    assert_eq!(process.recover().await, 1);
    world.check_books().await;
}

#[tokio::test]
async fn a_method_that_is_gone_cannot_be_charged_again_and_its_payment_stays_unknown() {
    let world = World::new();
    world.line.clears_up_by(replay(3_600));
    let id = pays_without_an_answer(&world, &world.process()).await;
    world.wait(6);
    let process = world.process_without_methods();
    assert_eq!(process.recover().await, 0);
    assert_eq!(process.read(&id).await["status"], "processing");
    assert_eq!(world.line.calls(), 1);
}

#[tokio::test]
async fn where_only_the_callback_tells_nobody_asks_and_one_alert_is_raised_after_seven_days() {
    let world = World::new();
    world.line.clears_up_by(UnknownOutcome::CallbackOnly);
    let process = world.process();
    let id = pays_without_an_answer(&world, &process).await;
    world.wait(WEEK - 10);
    process.recover().await;
    assert!(world.told("alert.raised").is_empty());
    world.wait(20);
    for _ in 0..3 {
        process.recover().await;
        world.wait(3_600);
    }
    let alerts = world.told("alert.raised");
    assert_eq!(alerts.len(), 1);
    assert_eq!((&alerts[0]["code"], &alerts[0]["intentId"]), (&json!("payment_outcome_unknown"), &json!(id)));
    assert_eq!((world.line.calls(), world.line.lookups()), (1, 0));
    assert_eq!(process.read(&id).await["status"], "processing");
}

#[tokio::test]
async fn a_capture_is_pursued_like_a_payment() {
    let world = World::new();
    world.line.clears_up_by(replay(3_600));
    let process = world.process();
    let id = process.hold().await;
    world.line.set(Fault::LosesAnswer);
    let path = format!("{INTENTS}/{id}/capture");
    let answer = process.post(&path, "cap", json!({ "amount": 4_000 })).await;
    assert_eq!((answer.status, answer.text("status")), (202, "pending"));
    world.line.set(Fault::None);
    world.wait(6);
    assert_eq!(process.recover().await, 1);
    assert_eq!(process.read(&id).await["amount_captured"], 4_000);
    assert_eq!((world.line.calls(), world.line.lookups()), (3, 0));
    world.check_books().await;
}

/// Holds at a gateway that only calls back, and asks to let it go, with this trouble on the line.
async fn voids_into(world: &World, process: &Process, fault: Fault) -> String {
    world.line.clears_up_by(UnknownOutcome::CallbackOnly);
    let id = process.hold().await;
    world.line.set(fault);
    process.post(&format!("{INTENTS}/{id}/cancel"), "c", json!({})).await.is(202, "processing");
    id
}

#[tokio::test]
async fn a_void_is_sent_again_also_where_only_the_callback_tells_of_payments() {
    for fault in [Fault::Refuses, Fault::LosesAnswer, Fault::Away] {
        let world = World::new();
        let process = world.process();
        let id = voids_into(&world, &process, fault).await;
        world.line.set(Fault::None);
        world.wait(6);
        assert_eq!(process.recover().await, 1, "{fault:?}");
        assert_eq!(process.read(&id).await["status"], "canceled", "{fault:?}");
        assert_eq!((world.line.calls(), world.line.lookups()), (3, 0), "the hold and two voids");
        world.check_books().await;
    }
}

#[test]
fn a_void_that_was_never_sent_is_sent_after_a_crash_also_where_only_the_callback_tells_of_payments() {
    let world = World::new();
    world.line.clears_up_by(UnknownOutcome::CallbackOnly);
    let id = run(async { world.process().hold().await });
    let path = format!("{INTENTS}/{id}/cancel");
    die_in_the_call(&world, Fault::HangsBefore, |process| process.command(&path, "c", &json!({})));
    run(async {
        let process = world.process();
        world.wait(16);
        assert_eq!(process.recover().await, 1);
        assert_eq!(process.read(&id).await["status"], "canceled");
        world.check_books().await;
    });
}

#[tokio::test]
async fn a_void_that_nobody_answers_is_a_persons_after_seven_days() {
    let world = World::new();
    let process = world.process();
    voids_into(&world, &process, Fault::LosesAnswer).await;
    world.line.set(Fault::Away);
    world.wait(WEEK + 10);
    process.recover().await;
    let alerts = world.told("alert.raised");
    assert_eq!((alerts.len(), &alerts[0]["code"]), (1, &json!("payment_outcome_unknown")));
    assert_eq!(outcomes(&process).await["outcomes"][0]["call"], "void");
}

#[tokio::test]
async fn a_part_is_refused_before_anything_is_written_where_all_or_nothing_is_captured() {
    let world = World::new();
    world.line.captures_no_parts();
    let process = world.process();
    let id = process.hold().await;
    let before = process.read(&id).await;
    let path = format!("{INTENTS}/{id}/capture");
    let refused = process.post(&path, "part", json!({ "amount": 9_999 })).await;
    refused.is_problem(422, "partial_capture_unsupported");
    assert_eq!(process.read(&id).await, before);
    assert_eq!(world.line.calls(), 1);
    process.post(&path, "all", json!({ "amount": 10_000 })).await.is(200, "succeeded");
    world.check_books().await;
}

#[tokio::test]
async fn a_rest_that_would_be_let_go_is_refused_before_anything_is_written() {
    let world = World::new();
    world.line.captures_once();
    let process = world.process();
    let id = process.hold().await;
    let before = process.read(&id).await;
    let path = format!("{INTENTS}/{id}/capture");
    let part = json!({ "amount": 4_000, "final_capture": false });
    process.post(&path, "part", part).await.is_problem(422, "several_captures_unsupported");
    assert_eq!(process.read(&id).await, before);
    assert_eq!(world.line.calls(), 1);
    process.post(&path, "last", json!({ "amount": 4_000 })).await.is(200, "succeeded");
    world.check_books().await;
}

#[tokio::test]
async fn diagnostics_show_what_failed_and_how_long_gateways_took_to_the_tenant_alone() {
    let world = World::new();
    let process = world.process();
    process.pay("tok_visa").await.is(201, "succeeded");
    process.pay("tok_insufficient_funds").await;
    let unknown = process.post(INTENTS, "u", with(payment("tok_timeout_after"), "order_ref", "o")).await;
    let shown = outcomes(&process).await;
    assert_eq!(shown["open"], json!({ "in_flight": 0, "pursued": 1, "queued": 0 }));
    assert_eq!(shown["outcomes"][0]["payment_intent_id"], unknown.json["id"]);
    let latencies = shown["gateway_latencies"].as_array().expect("a list");
    assert_eq!((&latencies[0]["connector"], &latencies[0]["calls"]), (&json!("simulator"), &json!(3)));
    assert_eq!(latencies[0]["unknown"], 1);

    let request = actix_web::test::TestRequest::get().uri("/v1/payments/diagnostics");
    let other = process.call(process.signed(request, "other", "x", "admin")).await;
    assert_eq!((&other.json["outcomes"], &other.json["open"]["pursued"]), (&json!([]), &json!(0)));
    let request = actix_web::test::TestRequest::get().uri("/v1/payments/diagnostics");
    let agent = process.call(process.signed(request, "acme", "x", "agent")).await;
    agent.is_problem(403, "insufficient_scope");
}

#[tokio::test]
async fn people_see_the_refunds_that_are_left_to_them_and_all_else_while_refunds_is_away() {
    let world = World::new();
    let process = world.process();
    assert_eq!(outcomes(&process).await["queued_refunds"], json!({ "data": [], "more": false }));
    for number in 1..=101 {
        world.wait(1);
        world.open_refunds.begin(CUSTOMER, open(&refund(&world, Uuid::from_u128(7), number, 250)));
    }
    let queued = outcomes(&process).await["queued_refunds"].clone();
    assert_eq!((queued["data"].as_array().map(Vec::len), &queued["more"]), (Some(100), &json!(true)));
    let first = &queued["data"][0];
    assert_eq!((&first["amount"], &first["currency"]), (&json!(250), &json!("USD")));
    assert_eq!((&first["status"], &first["connector"]), (&json!("processing"), &json!("simulator")));
    world.open_refunds.go_away(true);
    let shown = outcomes(&process).await;
    assert_eq!((&shown["queued_refunds"], &shown["open"]["queued"]), (&json!(null), &json!(0)));
}
