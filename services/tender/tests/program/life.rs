use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use serde_json::json;

use crate::program::{Place, Running, output, tender, text};

async fn method(tender: &Running, token: &str) -> String {
    let body = json!({ "type": "card", "token": token });
    let (status, method) = tender.call("POST", "/v1/payments/methods", Some(&body)).await;
    assert_eq!(status, 201, "{method}");
    method["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn it_says_ready_once_serves_and_ends_in_order_and_the_next_start_has_everything() {
    let place = Place::new();
    let tender = Running::start(&place.data()).await;
    for secret in ["admin.key", "jwt.secret"] {
        let mode = fs::metadata(place.data().join(secret)).expect("written").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{secret}");
    }
    let body = json!({
        "amount": 1250, "currency": "EUR", "confirm": true, "payment_method_id": method(&tender, "tok_visa").await
    });
    let (status, intent) = tender.call("POST", "/v1/payments/intents", Some(&body)).await;
    assert_eq!((status, intent["status"].as_str()), (201, Some("succeeded")), "{intent}");
    let (_, health) = tender.call("GET", "/v1/payments/health", None).await;
    assert_eq!(health["status"], "up", "{health}");
    let key = tender.key.clone();
    assert_eq!(tender.end().await, (Some(0), String::new()), "one line on standard output, and no more");

    let tender = Running::start(&place.data()).await;
    assert_eq!(tender.key, key, "the admin key is made once");
    let path = format!("/v1/payments/intents/{}", intent["id"].as_str().expect("an id"));
    assert_eq!(tender.call("GET", &path, None).await.1["status"], "succeeded");
    tender.end().await;
}

#[tokio::test]
async fn a_payment_that_was_begun_ends_before_the_process_though_its_client_is_gone() {
    let place = Place::new();
    let tender = Running::start(&place.data()).await;
    let body = json!({
        "amount": 777, "currency": "EUR", "confirm": true, "payment_method_id": method(&tender, "tok_slow").await
    });
    let request = tender.request("POST", "/v1/payments/intents", Some(&body));
    let given_up = request.timeout(Duration::from_millis(500)).send().await;
    assert!(given_up.is_err_and(|error| error.is_timeout()), "the gateway takes longer");
    assert_eq!(tender.end().await.0, Some(0));

    // At rest: what the database holds, with nobody there who could have looked the outcome up.
    let checked = output(tender_check(&place)).await;
    let report: serde_json::Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    assert_eq!(checked.status.code(), Some(0), "{report:#}");
    let sections = report["sections"].as_array().expect("a list");
    let attempts = sections.iter().find(|section| section["name"] == "attempts").expect("listed");
    assert_eq!(attempts["notes"][0], "0 calls are open", "{attempts:#}");

    let tender = Running::start(&place.data()).await;
    let (_, list) = tender.call("GET", "/v1/payments/intents", None).await;
    assert_eq!(list["data"][0]["status"], "succeeded", "{list}");
    assert_eq!(list["data"][0]["attempts"], 1);
    tender.end().await;
}

fn tender_check(place: &Place) -> tokio::process::Command {
    tender(&["check", "--json"], &place.data())
}

#[tokio::test]
async fn after_a_kill_the_next_start_takes_over_the_postgresql_left_behind() {
    let place = Place::new();
    let pid = || {
        let file = place.data().join("postgres/data/postmaster.pid");
        fs::read_to_string(file).expect("PostgreSQL runs").lines().next().map(str::to_owned)
    };
    let tender = Running::start(&place.data()).await;
    let first = pid();
    tender.kill().await;
    let tender = Running::start(&place.data()).await;
    assert_eq!(pid(), first, "the same server goes on");
    assert_eq!(tender.call("GET", "/v1/payments/intents", None).await.0, 200);
    assert_eq!(tender.end().await.0, Some(0));
    assert!(!place.data().join("postgres/data/postmaster.pid").exists(), "PostgreSQL ended with it");
}

#[tokio::test]
async fn what_cannot_work_stops_the_start_and_is_named() {
    let place = Place::new();
    for (name, value, told) in [
        ("TENDER__HTTP__PRT", "1", "prt"),
        ("TENDER__HTTP__PORT", "many", "TENDER__HTTP__PORT"),
        ("TENDER__ENVIRONMENT", "production", "sandbox"),
        ("TENDER__DATABASE__URL", "nonsense", "TENDER__DATABASE__URL"),
    ] {
        let mut command = tender(&["run"], &place.data());
        command.env(name, value);
        let ended = output(command).await;
        let error = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(1), "{name}: {error}");
        assert!(error.contains(told), "{name}: {error}");
        assert_eq!(text(&ended.stdout), "", "{name}");
    }
}
