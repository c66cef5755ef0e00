//! What the customer has to do next, and waiting for it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::gateway::Fault;
use crate::rig::{INTENTS, World, payment, unconfirmed, with};

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

#[tokio::test]
async fn a_page_that_can_embed_a_challenge_is_told_what_to_post_where_and_completes_it() {
    let world = World::new();
    let process = world.process();
    let options = json!({ "card": { "challenge_form": "embedded" } });
    let body = with(payment("tok_challenge"), "payment_method_options", options);
    let asked = process.post(INTENTS, "1", body).await;
    asked.is(201, "requires_action");
    let action = &asked.json["next_action"];
    assert_eq!((&action["type"], &action["url"]), (&json!("embedded_challenge"), &Value::Null), "{action}");
    let (acs_url, creq) = (&action["acs_url"], &action["creq"]);
    assert!(acs_url.as_str().is_some_and(|url| url.contains("/simulator/acs/")), "{action}");
    assert!(creq.as_str().is_some_and(|creq| !creq.is_empty()), "{action}");
    let id = asked.text("id");
    let next = process.get(&format!("{INTENTS}/{id}/next-action")).await;
    assert_eq!((&next.json["acs_url"], &next.json["creq"]), (acs_url, creq), "{}", next.json);
    let started = process.post(&format!("{INTENTS}/{id}/3ds/start"), "s", json!({})).await;
    assert_eq!((&started.json["acs_url"], &started.json["creq"]), (acs_url, creq), "{}", started.json);

    let result = json!({ "result": "success" });
    process.post(&format!("{INTENTS}/{id}/3ds/complete"), "c", result).await.is(200, "succeeded");
    let plain = process.post(INTENTS, "2", payment("tok_challenge")).await;
    let action = &plain.json["next_action"];
    assert_eq!((&action["type"], &action["creq"]), (&json!("redirect_to_url"), &Value::Null), "{action}");
}

#[tokio::test]
async fn who_is_away_and_who_pays_on_a_page_is_shown_no_embedded_challenge() {
    let world = World::new();
    let process = world.process();
    let options = json!({ "card": { "challenge_form": "embedded" } });
    let body = with(unconfirmed("tok_challenge"), "payment_method_options", options.clone());
    let id = process.post(INTENTS, "1", body).await.text("id").to_owned();
    let session = json!({ "payment_intent_id": id });
    let session = process.post("/v1/payments/apm/card/initiate", "s", session).await;
    assert_eq!(
        (session.status, session.json["next_action"]["type"].as_str()),
        (201, Some("redirect_to_url"))
    );
    let bad = json!({ "card": { "challenge_form": "popup" } });
    let bad = with(payment("tok_challenge"), "payment_method_options", bad);
    assert_eq!(process.post(INTENTS, "2", bad).await.status, 400);
}
