//! Keys are rotated while payments are made, and the process dies in the middle of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::{StreamExt, stream};
use serde_json::{Value, json};

use crate::program::{Place, Running};

const METHODS: usize = 400;
const LIMIT: Duration = Duration::from_secs(120);

async fn method(tender: &Running) -> String {
    let body = json!({ "type": "card", "token": "tok_visa" });
    let (status, method) = tender.call("POST", "/v1/payments/methods", Some(&body)).await;
    assert_eq!(status, 201, "{method}");
    method["id"].as_str().expect("an id").to_owned()
}

fn payment(method: &str) -> Value {
    json!({ "amount": 900, "currency": "EUR", "payment_method_id": method, "confirm": true })
}

/// Pays with one method after the other until `stop`. Calls that the process did not survive have no answer; every
/// answer is a payment. Says how many were paid.
async fn pay(tender: &Running, methods: &[String], stop: &AtomicBool, paid: &AtomicUsize) {
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        number = (number + 37) % methods.len();
        let request = tender.request("POST", "/v1/payments/intents", Some(&payment(&methods[number])));
        let Ok(answer) = request.send().await else { continue };
        let status = answer.status().as_u16();
        let Ok(intent) = answer.json::<Value>().await else { continue };
        assert_eq!((status, &intent["status"]), (201, &json!("succeeded")), "{intent}");
        paid.fetch_add(1, Ordering::Relaxed);
    }
}

/// Waits until the job is as wanted.
async fn job(tender: &Running, path: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
    let began = Instant::now();
    loop {
        let (status, job) = tender.call("GET", path, None).await;
        assert_eq!(status, 200, "{job}");
        if is_wanted(&job) {
            return job;
        }
        assert!(began.elapsed() < LIMIT, "{job}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn keys(tender: &Running) -> Vec<(u64, String)> {
    let (_, list) = tender.call("GET", "/v1/payments/vault/keys", None).await;
    let shown = |key: &Value| {
        (key["key_version"].as_u64().unwrap_or(0), key["status"].as_str().unwrap_or("").to_owned())
    };
    let all = list["data"].as_array().expect("a list").iter();
    all.filter(|key| key["purpose"] == "payment_methods").map(shown).collect()
}

#[tokio::test]
async fn a_rotation_under_load_goes_on_after_a_crash_and_no_read_fails() {
    let place = Place::new();
    let tender = Arc::new(Running::start(&place.data()).await);
    let methods: Vec<String> =
        stream::iter(0..METHODS).map(|_| method(&tender)).buffer_unordered(16).collect().await;
    let (stop, paid) = (AtomicBool::new(false), AtomicUsize::new(0));
    let load = async { pay(&tender, &methods, &stop, &paid).await };
    let (path, before) = {
        let rotation = async {
            let (status, begun) = tender.call("POST", "/v1/payments/vault/keys/rotate", None).await;
            assert_eq!((status, begun["progress"]["total"].as_u64()), (202, Some(METHODS as u64)), "{begun}");
            let path = format!("/v1/payments/jobs/{}", begun["job_id"].as_str().expect("an id"));
            let begun = job(&tender, &path, |job| job["progress"]["done"].as_u64() > Some(0)).await;
            stop.store(true, Ordering::Relaxed);
            (path, begun)
        };
        tokio::join!(rotation, load).0
    };
    Arc::into_inner(tender).expect("nobody else has it").kill().await;
    assert_eq!(before["status"], "processing", "it died in the middle: {before}");

    let tender = Running::start(&place.data()).await;
    stop.store(false, Ordering::Relaxed);
    let (ended, ()) = tokio::join!(
        async {
            let ended = job(&tender, &path, |job| !job["finished_at"].is_null()).await;
            stop.store(true, Ordering::Relaxed);
            ended
        },
        pay(&tender, &methods, &stop, &paid)
    );
    assert_eq!(
        (&ended["status"], &ended["progress"]["done"]),
        (&json!("completed"), &json!(METHODS)),
        "{ended}"
    );
    assert_eq!(keys(&tender).await, [(2, "current".to_owned()), (1, "retired".to_owned())]);
    assert!(paid.load(Ordering::Relaxed) > 0, "there was load");
    for method in methods.iter().step_by(50) {
        let (status, intent) = tender.call("POST", "/v1/payments/intents", Some(&payment(method))).await;
        assert_eq!((status, &intent["status"]), (201, &json!("succeeded")), "{intent}");
    }
    let (_, log) = tender.call("GET", "/v1/payments/vault/access-log?purpose=charge&limit=1", None).await;
    assert_eq!(log["data"][0]["reader"], "intents", "{log}");
    let (code, _) = tender.end().await;
    assert_eq!(code, Some(0));
}
