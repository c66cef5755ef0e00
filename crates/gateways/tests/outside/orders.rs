//! The orders directory of an ordering service: what is asked, and what each answer means.

use std::time::Duration;

use serde_json::json;
use tender_domain::kernel::{Currency, Money, TenantId};
use tender_domain::ports::{OrderDirectory, OrderStatus};
use tender_gateways::{HttpOrderDirectory, HttpOrdersOptions, OutboundAllow};
use wiremock::matchers::{body_json, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn directory(server: &MockServer) -> HttpOrderDirectory {
    let options = HttpOrdersOptions {
        url: format!("{}/api/", server.uri()),
        token: "orders-token".into(),
        deadline: Duration::from_millis(300),
        allow: OutboundAllow::of(&server.address().to_string()).expect("host:port"),
    };
    HttpOrderDirectory::new(&options).expect("good options")
}

fn tenant() -> TenantId {
    TenantId::sandbox()
}

#[tokio::test]
async fn an_order_is_asked_for_by_its_reference_whatever_its_characters() {
    let server = MockServer::start().await;
    let order = json!({
        "kind": "booking", "customer_id": "123", "amount": 34_999, "currency": "USD", "status": "pending",
        "starts_at": "2027-05-01T10:00:00Z", "details": {"vehicle": "Toyota Camry"}, "more": "is ignored",
        "reservation": {"id": "s-1", "holder": "123", "expires_at": "2027-05-01T10:00:00Z"},
    });
    Mock::given(method("GET"))
        .and(path("/api/orders/R%2F7%20%C3%A9%3Fx"))
        .and(header("authorization", "Bearer orders-token"))
        .and(header("x-tenant-id", "sandbox"))
        .respond_with(ResponseTemplate::new(200).set_body_json(order))
        .expect(1)
        .mount(&server)
        .await;
    let found =
        directory(&server).find(&tenant(), "R/7 é?x").await.expect("it answers").expect("it is there");
    assert_eq!((&*found.reference, &*found.customer_id), ("R/7 é?x", "123"));
    assert_eq!((found.amount, found.status), (Money::new(34_999, Currency::USD), OrderStatus::Pending));
    assert_eq!(found.details["vehicle"], "Toyota Camry");
    assert_eq!(found.reservation.map(|reservation| reservation.id).as_deref(), Some("s-1"));
    assert!(directory(&server).find(&tenant(), "nobody's").await.expect("it answers").is_none(), "404");
    for dots in ["..", ".", ""] {
        assert!(directory(&server).find(&tenant(), dots).await.is_err(), "{dots} would be another path");
    }
}

#[tokio::test]
async fn what_is_no_definite_answer_is_none() {
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(2)).set_body_json(json!({}));
    let order = |field: &str, value: serde_json::Value| {
        let mut order =
            json!({"kind": "order", "customer_id": "1", "amount": 1, "currency": "USD", "status": "pending"});
        order[field] = value;
        ResponseTemplate::new(200).set_body_json(order)
    };
    for answer in [
        slow,
        ResponseTemplate::new(500),
        ResponseTemplate::new(401),
        ResponseTemplate::new(302).insert_header("location", "/elsewhere"),
        ResponseTemplate::new(200).set_body_string("{"),
        order("amount", json!(0)),
        order("amount", json!(1.5)),
        order("currency", json!("XXZ")),
        order("status", json!("lost")),
        ResponseTemplate::new(200).set_body_string("x".repeat(100_000)),
    ] {
        let server = MockServer::start().await;
        Mock::given(method("GET")).respond_with(answer).mount(&server).await;
        let asked = directory(&server).find(&tenant(), "R-7").await;
        let why = asked.expect_err("nothing is known of the order").to_string();
        assert!(!why.contains("orders-token"), "{why}");
    }
}

#[tokio::test]
async fn where_an_order_stands_is_written_back_and_what_it_keeps_as_it_is_stays() {
    for (answer, good) in [(204, true), (200, true), (404, true), (409, true), (500, false), (401, false)] {
        let server = MockServer::start().await;
        Mock::given(method("PUT"))
            .and(path("/api/orders/R-7/status"))
            .and(body_json(json!({"status": "confirmed"})))
            .and(header("authorization", "Bearer orders-token"))
            .respond_with(ResponseTemplate::new(answer))
            .expect(1)
            .mount(&server)
            .await;
        let written = directory(&server).write_back(&tenant(), "R-7", OrderStatus::Confirmed).await;
        assert_eq!(written.is_ok(), good, "{answer}: {written:?}");
    }
}

#[test]
fn an_address_that_may_not_be_called_is_no_directory() {
    for url in ["http://orders.example.com", "https://127.0.0.1/api", "https://10.0.0.1", "orders"] {
        let options = HttpOrdersOptions {
            url: url.to_owned(),
            token: "t".into(),
            deadline: Duration::from_secs(1),
            allow: OutboundAllow::default(),
        };
        let error = HttpOrderDirectory::new(&options).map(drop).expect_err(url);
        assert_eq!(error.setting, "url");
    }
}
