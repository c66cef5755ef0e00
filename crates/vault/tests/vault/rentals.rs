//! The rentals dialect: a user's payment methods as the document has them.

use actix_web::test::TestRequest;
use serde_json::{Value, json};
use tender_domain::kernel::TenantId;
use tender_domain::ports::{MethodVault, NumberKind, NumberLookup};

use crate::connectors;
use crate::rig::{Answer, METHODS, Rig, post};

const PATH: &str = "/rentals/payments/methods";
const USER: &str = "123";

/// The document's example.
fn example() -> Value {
    json!({
        "type": "credit_card", "card_last4": "4242", "card_brand": "Visa", "expiry_date": "12/25", "is_default": true,
    })
}

async fn by(rig: &Rig, request: TestRequest, user: &str) -> Answer {
    rig.call(rig.signed(request, "acme", user, &["customer"])).await
}

async fn add(rig: &Rig, body: Value) -> Answer {
    by(rig, post(PATH, &body), USER).await
}

async fn listed(rig: &Rig, user: &str) -> Vec<Value> {
    let answer = by(rig, TestRequest::get().uri(PATH), user).await;
    assert_eq!(answer.status.as_u16(), 200);
    let json = answer.json();
    assert_eq!(json["status"], "success");
    assert_eq!(json["message"], "Payment methods retrieved successfully");
    json["data"]["payment_methods"].as_array().expect("a list").clone()
}

#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str) {
    let json = answer.json();
    assert_eq!((answer.status.as_u16(), json["error_code"].as_str()), (status, Some(code)), "{json}");
    assert_eq!(json["status"], "error");
    assert!(json["message"].as_str().is_some_and(|message| !message.is_empty()));
    assert_eq!(
        answer.headers.get("content-type").and_then(|value| value.to_str().ok()),
        Some("application/json")
    );
}

#[actix_web::test]
async fn the_documents_example_adds_a_method_under_a_number() {
    let rig = Rig::new();
    let answer = add(&rig, example()).await;
    let json = answer.json();
    assert_eq!(answer.status.as_u16(), 200, "{json}");
    let mut method = example();
    method["id"] = 1.into();
    method["created_at"] = json["data"]["payment_method"]["created_at"].clone();
    let expected = json!({
        "status": "success", "message": "Payment method added successfully", "data": { "payment_method": method },
    });
    assert_eq!(json, expected);
    assert_eq!(listed(&rig, USER).await, [expected["data"]["payment_method"].clone()]);
    for header in ["ratelimit", "ratelimit-policy"] {
        assert!(answer.headers.contains_key(header), "{header}");
    }
}

#[actix_web::test]
async fn a_paypal_account_is_added_and_listed_as_the_document_shows_it() {
    let rig = Rig::new();
    let answer = add(&rig, json!({ "type": "paypal" })).await;
    let json = answer.json();
    assert_eq!(answer.status.as_u16(), 200, "{json}");
    let created_at = json["data"]["payment_method"]["created_at"].clone();
    let method = json!({
        "id": 1, "type": "paypal", "email": "b***@example.com", "is_default": false, "created_at": created_at,
    });
    assert_eq!(json["data"]["payment_method"], method);
    assert_eq!(listed(&rig, USER).await, [method]);
}

#[actix_web::test]
async fn what_is_charged_is_the_methods_own_card_and_its_number_leads_to_it() {
    let rig = Rig::new();
    let _ = add(&rig, example()).await;
    let tenant: TenantId = "acme".parse().expect("a tenant's name");
    let id = rig.numbers.find(&tenant, NumberKind::Method, 1).await.expect("it can be read");
    let id = tender_domain::kernel::MethodId::from_uuid(id.expect("it was given"));
    let method = rig.service.method_for_charge(&tenant, id).await.expect("it can be charged");
    assert_eq!(method.customer_id.as_deref(), Some(USER));
    assert!(
        method.exp_year.is_some_and(|year| year > 2026),
        "the token's card, not what the client says of it"
    );
}

