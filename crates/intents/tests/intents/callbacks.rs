//! Callbacks of the gateway: signed, kept first, acted on once, and never a second effect.

use std::time::Duration;

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_domain::intents::{AttemptStatus, CallbackState, CallbackStore, IntentStatus};
use tender_domain::ports::CallKind;
use tender_domain::simulator::SimulatorBooks;
use tender_simulator::{Misbehaviour, Script, ScriptedCall};

use crate::gateway::Fault;
use crate::rig::{INTENTS, Process, World, acme, payment, with};

const WEBHOOK: &str = "/v1/payments/webhook/gateway";

pub(crate) fn script(world: &World, kind: impl Into<ScriptedCall>, does: &[Misbehaviour]) {
    world.line.simulator.script(Script {
        tenant: acme(),
        call: Some(kind.into()),
        reference: None,
        token: None,
        amount_minor: None,
        times: Some(1),
        does: does.to_vec(),
    });
}

/// The states of the callbacks that were taken in, the newest first.
pub(crate) async fn states(process: &Process) -> Vec<CallbackState> {
    let kept = process.callback_store.callbacks(Some(&acme()), 100).await.expect("in memory");
    kept.into_iter().map(|callback| callback.state).collect()
}

/// One callback as the simulator would send it now.
pub(crate) async fn signed(world: &World) -> TestRequest {
    let sent = world.deliver_to(None).await;
    let callback = sent.first().expect("one is due").clone();
    let request = TestRequest::post().uri(WEBHOOK).set_payload(callback.body);
    callback.headers.into_iter().fold(request, |request, header| request.insert_header(header))
}

#[actix_web::test]
async fn an_unknown_outcome_ends_at_once_by_callback() {
    for token in ["tok_visa", "tok_declined"] {
        let world = World::new();
        let process = world.process();
        script(&world, CallKind::Authorize, &[Misbehaviour::TimeoutAfter, Misbehaviour::Callback]);
        let answer = process.pay(token).await;
        answer.is(202, "processing");
        assert_eq!(world.tell(&process).await, 1);
        let expected = if token == "tok_visa" { "succeeded" } else { "requires_payment_method" };
        assert_eq!(process.read(answer.text("id")).await["status"], expected, "{token}");
        assert_eq!(states(&process).await, [CallbackState::Applied]);
        assert_eq!(process.recover().await, 0, "nothing is left to be looked up");
        world.check_books().await;
    }
}

#[actix_web::test]
async fn a_callback_before_the_answer_and_the_answer_after_it_are_one_effect() {
    let world = World::new();
    let process = world.process();
    world.line.set(Fault::LosesAnswer);
    script(&world, CallKind::Authorize, &[Misbehaviour::Callback]);
    let answer = process.pay("tok_visa").await;
    answer.is(202, "processing");
    assert_eq!(world.tell(&process).await, 1);
    // The client repeats its request: its key was left without an answer, and gets the one of the callback.
    let again = process.pay("tok_visa").await;
    assert_eq!(again.json["id"], answer.json["id"]);
    assert_eq!(process.read(answer.text("id")).await["status"], "succeeded");
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}

#[actix_web::test]
async fn duplicates_late_and_overtaken_callbacks_have_one_effect() {
    let world = World::new();
    let process = world.process();
    let all = [
        Misbehaviour::TimeoutAfter,
        Misbehaviour::CallbackDuplicate,
        Misbehaviour::CallbackLate,
        Misbehaviour::CallbackOutOfOrder,
    ];
    script(&world, CallKind::Authorize, &all);
    let answer = process.pay("tok_visa").await;
    answer.is(202, "processing");
    world.wait(1);
    assert_eq!(world.tell(&process).await, 3);
    let mut seen = states(&process).await;
    seen.sort_by_key(|state| state.as_str());
    assert_eq!(seen, [CallbackState::Applied, CallbackState::Known], "the duplicate is one with the first");
    assert_eq!(process.read(answer.text("id")).await["status"], "succeeded");
    assert_eq!(world.told("payment.processed").len(), 1);
    assert_eq!(world.told("alert.raised").len(), 0);
    world.check_books().await;
}

