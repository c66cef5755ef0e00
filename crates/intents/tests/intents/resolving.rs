//! A person settles what no gateway tells.

use serde_json::{Value, json};
use tender_domain::ports::UnknownOutcome;

use crate::crashes::{die_in_the_call, run};
use crate::gateway::Fault;
use crate::rig::{Answer, CUSTOMER, INTENTS, Process, World, payment, with};

/// A payment whose outcome only a person can find out.
async fn unknown(world: &World, process: &Process, body: Value) -> (String, String) {
    world.line.clears_up_by(UnknownOutcome::CallbackOnly);
    world.line.set(Fault::LosesAnswer);
    let answer = process.post(INTENTS, "k", body).await;
    world.line.set(Fault::None);
    let id = answer.is(202, "processing").text("id").to_owned();
    let attempt = attempt_of(process, &id).await;
    (id, attempt)
}

/// How many resolutions are in the audit log.
fn resolutions(world: &World) -> usize {
    world.told("audit.recorded").iter().filter(|line| line["action"] == "intent.resolved").count()
}

async fn attempt_of(process: &Process, id: &str) -> String {
    let charges = process.get(&format!("{INTENTS}/{id}/charges")).await;
    charges.json["data"][0]["attempt_id"].as_str().expect("it has an attempt").to_owned()
}

fn path(id: &str) -> String {
    format!("{INTENTS}/{id}/resolve")
}

fn says(attempt: &str, outcome: &str) -> Value {
    let reason = "support confirms it";
    json!({ "attempt_id": attempt, "outcome": outcome, "gateway_reference": "sim_9", "reason": reason })
}

async fn resolve(process: &Process, id: &str, key: &str, body: Value) -> Answer {
    process.post(&path(id), key, body).await
}

#[tokio::test]
async fn an_unknown_payment_that_a_person_found_is_paid_once_and_audited() {
    let world = World::new();
    let process = world.process();
    let (id, attempt) = unknown(&world, &process, payment("tok_visa")).await;
    let paid = resolve(&process, &id, "r", says(&attempt, "approved")).await;
    paid.is(200, "succeeded");
    assert_eq!(paid.json["amount_captured"], 10_000);
    let again = resolve(&process, &id, "r", says(&attempt, "approved")).await;
    assert_eq!((again.replayed, &again.json), (true, &paid.json));
    let other = resolve(&process, &id, "r2", says(&attempt, "declined")).await;
    other.is_problem(409, "nothing_to_resolve");

    let processed = world.told("payment.processed");
    assert_eq!((processed.len(), &processed[0]["gatewayReference"]), (1, &json!("sim_9")));
    let audits = world.told("audit.recorded");
    assert_eq!(audits.len(), 1);
    assert_eq!((&audits[0]["action"], &audits[0]["subject"]), (&json!("intent.resolved"), &json!(CUSTOMER)));
    assert_eq!(
        (&audits[0]["details"]["was"], &audits[0]["reason"]),
        (&json!("unknown"), &json!("support confirms it"))
    );
    world.check_books().await;
}

#[tokio::test]
async fn two_people_at_once_settle_it_once() {
    for _ in 0..10 {
        let world = World::new();
        let process = world.process();
        let (id, attempt) = unknown(&world, &process, payment("tok_visa")).await;
        let requests = [("a", "approved"), ("b", "not_done")]
            .map(|(key, outcome)| process.command(&path(&id), key, &says(&attempt, outcome)));
        let answers = process.call_all(requests).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409]);
        let told = world.told("payment.processed").len() + world.told("payment-failed").len();
        assert_eq!((told, world.told("audit.recorded").len()), (1, 1));
    }
}

#[tokio::test]
async fn what_a_person_found_not_to_have_happened_can_be_tried_again() {
    let world = World::new();
    let process = world.process();
    let (id, attempt) = unknown(&world, &process, payment("tok_visa")).await;
    let body = json!({ "attempt_id": attempt, "outcome": "not_done", "reason": "never arrived" });
    resolve(&process, &id, "r", body).await.is(200, "requires_payment_method");
    assert_eq!(world.told("payment-failed").len(), 1);
}

#[tokio::test]
async fn of_a_conflict_the_amount_that_a_person_states_counts() {
    let world = World::new();
    let process = world.process();
    let conflict = process.pay("tok_wrong_amount").await;
    let id = conflict.text("id").to_owned();
    let attempt = attempt_of(&process, &id).await;
    assert_eq!(world.told("alert.raised").len(), 1);
    let too_much = with(says(&attempt, "approved"), "amount", 10_001);
    resolve(&process, &id, "much", too_much).await.is_problem(422, "amount_exceeds_asked");
    let settled = resolve(&process, &id, "r", with(says(&attempt, "approved"), "amount", 9_000)).await;
    assert_eq!(settled.is(200, "succeeded").json["amount_captured"], 9_000);
    let processed = world.told("payment.processed");
    assert_eq!((processed.len(), &processed[0]["amountMinor"]), (1, &json!(9_000)));
}