#[actix_web::test]
async fn a_retry_under_a_key_adds_nothing() {
    let rig = Rig::new();
    let keyed = || post(PATH, &example()).insert_header(("idempotency-key", "k"));
    let (first, again) = (by(&rig, keyed(), USER).await, by(&rig, keyed(), USER).await);
    assert_eq!(first.json(), again.json());
    assert_eq!(listed(&rig, USER).await.len(), 1);
}

#[actix_web::test]
async fn the_default_comes_first_and_moves_to_who_takes_it() {
    let rig = Rig::new();
    for (brand, is_default) in [("Visa", true), ("Mastercard", false), ("Amex", true)] {
        let mut body = example();
        (body["card_brand"], body["is_default"]) = (brand.into(), is_default.into());
        assert_eq!(add(&rig, body).await.status.as_u16(), 200);
        rig.clock.advance(std::time::Duration::from_secs(1));
    }
    let shown: Vec<_> = listed(&rig, USER)
        .await
        .iter()
        .map(|method| (method["id"].clone(), method["is_default"].clone()))
        .collect();
    let expected = [(3, true), (1, false), (2, false)].map(|(id, is_default)| (json!(id), json!(is_default)));
    assert_eq!(shown, expected);
    let gone = by(&rig, TestRequest::delete().uri(&format!("{PATH}/3")), USER).await;
    let done = json!({ "status": "success", "message": "Payment method deleted successfully" });
    assert_eq!((gone.status.as_u16(), gone.json()), (200, done));
    let left: Vec<_> = listed(&rig, USER).await.iter().map(|method| method["is_default"].clone()).collect();
    assert_eq!(left, [json!(true), json!(false)], "another one is the default");
}

#[actix_web::test]
async fn a_user_sees_and_deletes_its_own_methods_only() {
    let rig = Rig::new();
    let _ = add(&rig, example()).await;
    let one = format!("{PATH}/1");
    assert_eq!(listed(&rig, "124").await, Vec::<Value>::new());
    refused(&by(&rig, TestRequest::delete().uri(&one), "124").await, 403, "PERMISSION_DENIED");
    let foreign = rig.signed(TestRequest::delete().uri(&one), "other", USER, &["customer"]);
    refused(&rig.call(foreign).await, 404, "METHOD_NOT_FOUND");
    for unknown in ["2", "0", "x", "99999999999999999999"] {
        let answer = by(&rig, TestRequest::delete().uri(&format!("{PATH}/{unknown}")), USER).await;
        refused(&answer, 404, "METHOD_NOT_FOUND");
    }
    assert_eq!(by(&rig, TestRequest::delete().uri(&one), USER).await.status.as_u16(), 200);
    refused(&by(&rig, TestRequest::delete().uri(&one), USER).await, 404, "METHOD_NOT_FOUND");
}

#[actix_web::test]
async fn every_refusal_is_the_documents_envelope_and_code() {
    let rig = Rig::new();
    let with = |field: &str, value: Value| {
        let mut body = example();
        body[field] = value;
        body
    };
    let bad = "VALIDATION_ERROR";
    for (body, code) in [
        (json!({}), bad),
        (with("type", "bitcoin".into()), "INVALID_PAYMENT_TYPE"),
        (with("type", "cheque".into()), "INVALID_PAYMENT_TYPE"),
        (with("type", 1.into()), bad),
        (with("card_last4", "42".into()), bad),
        (with("card_last4", "4242424242424242".into()), bad),
        (with("card_last4", Value::Null), bad),
        (with("card_brand", "".into()), bad),
        (with("expiry_date", "13/25".into()), bad),
        (with("expiry_date", "2025-12".into()), bad),
        (with("is_default", "yes".into()), bad),
        (with("token", "tok_unknown".into()), bad),
    ] {
        let answer = add(&rig, body).await;
        refused(&answer, 400, code);
        rig.clock.advance(std::time::Duration::from_secs(10));
    }
    let pan = add(&rig, with("card_brand", "4242424242424242".into())).await;
    refused(&pan, 422, "CARD_NUMBER_DETECTED");
    let malformed = TestRequest::post().uri(PATH).insert_header(("content-type", "application/json"));
    refused(&by(&rig, malformed.set_payload("{"), USER).await, 400, bad);
    // Also when it is kept under a key and told again.
    for _ in 0..2 {
        let keyed = post(PATH, &with("token", "tok_unknown".into())).insert_header(("idempotency-key", "k"));
        refused(&by(&rig, keyed, USER).await, 400, bad);
    }
    for request in [
        post(PATH, &example()),
        TestRequest::get().uri(PATH),
        TestRequest::delete().uri("/rentals/payments/methods/1"),
    ] {
        refused(&rig.call(request).await, 401, "UNAUTHORIZED");
    }
    let reader = rig.signed(post(PATH, &example()), "acme", USER, &["read_only"]);
    refused(&rig.call(reader).await, 403, "PERMISSION_DENIED");
    assert_eq!(listed(&rig, USER).await, Vec::<Value>::new());
}

