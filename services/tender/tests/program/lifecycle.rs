//! The life of intents in the real program: its workers, its settings, its client secrets.

use serde_json::{Value, json};

use crate::program::{Place, Running};

const INTENTS: &str = "/v1/payments/intents";

fn unpaid() -> Value {
    json!({ "amount": 1250, "currency": "EUR", "description": "as it is" })
}

/// The status of what a new intent of one call is, once it is as wanted.
async fn created(tender: &Running, body: &Value) -> Value {
    let (status, intent) = tender.call("POST", INTENTS, Some(body)).await;
    assert_eq!(status, 201, "{intent}");
    intent
}

#[tokio::test]
async fn what_is_set_is_obeyed_jobs_are_done_and_a_browser_may_read_its_intent() {
    let place = Place::new();
    let tender = Running::start(&place.data()).await;

    let intent = created(&tender, &unpaid()).await;
    assert_eq!(intent["capture_mode"], "auto", "{intent}");
    let secret = intent["client_secret"].as_str().expect("a server is given it").to_owned();
    let path = format!("{}{INTENTS}/{}", tender.url, intent["id"].as_str().expect("an id"));
    let browser = reqwest::Client::new();
    let seen = browser.get(&path).bearer_auth(&secret).send().await.expect("an answer");
    assert_eq!(seen.status().as_u16(), 200);
    let seen: Value = seen.json().await.expect("JSON");
    assert_eq!((&seen["client_secret"], &seen["id"]), (&Value::Null, &intent["id"]));
    let list = browser.get(format!("{}{INTENTS}", tender.url)).bearer_auth(&secret).send().await;
    assert_eq!(list.expect("an answer").status().as_u16(), 403);

    let (status, job) =
        tender.call("POST", &format!("{INTENTS}/bulk"), Some(&json!({ "intents": [unpaid()] }))).await;
    assert_eq!(status, 202, "{job}");
    let job = format!("/v1/payments/jobs/{}", job["job_id"].as_str().expect("an id"));
    tender_testkit::eventually("the job is completed", || async {
        let (_, job) = tender.call("GET", &job, None).await;
        (job["status"] == "completed" && job["progress"]["succeeded"] == 1).then_some(())
    })
    .await;

    let settings = json!({ "default_capture_mode": "manual", "version": 1 });
    let (status, told) = tender.call("PATCH", "/v1/payments/settings", Some(&settings)).await;
    assert_eq!(status, 200, "{told}");
    tender_testkit::eventually("intents obeys what was set", || async {
        let intent = created(&tender, &unpaid()).await;
        (intent["capture_mode"] == "manual").then_some(())
    })
    .await;

    let (status, shown) = tender.call("GET", "/v1/payments/diagnostics", None).await;
    assert_eq!((status, &shown["open"]["queued"]), (200, &json!(0)), "{shown}");
    tender.end().await;
}
