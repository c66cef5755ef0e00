//! An outside scorer of fraud: what it is told, and what each answer means.

use std::time::Duration;

use serde_json::{Value, json};
use tender_domain::fraud::{CardSignals, FraudContext, RiskScore, RiskScorer, RiskSignals};
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_gateways::{HttpRiskScorer, HttpScorerOptions, OutboundAllow};
use wiremock::matchers::{body_json, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn options(server: &MockServer) -> HttpScorerOptions {
    HttpScorerOptions {
        url: format!("{}/v1/score", server.uri()),
        token: "scorer-token".into(),
        deadline: Duration::from_millis(300),
        allow: OutboundAllow::of(&server.address().to_string()).expect("host:port"),
    }
}

fn context(customer: &str) -> FraudContext {
    FraudContext {
        amount: Money::new(4_200, Currency::EUR),
        merchant_account_id: "ma_default".to_owned(),
        customer_id: Some(customer.to_owned()),
        card: CardSignals { fingerprint: Some("fp_1".to_owned()), bin: Some("424242".to_owned()) },
        signals: RiskSignals { ip_country: Some("DE".to_owned()), ..RiskSignals::default() },
        order_amount: Some(Money::new(4_100, Currency::EUR)),
    }
}

async fn answered(template: ResponseTemplate) -> Result<RiskScore, String> {
    let server = MockServer::start().await;
    Mock::given(method("POST")).respond_with(template).mount(&server).await;
    let scorer = HttpRiskScorer::new(&options(&server)).expect("good options");
    scorer.score(&TenantId::sandbox(), &context("c")).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_scorer_is_told_what_is_known_and_no_address_of_a_person() {
    for (customer, told) in [("cust_1", json!("cust_1")), ("ada@example.com", Value::Null)] {
        let server = MockServer::start().await;
        let asked = json!({
            "amount": 4_200, "currency": "EUR", "merchant_account_id": "ma_default", "customer_id": told,
            "card": { "fingerprint": "fp_1", "bin": "424242" }, "signals": { "ip_country": "DE" },
            "order_amount": { "amount": 4_100, "currency": "EUR" },
        });
        let answer = json!({ "points": 30, "explanation": "seen before", "model": "is ignored" });
        Mock::given(method("POST"))
            .and(path("/v1/score"))
            .and(header("authorization", "Bearer scorer-token"))
            .and(header("x-tenant-id", "sandbox"))
            .and(body_json(asked))
            .respond_with(ResponseTemplate::new(200).set_body_json(answer))
            .expect(1)
            .mount(&server)
            .await;
        let scorer = HttpRiskScorer::new(&options(&server)).expect("good options");
        let score = scorer.score(&TenantId::sandbox(), &context(customer)).await.expect("it answers");
        assert_eq!((score.points, &*score.explanation), (30, "seen before"));
    }
}

#[tokio::test]
async fn what_it_says_is_bounded_and_holds_no_card_number() {
    let long = format!("card 4242424242424242 {}", "x".repeat(1_000));
    let body = json!({ "points": 9_999, "explanation": long });
    let score = answered(ResponseTemplate::new(200).set_body_json(body)).await.expect("it answers");
    assert_eq!(score.points, 100);
    assert!(score.explanation.chars().count() <= 200, "{}", score.explanation);
    assert!(!score.explanation.contains("4242424242424242"), "{}", score.explanation);
}

#[tokio::test]
async fn what_is_no_score_is_none_and_is_not_repeated() {
    let ok = ResponseTemplate::new(200);
    for (template, says) in [
        (ResponseTemplate::new(500), "answered 500"),
        (ResponseTemplate::new(302).insert_header("location", "https://example.com/"), "answered 302"),
        (ok.clone().set_delay(Duration::from_secs(2)).set_body_json(json!({ "points": 1 })), "in time"),
        (ok.clone().set_body_json(json!({ "points": -1 })), "is not understood"),
        (ok.clone().set_body_json(json!({ "points": "4242424242424242" })), "is not understood"),
        (ok.clone().set_body_string("x".repeat(100_000)), "longer than"),
    ] {
        let error = answered(template).await.expect_err(says);
        assert!(error.contains(says) && !error.contains("4242"), "{says}: {error}");
    }
}

#[tokio::test]
async fn only_a_public_address_or_an_allowed_one_is_called() {
    let server = MockServer::start().await;
    for url in ["http://scorer.example.com/x", "https://127.0.0.1/x", "https://user@scorer.example.com/", "x"]
    {
        let options = HttpScorerOptions { url: url.to_owned(), ..options(&server) };
        let refused = HttpRiskScorer::new(&options).err().expect(url);
        assert_eq!(refused.setting, "scorer_url", "{refused}");
    }
    let options = HttpScorerOptions { token: "a\nb".into(), ..options(&server) };
    let refused = HttpRiskScorer::new(&options).err().expect("no header");
    assert!(!refused.to_string().contains("a\nb") && refused.setting == "scorer_token", "{refused}");
}