#[actix_web::test]
async fn a_capture_and_a_void_end_by_callback() {
    for loses in [Misbehaviour::TimeoutAfter, Misbehaviour::ServerErrorAfter, Misbehaviour::Malformed] {
        let world = World::new();
        let process = world.process();
        let id = process.hold().await;
        script(&world, CallKind::Capture, &[loses, Misbehaviour::Callback]);
        let captured = process.post(&format!("{INTENTS}/{id}/capture"), "c", json!({})).await;
        assert_eq!(captured.status, 202, "{}", captured.json);
        assert_eq!(world.tell(&process).await, 1);
        assert_eq!(process.read(&id).await["status"], "succeeded");
        world.check_books().await;

        let id = process.post(INTENTS, "2", with(payment("tok_visa"), "capture_mode", "manual")).await;
        let id = id.text("id").to_owned();
        script(&world, CallKind::Void, &[loses, Misbehaviour::Callback]);
        process.post(&format!("{INTENTS}/{id}/cancel"), "v", json!({})).await.is(202, "processing");
        assert_eq!(world.tell(&process).await, 1);
        assert_eq!(process.read(&id).await["status"], "canceled");
        assert_eq!(world.told("payment.canceled").len(), 1);
    }
}

#[actix_web::test]
async fn a_challenge_that_the_gateway_saw_met_ends_by_callback() {
    let world = World::new();
    let process = world.process();
    let answer = process.pay("tok_challenge").await;
    answer.is(200.max(answer.status), "requires_action");
    let simulated = process.simulate("payment.succeeded", answer.text("id")).await;
    assert_eq!(simulated.status, 202, "{}", simulated.json);
    assert_eq!(world.tell(&process).await, 1);
    assert_eq!(process.read(answer.text("id")).await["status"], "succeeded");
    world.check_books().await;
}

#[actix_web::test]
async fn a_contradiction_is_an_alert_and_moves_no_money() {
    let world = World::new();
    let process = world.process();
    let answer = process.pay("tok_visa").await;
    let id = answer.text("id").to_owned();
    process.simulate("payment.failed", &id).await;
    // It is acted on, and before its row hears of that, again: as after a crash, or by two processes at once.
    process.forget_settling(true);
    assert_eq!(world.tell(&process).await, 1);
    assert_eq!(process.callbacks.act_once().await.expect("in memory"), 1);
    process.forget_settling(false);
    assert_eq!(process.callbacks.act_once().await.expect("in memory"), 1);
    let before = process.read(&id).await;
    assert_eq!((&before["status"], &before["amount_captured"]), (&json!("succeeded"), &json!(10_000)));
    let alerts = world.told("alert.raised");
    assert_eq!(alerts.len(), 1);
    assert_eq!((&alerts[0]["code"], &alerts[0]["intentId"]), (&json!("callback_contradiction"), &json!(id)));
    assert_eq!(states(&process).await, [CallbackState::Contradicted]);

    // The same event again: no second alert.
    process.simulate("callback.duplicate", &id).await;
    assert_eq!(world.tell(&process).await, 2);
    assert_eq!(world.told("alert.raised").len(), 1);
    world.check_books().await;
}

#[actix_web::test]
async fn an_approval_after_a_decline_is_kept_as_a_conflict_and_told() {
    let world = World::new();
    let process = world.process();
    // The call is lost, and taken for not done by and by; then the gateway says that it did it.
    script(&world, CallKind::Authorize, &[Misbehaviour::TimeoutAfter]);
    let answer = process.pay("tok_visa").await;
    let id = answer.text("id").to_owned();
    let intent = world.intents().await.remove(0);
    let attempt = intent.attempts[0].id;
    let step = intent.record_not_done(attempt, "never received", intent.updated_at).expect("it is open");
    world.overwrite(intent, step.intent).await;
    process.simulate("payment.succeeded", &id).await;
    assert_eq!(world.tell(&process).await, 1);
    let after = world.intents().await.remove(0);
    assert_eq!(after.attempts[0].status, AttemptStatus::Conflict);
    assert_ne!(after.status, IntentStatus::Succeeded);
    assert_eq!(world.told("alert.raised").len(), 1);
}

