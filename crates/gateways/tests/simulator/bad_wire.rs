//! What an end without a good answer means: not done only when it surely was not.

use std::time::Duration;

use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{
    Authorize, Capture, GatewayAnswer, GatewayError, PaymentGateway, Refund, ThreeDs, Void,
};
use tender_gateways::{HttpSimulatorGateway, HttpSimulatorOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::server::{self, BEARER};

pub(crate) fn authorization(reference: &str) -> Authorize {
    Authorize {
        tenant: TenantId::sandbox(),
        reference: reference.to_owned(),
        amount: Money::new(700, Currency::EUR),
        capture: true,
        token: "tok_visa".into(),
        statement_descriptor: None,
        off_session: false,
        three_ds: ThreeDs::default(),
        sca: Default::default(),
        payer: Default::default(),
        session: None,
    }
}

async fn authorize(port: u16) -> Result<GatewayAnswer, GatewayError> {
    server::client(port).authorize(&authorization("att_1")).await
}

fn assert_unknown(answer: &Result<GatewayAnswer, GatewayError>, why: &str) {
    assert!(matches!(answer, Err(GatewayError::Unknown(_))), "{why}: {answer:?}");
}

fn assert_not_done(answer: &Result<GatewayAnswer, GatewayError>, why: &str) {
    assert!(matches!(answer, Err(GatewayError::NotDone(_) | GatewayError::NotNow(_))), "{why}: {answer:?}");
}

/// A server that reads the start of one request and answers with these bytes, then closes.
async fn answers_with(bytes: &'static [u8]) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a caller");
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await;
        let _ = stream.write_all(bytes).await;
    });
    port
}

#[tokio::test]
async fn a_refused_connection_means_not_done() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    drop(listener);
    let nobody = authorize(port).await;
    assert!(matches!(nobody, Err(GatewayError::NotNow(_))), "nobody listens: {nobody:?}");
}

#[tokio::test]
async fn a_connection_lost_after_sending_means_unknown() {
    assert_unknown(&authorize(answers_with(b"").await).await, "closed without an answer");
    let half =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"outcome\":";
    assert_unknown(&authorize(answers_with(half).await).await, "closed within the answer");
    assert_unknown(&authorize(answers_with(b"SSH-2.0-nonsense\r\n").await).await, "not HTTP");
}

#[tokio::test]
async fn silence_until_the_deadline_means_unknown() {
    let server = MockServer::start().await;
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(30));
    Mock::given(method("POST")).respond_with(slow).mount(&server).await;
    let options = HttpSimulatorOptions {
        deadline: Duration::from_millis(100),
        ..HttpSimulatorOptions::new(server.uri(), BEARER)
    };
    let gateway = HttpSimulatorGateway::new(options).expect("good options");
    assert_unknown(&gateway.authorize(&authorization("att_1")).await, "no answer in time");
}

#[tokio::test]
async fn each_status_means_what_it_can_be_trusted_for() {
    for (status, surely_not_done) in [
        (400, true),
        (401, true),
        (404, true),
        (413, true),
        (422, true),
        (429, true),
        (408, false),
        (204, false),
        (302, false),
        (500, false),
        (502, false),
        (503, false),
        (504, false),
    ] {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(status).insert_header("location", "/simulator/authorize");
        Mock::given(method("POST")).respond_with(answer).expect(1).mount(&server).await;
        let answer = authorize(server.address().port()).await;
        if surely_not_done {
            assert_not_done(&answer, &status.to_string());
        } else {
            assert_unknown(&answer, &status.to_string());
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_not_understood_means_unknown() {
    let approved = |amount: &str, currency: &str| {
        format!(
            r#"{{"outcome":"approved","gateway_reference":"sim_1","amount":{amount},"currency":"{currency}","captured":true}}"#
        )
    };
    for body in [
        String::new(),
        "{}".to_owned(),
        "<html>".to_owned(),
        r#"{"outcome":"perhaps"}"#.to_owned(),
        approved("7.5", "EUR"),
        approved("99999999999999999999", "EUR"),
        approved("700", "EURO"),
        "x".repeat(100_000),
    ] {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(200).set_body_raw(body.clone(), "application/json");
        Mock::given(method("POST")).respond_with(answer).mount(&server).await;
        let simulator = server::client(server.address().port());
        let (tenant, gateway_reference) = (TenantId::sandbox(), "sim_1".to_owned());
        let amount = Money::new(700, Currency::EUR);
        let capture = Capture {
            tenant: tenant.clone(),
            reference: "cap_1".to_owned(),
            gateway_reference: gateway_reference.clone(),
            amount,
            is_final: true,
            is_again: false,
        };
        let void = Void {
            tenant: tenant.clone(),
            reference: "att_1/void".to_owned(),
            gateway_reference: gateway_reference.clone(),
        };
        let refund = Refund { tenant, reference: "rf_1".to_owned(), gateway_reference, amount };
        for answer in [
            simulator.authorize(&authorization("att_1")).await,
            simulator.capture(&capture).await,
            simulator.void(&void).await,
            simulator.refund(&refund).await,
        ] {
            assert_unknown(&answer, &body.chars().take(120).collect::<String>());
        }
    }
}

#[tokio::test]
async fn the_bearer_is_sent_and_printed_nowhere() {
    let server = MockServer::start().await;
    let declined = r#"{"outcome":"declined","decline_code":"a_new_one","network_code":"77","message":"no"}"#;
    Mock::given(method("POST"))
        .and(path("/simulator/authorize"))
        .and(header("authorization", format!("Bearer {BEARER}")))
        .respond_with(ResponseTemplate::new(200).set_body_raw(declined, "application/json"))
        .mount(&server)
        .await;
    let answer = authorize(server.address().port()).await;
    assert!(matches!(answer, Ok(GatewayAnswer::Declined(_))), "{answer:?}");
    let options = HttpSimulatorOptions::new(server.uri(), BEARER);
    assert!(!format!("{options:?}").contains(BEARER));
}

#[tokio::test]
async fn a_wrong_bearer_is_refused_and_not_done() {
    let server = server::RunningSimulator::start();
    let options = HttpSimulatorOptions::new(format!("http://127.0.0.1:{}", server.port), "wrong");
    let gateway = HttpSimulatorGateway::new(options).expect("good options");
    assert_not_done(&gateway.authorize(&authorization("att_1")).await, "wrong bearer");
}

#[test]
fn an_address_that_cannot_be_called_is_refused_at_once() {
    for url in ["", "127.0.0.1:8090", "ftp://host", "not a url"] {
        assert!(HttpSimulatorGateway::new(HttpSimulatorOptions::new(url, BEARER)).is_err(), "{url}");
    }
    assert!(HttpSimulatorGateway::new(HttpSimulatorOptions::new("http://host", "a\nb")).is_err());
}
