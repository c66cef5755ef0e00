//! What the customer has to do next, and waiting for it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::gateway::Fault;
use crate::rig::{INTENTS, World, unconfirmed};

fn path(id: &str, wait: u64) -> String {
    format!("{INTENTS}/{id}/next-action?wait={wait}")
}

#[tokio::test]
async fn each_state_says_what_is_to_be_done() {
    let world = World::new();
    let process = world.process();
    let new = process.post(INTENTS, "n", unconfirmed("tok_visa")).await;
    let challenged = process.pay("tok_challenge").await;
    let unknown = process.pay("tok_timeout_after").await;
    let paid = process.pay("tok_visa").await;
    for (answer, action, has_url) in [
        (&new, "none", false),
        (&challenged, "redirect_to_url", true),
        (&unknown, "await_webhook", false),
        (&paid, "none", false),
    ] {
        let told = process.get(&path(answer.text("id"), 0)).await;
        assert_eq!((told.status, told.text("type")), (200, action), "{}", told.json);
        assert_eq!(told.json["url"] != Value::Null, has_url);
        assert_eq!(told.text("status"), answer.text("status"));
    }
    for bad in ["wait=26", "wait=-1", "wait=x", "until=1"] {
        let answer = process.get(&format!("{INTENTS}/{}/next-action?{bad}", new.text("id"))).await;
        assert_eq!(answer.status, 400, "{bad}: {}", answer.json);
    }
}

#[tokio::test]
async fn who_waits_hears_of_the_change_when_it_is_committed() {
    let world = World::new();
    let process = world.process();
    let id = process.pay("tok_challenge").await.text("id").to_owned();
    let complete = async {
        // The one who waits is at it by then; if not, it reads the outcome at once, and nothing is proven wrong.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let done = json!({ "result": "success" });
        process.post(&format!("{INTENTS}/{id}/3ds/complete"), "3", done).await.is(200, "succeeded");
    };
    let address = path(&id, 25);
    let began = Instant::now();
    let (told, ()) = tokio::join!(process.get(&address), complete);
    assert!(["await_webhook", "none"].contains(&told.text("type")), "{}", told.json);
    assert!(began.elapsed() < Duration::from_secs(20), "it did not wait to the end");
}

#[tokio::test]
async fn who_waits_in_vain_is_told_what_is_known() {
    let world = World::new();
    let process = world.process();
    world.line.set(Fault::LosesAnswer);
    let id = process.pay("tok_visa").await.text("id").to_owned();
    let told = process.get(&path(&id, 1)).await;
    assert_eq!((told.status, told.text("type")), (200, "await_webhook"));
}

#[tokio::test]
async fn another_process_outcome_is_seen_while_waiting() {
    let world = World::new();
    let (one, other) = (world.process(), world.process());
    let id = one.pay("tok_challenge").await.text("id").to_owned();
    let cancel = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        other.post(&format!("{INTENTS}/{id}/cancel"), "x", json!({})).await.is(200, "canceled");
    };
    let address = path(&id, 25);
    let began = Instant::now();
    let (told, ()) = tokio::join!(one.get(&address), cancel);
    assert_eq!((told.text("type"), told.text("status")), ("none", "canceled"));
    assert!(began.elapsed() < Duration::from_secs(20));
}