#[actix_web::test]
async fn a_callback_without_a_good_signature_is_refused_and_not_kept() {
    let world = World::new();
    let process = world.process();
    script(&world, CallKind::Authorize, &[Misbehaviour::Callback]);
    process.pay("tok_visa").await;
    let unsigned = TestRequest::post().uri(WEBHOOK).set_payload("{}");
    process.call(unsigned).await.is_problem(400, "callback_signature");
    let forged = signed(&world).await.set_payload("{}");
    process.call(forged).await.is_problem(400, "callback_signature");
    let late = signed(&world).await;
    world.wait(301);
    process.call(late).await.is_problem(400, "callback_signature");
    let nowhere = TestRequest::post().uri(&format!("{WEBHOOK}/nobody")).set_payload("{}");
    process.call(nowhere).await.is_problem(404, "not_found");
    let huge = TestRequest::post().uri(WEBHOOK).set_payload("x".repeat(1024 * 1024 + 1));
    process.call(huge).await.is_problem(413, "body_too_large");
    assert_eq!(states(&process).await, []);

    let good = process.call(signed(&world).await).await;
    assert_eq!((good.status, good.json), (200, json!({ "received": true })));
    let of_it = signed(&world).await.uri(&format!("{WEBHOOK}/simulator"));
    assert_eq!(process.call(of_it).await.status, 200);
    assert_eq!(states(&process).await, [CallbackState::Pending], "kept before it is acted on, and once");
}

#[actix_web::test]
async fn what_the_store_cannot_keep_is_not_confirmed_and_comes_again() {
    let world = World::new();
    let process = world.process();
    script(&world, CallKind::Authorize, &[Misbehaviour::TimeoutAfter, Misbehaviour::Callback]);
    let answer = process.pay("tok_visa").await;
    process.refuse_callbacks(true);
    process.call(signed(&world).await).await.is_problem(503, "service_unavailable");
    assert_eq!(world.tell(&process).await, 0);
    process.refuse_callbacks(false);
    world.wait(1);
    assert_eq!(world.tell(&process).await, 1);
    assert_eq!(process.read(answer.text("id")).await["status"], "succeeded");
}

#[actix_web::test]
async fn callbacks_of_another_tenants_payment_and_of_nothing_are_kept_and_do_nothing() {
    let world = World::new();
    let process = world.process();
    script(&world, CallKind::Authorize, &[Misbehaviour::Callback]);
    process.pay("tok_visa").await;
    let theirs: tender_domain::kernel::TenantId = "stranger".parse().expect("a tenant");
    let mut callback =
        world.books.callbacks(&acme(), &world.intents().await[0].attempts[0].id.to_string()).await;
    let mut callback = callback.as_mut().expect("in memory").remove(0);
    callback.body = callback.body.replace("\"acme\"", "\"stranger\"");
    (callback.tenant, callback.due_at) = (theirs.clone(), Some(world.now()));
    world.books.add_callbacks(&[callback]).await.expect("in memory");
    world.tell(&process).await;
    let kept = process.callback_store.callbacks(Some(&theirs), 10).await.expect("in memory");
    assert_eq!(kept[0].state, CallbackState::Unmatched);
    assert_eq!(world.told("payment.processed").len(), 1);
}

#[actix_web::test]
async fn no_card_number_that_a_gateway_sends_is_kept() {
    let world = World::new();
    let process = world.process();
    script(&world, CallKind::Authorize, &[Misbehaviour::Callback]);
    process.pay("tok_visa").await;
    let reference = world.intents().await[0].attempts[0].id.to_string();
    let mut callback = world.books.callbacks(&acme(), &reference).await.expect("in memory").remove(0);
    callback.body = callback.body.replacen('{', "{\"pan\": \"4242 4242 4242 4242\",", 1);
    (callback.id, callback.due_at) = ("another".to_owned(), Some(world.now()));
    world.books.add_callbacks(&[callback]).await.expect("in memory");
    world.tell(&process).await;
    for kept in process.callback_store.callbacks(Some(&acme()), 10).await.expect("in memory") {
        assert!(!kept.body.contains("4242 4242"), "{}", kept.body);
    }
}