#[actix_web::test]
async fn a_user_is_let_in_so_often_in_a_minute_and_a_premium_user_twice_as_often() {
    let rig = Rig::new();
    for (user, roles, limit) in [("1", &["customer"][..], 30), ("2", &["customer", "premium"][..], 60)] {
        let call = || rig.call(rig.signed(TestRequest::get().uri(PATH), "acme", user, roles));
        for _ in 0..limit {
            assert_eq!(call().await.status.as_u16(), 200);
        }
        let over = call().await;
        refused(&over, 429, "TOO_MANY_REQUESTS");
        let header =
            |name: &str| over.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        assert_eq!(header("retry-after").as_deref(), Some("60"));
        assert_eq!(header("ratelimit-policy"), Some(format!(r#""requests";q={limit};w=60"#)));
        assert_eq!(header("ratelimit").as_deref(), Some(r#""requests";r=0;t=60"#));
    }
    rig.clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(by(&rig, TestRequest::get().uri(PATH), "1").await.status.as_u16(), 200);
}

#[actix_web::test]
async fn methods_that_were_saved_by_the_platforms_own_api_are_listed_too() {
    let rig = Rig::new();
    let saved =
        rig.admin(post(METHODS, &json!({ "type": "card", "token": "tok_visa", "customer_id": USER }))).await;
    assert_eq!(saved.status.as_u16(), 201, "{}", saved.json());
    let methods = listed(&rig, USER).await;
    assert_eq!((&methods[0]["id"], &methods[0]["type"]), (&json!(1), &json!("credit_card")));
    assert_eq!(methods[0]["card_last4"], "4242");
}

#[actix_web::test]
async fn a_method_that_no_connector_can_take_now_is_the_documents_500_and_is_added_when_one_can() {
    let rig = connectors::rig(|_| vec![connectors::away()]);
    for _ in 0..2 {
        let keyed = post(PATH, &example()).insert_header(("idempotency-key", "k"));
        refused(&by(&rig, keyed, USER).await, 500, "METHOD_CREATION_FAILED");
    }
    assert_eq!(listed(&rig, USER).await, Vec::<Value>::new());
}

#[actix_web::test]
async fn while_the_database_is_away_each_route_answers_its_documents_500_and_says_when_to_come_again() {
    let rig = Rig::new();
    let _ = add(&rig, example()).await;
    rig.rates.go_away(true);
    for (request, code) in [
        (post(PATH, &example()), "METHOD_CREATION_FAILED"),
        (TestRequest::get().uri(PATH), "SERVER_ERROR"),
        (TestRequest::delete().uri("/rentals/payments/methods/1"), "SERVER_ERROR"),
    ] {
        let answer = by(&rig, request, USER).await;
        refused(&answer, 500, code);
        assert_eq!(answer.headers.get("retry-after").and_then(|value| value.to_str().ok()), Some("5"));
    }
    rig.rates.go_away(false);
    assert_eq!(listed(&rig, USER).await.len(), 1, "nothing was added and nothing deleted");
}
