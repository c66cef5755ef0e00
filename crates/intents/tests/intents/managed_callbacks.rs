//! What people who look after payments see and do of gateways' callbacks.

use std::time::Duration;

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_domain::intents::{CallbackState, CallbackStore};
use tender_domain::ports::CallKind;
use tender_intents::CallbackRetention;
use tender_simulator::Misbehaviour;

use crate::callbacks::{script, states};
use crate::rig::{CUSTOMER, Process, World};

const CALLBACKS: &str = "/v1/payments/gateway-callbacks";

/// A payment whose gateway told of it, and the callback.
async fn told(world: &World, process: &Process) -> (String, Value) {
    script(world, CallKind::Authorize, &[Misbehaviour::TimeoutAfter, Misbehaviour::Callback]);
    let paid = process.pay("tok_visa").await;
    world.tell(process).await;
    let listed = process.get(CALLBACKS).await;
    assert_eq!(listed.status, 200, "{}", listed.json);
    (paid.text("id").to_owned(), listed.json["data"][0].clone())
}

#[actix_web::test]
async fn they_are_listed_and_read_with_a_masked_message() {
    let world = World::new();
    let process = world.process();
    let (_, callback) = told(&world, &process).await;
    assert_eq!((&callback["state"], &callback["told"]), (&json!("applied"), &json!("ended")));
    assert_eq!(callback["payload"], Value::Null, "a list shows no messages");
    let id = callback["id"].as_str().expect("an id");
    let whole = process.get(&format!("{CALLBACKS}/{id}")).await.json;
    assert_eq!((&whole["id"], &whole["payload"]["call"]), (&callback["id"], &json!("authorize")));
    for (query, found) in [
        ("state=applied&connector=simulator", 1),
        ("state=contradicted", 0),
        ("connector=stripe", 0),
        ("received[lt]=2020-01-01T00:00:00Z", 0),
        ("received[gte]=2020-01-01T00:00:00Z", 1),
    ] {
        let listed = process.get(&format!("{CALLBACKS}?{query}")).await.json;
        assert_eq!(listed["data"].as_array().map(Vec::len), Some(found), "{query}");
    }
    process.get(&format!("{CALLBACKS}?state=lost")).await.is_problem(400, "invalid_parameter");
    let read = |tenant, role| {
        process.signed(TestRequest::get().uri(&format!("{CALLBACKS}/{id}")), tenant, CUSTOMER, role)
    };
    process.call(read("stranger", "admin")).await.is_problem(404, "not_found");
    assert_eq!(process.call(read("acme", "customer")).await.status, 403);
}

#[actix_web::test]
async fn handled_again_one_that_was_applied_is_known_and_the_audit_log_has_it() {
    let world = World::new();
    let process = world.process();
    let (_, callback) = told(&world, &process).await;
    let path = format!("{CALLBACKS}/{}/handle", callback["id"].as_str().expect("an id"));
    let body = json!({ "reason": "to see" });
    let answer = process.post(&path, "again", body.clone()).await;
    assert_eq!((answer.status, answer.text("state")), (202, "pending"), "{}", answer.json);
    let same = process.post(&path, "again", body).await;
    assert!(same.replayed && same.json == answer.json);
    assert_eq!(process.callbacks.act_once().await.expect("in memory"), 1);
    assert_eq!(states(&process).await, [CallbackState::Known]);
    assert_eq!(world.told("payment.processed").len(), 1);
    let audits = world.told("audit.recorded");
    assert_eq!(audits.len(), 1, "a repetition is not told again");
    let audit = &audits[0];
    assert_eq!(
        (&audit["action"], &audit["reason"]),
        (&json!("gateway_callback.handled_again"), &json!("to see"))
    );
    assert_eq!(audit["details"]["state_before"], "applied");
    process.post(&path, "empty", json!({ "reason": " " })).await.is_problem(400, "reason_required");
    let request = TestRequest::post().uri(&path).insert_header(("idempotency-key", "agent"));
    let request = request.set_json(json!({ "reason": "x" }));
    let agent = process.signed(request, "acme", CUSTOMER, "agent");
    assert_eq!(process.call(agent).await.status, 403);
}

/// What could not be acted on for a week is a person's, who is told; once the cause is gone it is handled again.
#[actix_web::test]
async fn one_that_was_given_up_is_told_and_has_its_effect_when_it_is_handled_again() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    script(&world, CallKind::Capture, &[Misbehaviour::TimeoutBefore]);
    let capture = process.post(&format!("/v1/payments/intents/{id}/capture"), "take", json!({})).await;
    process.simulate("outside.captured", &id).await;
    world.tell(&process).await;
    // Nobody finds out what became of ours: no worker runs.
    for _ in 0..200 {
        world.wait(3_600);
        process.callbacks.act_once().await.expect("in memory");
    }
    let kept = process.callback_store.callbacks(Some(&crate::rig::acme()), 10).await.expect("in memory");
    let given_up = kept.iter().find(|callback| callback.state == CallbackState::GivenUp).expect("it is");
    let alerts = world.told("alert.raised");
    assert_eq!((alerts.len(), &alerts[0]["code"]), (1, &json!("callback_given_up")));
    assert_eq!(alerts[0]["subjectId"], json!(given_up.event_id));

    process.recover().await;
    let failed = process.read(&id).await;
    assert_eq!(failed["amount_captured"], 0, "{} {capture:?}", failed["status"]);
    let path = format!("{CALLBACKS}/{}/handle", given_up.id);
    process.post(&path, "again", json!({ "reason": "ours was never sent" })).await;
    process.callbacks.act_once().await.expect("in memory");
    assert_eq!(process.read(&id).await["amount_captured"], 10_000);
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}

#[actix_web::test]
async fn what_is_over_is_forgotten_after_its_time_and_not_before() {
    let world = World::new();
    let process = world.process();
    let (id, _) = told(&world, &process).await;
    let day = 24 * 3_600;
    let retention = CallbackRetention::new(process.callbacks.clone(), Duration::from_secs(1));
    world.wait(13 * day);
    assert_eq!(retention.run_once().await.expect("in memory"), 0, "two weeks at least");
    world.wait(2 * day);
    let later = CallbackRetention::new(process.callbacks.clone(), Duration::from_secs(90 * day));
    assert_eq!(later.run_once().await.expect("in memory"), 0);
    assert_eq!(retention.run_once().await.expect("in memory"), 1);
    assert_eq!(states(&process).await, []);
    assert_eq!(process.read(&id).await["status"], "succeeded");
}
