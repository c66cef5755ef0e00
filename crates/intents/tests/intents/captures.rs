//! Manual captures.

use serde_json::{Value, json};

use crate::gateway::Fault;
use crate::rig::{Answer, INTENTS, Process, World};

async fn capture(process: &Process, id: &str, key: &str, body: Value) -> Answer {
    process.post(&format!("{INTENTS}/{id}/capture"), key, body).await
}

#[tokio::test]
async fn what_is_held_is_captured_in_parts_until_nothing_is_left() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    assert_eq!(world.told("payment.authorized").len(), 1);
    let part = |amount| json!({ "amount": amount, "final_capture": false });
    let first = capture(&process, &id, "1", part(3_000)).await;
    first.is(200, "succeeded");
    assert_eq!(
        (first.text("intent_status"), &first.json["amount_capturable"]),
        ("requires_capture", &json!(7_000))
    );
    let again = capture(&process, &id, "1", part(3_000)).await;
    assert_eq!((again.replayed, &again.json), (true, &first.json));

    let more = capture(&process, &id, "2", part(7_001)).await;
    more.is_problem(422, "amount_exceeds_capturable");
    let last = capture(&process, &id, "3", part(7_000)).await;
    assert_eq!(last.text("intent_status"), "succeeded");
    let refused_again = capture(&process, &id, "2", part(7_001)).await;
    refused_again.is_problem(422, "amount_exceeds_capturable");
    assert!(refused_again.replayed, "a refusal of business is kept");
    capture(&process, &id, "4", json!({})).await.is_problem(409, "intent_status");

    let told = world.told("payment.processed");
    let totals: Vec<_> =
        told.iter().map(|told| (&told["amountMinor"], &told["capturedTotalMinor"])).collect();
    assert_eq!(totals, [(&json!(3_000), &json!(3_000)), (&json!(7_000), &json!(10_000))]);
    assert_ne!(told[0]["captureId"], told[1]["captureId"]);
    world.check_books().await;
}

#[tokio::test]
async fn a_final_part_lets_the_rest_go() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    let taken = capture(&process, &id, "1", json!({ "amount": 1 })).await;
    assert_eq!((taken.text("intent_status"), &taken.json["amount_capturable"]), ("succeeded", &json!(0)));
    assert!(world.booked().await[0].released);
    world.check_books().await;
}

#[tokio::test]
async fn amounts_that_make_no_sense_are_refused_before_anything_is_done() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    for amount in [json!(0), json!(-1), json!(1.5), json!("1"), json!(99_999_999_999_999_999_999_u128)] {
        let refused = capture(&process, &id, "k", json!({ "amount": amount })).await;
        assert_eq!(refused.status, 400, "{amount}: {}", refused.json);
    }
    assert_eq!(world.line.calls(), 1, "the authorization only");
}

#[tokio::test]
async fn a_capture_whose_answer_is_lost_is_pending_until_it_is_looked_up() {
    let world = World::new();
    let process = world.process();
    let id = process.hold().await;
    world.line.set(Fault::LosesAnswer);
    let pending = capture(&process, &id, "1", json!({})).await;
    pending.is(202, "pending");
    world.line.set(Fault::None);
    let cancel = process.post(&format!("{INTENTS}/{id}/cancel"), "c", json!({})).await;
    cancel.is_problem(409, "intent_status");
    assert_eq!(process.recover().await, 0, "it is not due yet");
    world.wait(6);
    assert_eq!(process.recover().await, 1);
    let read = process.read(&id).await;
    assert_eq!((&read["status"], &read["amount_captured"]), (&json!("succeeded"), &json!(10_000)));
    assert_eq!(world.told("payment.processed").len(), 1);
    world.check_books().await;
}
