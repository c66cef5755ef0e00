//! The outside scorer of fraud, asked as the settings have it: each setting changes what becomes of payments.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};
use wiremock::matchers::{body_partial_json, header};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::program::{Place, Running};

/// Scored so that it is denied, at once.
const RISKY: i64 = 1_000;
/// The same, a while later.
const SLOW: i64 = 2_000;
/// The scorer fails.
const FAILS: i64 = 3_000;

/// A scorer that knows us by this token, and no other way.
async fn scorer(token: &str) -> MockServer {
    let server = MockServer::start().await;
    let denied = ResponseTemplate::new(200).set_body_json(json!({"points": 100, "explanation": "looks odd"}));
    for (amount, answer) in [
        (RISKY, denied.clone()),
        (SLOW, denied.set_delay(Duration::from_secs(1))),
        (FAILS, ResponseTemplate::new(500)),
    ] {
        Mock::given(header("authorization", format!("Bearer {token}").as_str()))
            .and(body_partial_json(json!({"amount": amount})))
            .respond_with(answer)
            .mount(&server)
            .await;
    }
    server
}

async fn start(place: &Place, server: &MockServer, more: &[(&str, &str)]) -> Running {
    let (url, allowed) = (format!("{}/score", server.uri()), server.address().to_string());
    let own = [("TENDER__FRAUD__SCORER_URL", url.as_str()), ("TENDER__OUTBOUND__ALLOW", allowed.as_str())];
    let settings: Vec<(&str, &str)> = own.into_iter().chain(more.iter().copied()).collect();
    Running::start_with(&place.data(), &settings).await
}

/// Pays so much: the status of the answer, with the payment's own where there is one.
async fn pay(tender: &Running, minor: i64) -> (u16, Value) {
    let card = json!({"type": "card", "token": "tok_visa"});
    let (status, method) = tender.call("POST", "/v1/payments/methods", Some(&card)).await;
    assert_eq!(status, 201, "{method}");
    let body =
        json!({"amount": minor, "currency": "EUR", "confirm": true, "payment_method_id": method["id"]});
    let (status, answer) = tender.call("POST", "/v1/payments/intents", Some(&body)).await;
    let stands = if status < 300 { &answer["status"] } else { &answer["code"] };
    (status, stands.clone())
}

#[tokio::test]
async fn it_is_asked_where_and_as_whom_the_settings_say_waited_for_so_long_and_its_failure_is_open() {
    let (place, server) = (Place::new(), scorer("first-token").await);
    let settings =
        [("TENDER__FRAUD__SCORER_TOKEN", "first-token"), ("TENDER__FRAUD__SCORER_TIMEOUT_MILLIS", "5000")];
    let tender = start(&place, &server, &settings).await;
    assert_eq!(pay(&tender, RISKY).await, (201, json!("failed")), "its word counts");
    assert_eq!(pay(&tender, SLOW).await, (201, json!("failed")), "it is waited for");
    assert_eq!(pay(&tender, FAILS).await, (201, json!("succeeded")), "open");
}

#[tokio::test]
async fn its_token_may_be_in_a_file_it_is_waited_for_no_longer_and_its_failure_may_be_closed() {
    let (place, server) = (Place::new(), scorer("second-token").await);
    let file = place.data().with_file_name("scorer.token");
    fs::write(&file, "second-token\n").expect("a folder of its own");
    let file = file.display().to_string();
    let settings = [
        ("TENDER__FRAUD__SCORER_TOKEN_FILE", file.as_str()),
        ("TENDER__FRAUD__SCORER_TIMEOUT_MILLIS", "400"),
        ("TENDER__FRAUD__SCORER_ON_FAILURE", "closed"),
    ];
    let tender = start(&place, &server, &settings).await;
    for amount in [SLOW, FAILS] {
        assert_eq!(pay(&tender, amount).await, (503, json!("service_unavailable")), "{amount}");
    }
    let asked = server.received_requests().await.expect("they are recorded");
    assert!(asked.len() >= 2, "it was asked, and not believed to be silent");
    let known = |name: &str| asked.iter().all(|request| request.headers[name] == "Bearer second-token");
    assert!(known("authorization"), "{asked:?}");
    let (_, all) = tender.call("GET", "/v1/payments/intents", None).await;
    assert_eq!(all["data"], json!([]), "nothing was tried");
}