#[actix_web::test]
async fn a_cancellation_meanwhile_is_done_when_a_callback_says_that_money_is_held() {
    let world = World::new();
    let process = world.process();
    script(&world, CallKind::Authorize, &[Misbehaviour::TimeoutAfter, Misbehaviour::CallbackLate]);
    let body = with(payment("tok_visa"), "capture_mode", "manual");
    let answer = process.post(INTENTS, "p", body).await;
    let id = answer.text("id").to_owned();
    process.post(&format!("{INTENTS}/{id}/cancel"), "c", json!({})).await.is(202, "processing");
    world.wait(1);
    assert_eq!(world.tell(&process).await, 1);
    assert_eq!(process.read(&id).await["status"], "canceled");
    let booked = world.booked().await;
    assert!(booked[0].released && booked[0].captured_minor == 0, "{booked:?}");
}

#[actix_web::test]
async fn the_tools_of_the_sandbox_ask_for_their_scope_and_say_what_is_wrong() {
    let world = World::new();
    let process = world.process();
    let cards = TestRequest::get().uri("/v1/payments/test/cards");
    let cards = process.call(process.signed(cards, "acme", "somebody", "admin")).await;
    let tokens: Vec<&Value> =
        cards.json["data"].as_array().expect("a list").iter().map(|card| &card["token"]).collect();
    assert!(tokens.contains(&&json!("tok_callback_only")), "{tokens:?}");
    let cards = TestRequest::get().uri("/v1/payments/test/cards");
    let refused = process.call(process.signed(cards, "acme", "somebody", "read_only")).await;
    refused.is_problem(403, "insufficient_scope");

    let faucet = "/v1/payments/test/faucet";
    let given = process.post(faucet, "f", json!({ "behaviour": "decline", "count": 2 })).await;
    assert_eq!(
        (given.status, given.json["tokens"].as_array().map(Vec::len)),
        (201, Some(2)),
        "{}",
        given.json
    );
    let again = process.post(faucet, "f", json!({ "behaviour": "decline", "count": 2 })).await;
    assert!(again.replayed && again.json == given.json, "the same key is the same tokens");
    process.post(faucet, "g", json!({ "behaviour": "generous" })).await.is_problem(422, "simulation_refused");
    process
        .post(faucet, "h", json!({ "behaviour": "approve", "count": 0 }))
        .await
        .is_problem(400, "invalid_count");

    let id = process.post(INTENTS, "i", with(payment("tok_visa"), "confirm", false)).await;
    let id = id.text("id").to_owned();
    process.simulate("payment.succeeded", &id).await.is_problem(409, "nothing_to_simulate");
    process.simulate("payment.dances", &id).await.is_problem(400, "unknown_event_type");
    process.simulate("payment.succeeded", "pi_01h2xcejqtf2nbrexx3vqjhp41").await.is_problem(404, "not_found");
    let body = json!({ "type": "payment.failed", "intent_id": id, "delay_ms": 4_000_000 });
    process.post("/v1/payments/test/simulate", "s", body).await.is_problem(400, "invalid_delay");
}

#[actix_web::test]
async fn a_simulated_event_waits_for_its_delay() {
    let world = World::new();
    let process = world.process();
    let answer = process.pay("tok_challenge").await;
    let body = json!({ "type": "payment.succeeded", "intent_id": answer.text("id"), "delay_ms": 5_000 });
    assert_eq!(process.post("/v1/payments/test/simulate", "s", body).await.status, 202);
    assert_eq!(world.tell(&process).await, 0);
    assert_eq!(process.read(answer.text("id")).await["status"], "requires_action");
    world.clock.advance(Duration::from_secs(5));
    assert_eq!(world.tell(&process).await, 1);
    assert_eq!(process.read(answer.text("id")).await["status"], "succeeded");
}