#[tokio::test]
async fn a_refused_void_is_alerted_once_stands_in_the_queue_and_ends_as_a_person_says() {
    for (outcome, status, code) in
        [("approved", "canceled", 200), ("declined", "requires_capture", 200), ("not_done", "canceled", 200)]
    {
        let world = World::new();
        let process = world.process();
        let id = process.hold().await;
        world.line.set(Fault::Declines);
        process.post(&format!("{INTENTS}/{id}/cancel"), "c", json!({})).await.is(202, "processing");
        world.line.set(Fault::None);
        world.wait(3_600);
        process.recover().await;
        let alerts = world.told("alert.raised");
        assert_eq!((alerts.len(), &alerts[0]["code"]), (1, &json!("payment_void_declined")));
        let shown = process.get("/v1/payments/diagnostics").await.json;
        assert_eq!(
            (&shown["open"]["queued"], &shown["outcomes"][0]["status"]),
            (&json!(1), &json!("declined"))
        );

        let attempt = attempt_of(&process, &id).await;
        let body = json!({ "attempt_id": attempt, "outcome": outcome, "reason": "asked them" });
        resolve(&process, &id, "r", body).await.is(code, status);
        let canceled = usize::from(status == "canceled");
        assert_eq!((world.told("payment.canceled").len(), resolutions(&world)), (canceled, 1));
        assert_eq!(process.get("/v1/payments/diagnostics").await.json["open"]["queued"], 0);
    }
}

#[tokio::test]
async fn a_capture_that_a_person_found_is_captured_once() {
    let world = World::new();
    world.line.clears_up_by(UnknownOutcome::CallbackOnly);
    let process = world.process();
    let id = process.hold().await;
    world.line.set(Fault::LosesAnswer);
    let capture = process.post(&format!("{INTENTS}/{id}/capture"), "cap", json!({})).await;
    world.line.set(Fault::None);
    let body = json!({
        "capture_id": capture.json["id"], "outcome": "approved", "gateway_reference": "sim_9", "reason": "seen",
    });
    resolve(&process, &id, "r", body).await.is(200, "succeeded");
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}

#[tokio::test]
async fn what_is_not_said_well_is_refused_and_changes_nothing() {
    let world = World::new();
    let process = world.process();
    let (id, attempt) = unknown(&world, &process, payment("tok_visa")).await;
    let before = process.read(&id).await;
    let good = || says(&attempt, "approved");
    for (body, status, code) in [
        (with(good(), "capture_id", "cap_01h2xcejqtf2nbrexx3vqjhp41"), 400, "call_required"),
        (with(good(), "attempt_id", Value::Null), 400, "call_required"),
        (with(good(), "reason", "  "), 400, "reason_required"),
        (with(good(), "amount", 0), 400, "invalid_amount"),
        (with(good(), "gateway_reference", Value::Null), 422, "gateway_reference_required"),
        (with(good(), "reason", "card 4242424242424242"), 422, "card_number_detected"),
        (with(good(), "attempt_id", "att_01h2xcejqtf2nbrexx3vqjhp41"), 409, "nothing_to_resolve"),
        (with(good(), "version", 1), 412, "stale_version"),
        (with(good(), "outcom", "x"), 400, "unknown_field"),
    ] {
        let refused = resolve(&process, &id, code, body).await;
        refused.is_problem(status, code);
    }
    let request = process.command(&path(&id), "agent", &good());
    let agent = process.call(process.signed(request, "acme", "x", "agent")).await;
    agent.is_problem(403, "insufficient_scope");
    let no_key = actix_web::test::TestRequest::post().uri(&path(&id)).set_json(good());
    let no_key = process.call(process.signed(no_key, "acme", "x", "admin")).await;
    no_key.is_problem(400, "idempotency_key_required");
    assert_eq!(process.read(&id).await, before);
    assert!(world.told("audit.recorded").is_empty());
}

#[test]
fn a_crash_in_the_void_that_a_resolution_began_is_made_good() {
    let world = World::new();
    let (id, attempt) = run(async {
        let process = world.process();
        let manual = with(payment("tok_visa"), "capture_mode", "manual");
        let (id, attempt) = unknown(&world, &process, manual).await;
        process.post(&format!("{INTENTS}/{id}/cancel"), "c", json!({})).await.is(202, "processing");
        // The real reference, so that the gateway can void it.
        (id, attempt)
    });
    let reference = run(async { world.booked().await[0].gateway_reference.clone() });
    world.line.clears_up_by(UnknownOutcome::Lookup);
    let body = with(says(&attempt, "approved"), "gateway_reference", reference);
    die_in_the_call(&world, Fault::HangsBefore, |process| process.command(&path(&id), "r", &body));
    run(async {
        let process = world.process();
        world.wait(16);
        assert_eq!(process.recover().await, 1);
        let again = resolve(&process, &id, "r", body.clone()).await;
        again.is(200, "canceled");
        assert!(world.booked().await[0].released);
        assert_eq!((world.told("payment.canceled").len(), resolutions(&world)), (1, 1));
        world.check_books().await;
    });
}
