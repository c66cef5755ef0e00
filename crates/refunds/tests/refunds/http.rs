//! The routes, called in process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::Data;
use async_trait::async_trait;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tender_domain::kernel::{RoleName, ScopeSet, StoreError, TenantId};
use tender_domain::ports::{ApiKeyDirectory, ApiKeyGrant, ApiKeyLookup, Clock};
use tender_domain::refunds::CapturedCharge;
use tender_http::{
    ApiKeyText, Application, AuthState, Environment, ServiceKey, ServiceTokenVerifier, TokenSettings,
    TokenVerifier,
};

use crate::support::{Script, Stage, new_id};

const PEPPER: &[u8] = b"a pepper for tests, 32 bytes long";
const ISSUER: &str = "tender-dev";
const AUDIENCE: &str = "tender";
const SECRET: &str = "a secret for tests, 32 bytes long.";
const REFUNDS: &str = "/v1/payments/refunds";

#[derive(Default)]
struct Keys(Mutex<HashMap<ApiKeyLookup, ApiKeyGrant>>);

#[async_trait]
impl ApiKeyDirectory for Keys {
    async fn find(&self, lookup: &ApiKeyLookup) -> Result<Option<ApiKeyGrant>, StoreError> {
        Ok(self.0.lock().unwrap().get(lookup).cloned())
    }
}

fn key(byte: u8) -> ApiKeyText {
    ApiKeyText::generate([byte; 32], false, false)
}

/// By which the service `intents` is known.
pub(crate) fn service_key() -> ServiceKey {
    ServiceKey::from_seed([7; 32])
}

/// The service with keys: 1 may everything, 2 may read, 3 is another tenant's.
pub(crate) fn application(stage: &Stage) -> Application {
    let keys = Keys::default();
    let stranger: TenantId = "stranger".parse().unwrap();
    for (byte, tenant, scopes) in [
        (1, TenantId::sandbox(), ScopeSet::all_of_a_tenant()),
        (2, TenantId::sandbox(), RoleName::ReadOnly.scopes()),
        (3, stranger, ScopeSet::all_of_a_tenant()),
    ] {
        let grant = ApiKeyGrant {
            id: new_id(),
            tenant,
            publishable: false,
            livemode: false,
            scopes,
            expires_at: None,
            revoked_at: None,
        };
        keys.0.lock().unwrap().insert(key(byte).hash(PEPPER), grant);
    }
    let tokens = TokenVerifier::new(TokenSettings {
        issuer: ISSUER.into(),
        audience: AUDIENCE.into(),
        hs256_secret: Some(SECRET.into()),
        jwks: None,
    });
    let clock = stage.clock.clone();
    let auth = AuthState::new(Arc::new(keys), tokens, PEPPER.to_vec().into(), Environment::Sandbox, clock);
    let jwks = ServiceKey::jwks(&[("intents", &service_key())]).expect("a public key");
    let services = ServiceTokenVerifier::new("refunds", &jwks).expect("a good key set");
    let (auth, service) = (Data::new(auth.with_services(services)), Data::new(stage.service.clone()));
    Application::new("Refunds", move |config| {
        config.app_data(auth.clone()).app_data(service.clone());
        tender_refunds::routes(config);
    })
}

pub(crate) struct Got {
    pub(crate) status: u16,
    headers: HeaderMap,
    pub(crate) json: Value,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.json["code"].as_str()), (status, Some(code)), "{}", self.json);
        assert_eq!(self.header("content-type"), "application/problem+json");
    }
}

/// The header by which somebody is known.
pub(crate) fn bearer(who: u8) -> (&'static str, String) {
    ("authorization", format!("Bearer {}", key(who).expose()))
}

pub(crate) async fn call(stage: &Stage, who: u8, request: TestRequest) -> Got {
    called(stage, key(who).expose(), request).await
}

/// The same by a person of the tenant who has this role.
pub(crate) async fn call_as(stage: &Stage, role: &str, request: TestRequest) -> Got {
    call_with(stage, (&[role], &[]), request).await
}

/// The same by whom the token gives these roles and scopes.
pub(crate) async fn call_with(
    stage: &Stage,
    (roles, scopes): (&[&str], &[&str]),
    request: TestRequest,
) -> Got {
    call_by(stage, "ann", (roles, scopes), request).await
}

/// The same by a customer.
pub(crate) async fn call_as_customer(stage: &Stage, id: &str, request: TestRequest) -> Got {
    call_by(stage, id, (&["customer"], &[]), request).await
}

async fn call_by(stage: &Stage, who: &str, (roles, scopes): (&[&str], &[&str]), request: TestRequest) -> Got {
    let claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "exp": stage.clock.now().timestamp() + 60, "tenant": TenantId::sandbox(),
        "sub": who, "roles": roles, "scopes": scopes,
    });
    let secret = EncodingKey::from_secret(SECRET.as_bytes());
    let token = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &secret).expect("a token");
    called(stage, &token, request).await
}

async fn called(stage: &Stage, credential: &str, request: TestRequest) -> Got {
    let app = init_service(application(stage).app()).await;
    let bearer = ("authorization", format!("Bearer {credential}"));
    let response = call_service(&app, request.insert_header(bearer).to_request()).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let json = serde_json::from_slice(&read_body(response).await).unwrap_or(Value::Null);
    Got { status, headers, json }
}

fn post(body: &Value, idempotency: Option<&str>) -> TestRequest {
    let request = TestRequest::post().uri(REFUNDS).set_json(body);
    match idempotency {
        Some(key) => request.insert_header(("idempotency-key", key)),
        None => request,
    }
}

fn example(charge: &CapturedCharge) -> Value {
    json!({
        "payment_intent_id": charge.intent_id,
        "charge_id": charge.charge_id,
        "amount": 5194,
        "reason": "customer_request",
        "refund_method": "original_payment_method",
        "metadata": { "order_id": "ord_123" },
    })
}

#[actix_web::test]
async fn the_documents_example_answers_201_with_the_whole_refund() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let got = call(&stage, 1, post(&example(&charge), Some("k1"))).await;
    assert_eq!(got.status, 201, "{}", got.json);
    let id = got.json["id"].as_str().unwrap();
    assert_eq!(got.header("location"), format!("{REFUNDS}/{id}"));
    assert_eq!(got.header("etag"), "\"2\"");
    for (field, expected) in [
        ("object", json!("refund")),
        ("refund_id", json!(id)),
        ("status", json!("succeeded")),
        ("amount", json!(5194)),
        ("currency", json!("EUR")),
        ("payment_intent_id", json!(charge.intent_id)),
        ("charge_id", json!(charge.charge_id)),
        ("gateway_reference", json!(format!("gw_{id}"))),
        ("reason", json!("customer_request")),
        ("refund_method", json!("original_payment_method")),
        ("failure_reason", Value::Null),
        ("actions", json!([])),
        ("metadata", json!({ "order_id": "ord_123" })),
        ("livemode", json!(false)),
        ("version", json!(2)),
    ] {
        assert_eq!(got.json[field], expected, "{field}");
    }
    let again = call(&stage, 1, post(&example(&charge), Some("\"k1\""))).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"));
    assert_eq!(again.json, got.json);
}

#[actix_web::test]
async fn what_is_asked_for_wrongly_is_told_where_and_nothing_is_refunded() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let with = |field: &str, value: Value| {
        let mut body = example(&charge);
        body[field] = value;
        body
    };
    call(&stage, 1, post(&example(&charge), None)).await.is_problem(400, "idempotency_key_required");
    for (body, status, code, pointer) in [
        (with("amount", json!(0)), 400, "invalid_amount", "/amount"),
        (with("amount", json!(-5)), 400, "invalid_amount", "/amount"),
        (with("amount", json!(9_223_372_036_854_775_807_i64)), 400, "invalid_amount", "/amount"),
        (with("currency", json!("EURO")), 400, "unknown_currency", "/currency"),
        (with("currency", json!("USD")), 422, "currency_mismatch", "/currency"),
        (with("charge_id", json!("ch_1")), 400, "invalid_id", "/charge_id"),
        (
            with("payment_intent_id", json!(new_id::<tender_domain::kernel::IntentKind>())),
            422,
            "charge_not_of_intent",
            "/charge_id",
        ),
        (with("refund_method", json!("in_cash")), 400, "invalid_field", "/refund_method"),
        (
            with("metadata", json!({ "note": "4242 4242 4242 4242" })),
            422,
            "card_number_detected",
            "/metadata",
        ),
        (with("amount", json!(10_001)), 422, "refund_exceeds_charge", "/amount"),
        (json!({ "amount": 5 }), 400, "charge_required", "/payment_intent_id"),
    ] {
        let got =
            call(&stage, 1, post(&body, Some(&format!("{code}{pointer}{body}").replace(' ', "")[..40])))
                .await;
        got.is_problem(status, code);
        assert_eq!(got.json["errors"][0]["pointer"], pointer, "{}", got.json);
    }
    for body in [
        with("amount", json!("5194")),
        with("amount", json!(51.94)),
        with("reason", json!("whim")),
        with("what", json!(1)),
    ] {
        assert_eq!(call(&stage, 1, post(&body, Some("k"))).await.status, 400, "{body}");
    }
    let unknown = json!({ "charge_id": new_id::<tender_domain::kernel::ChargeKind>() });
    call(&stage, 1, post(&unknown, Some("k"))).await.is_problem(404, "not_found");
    assert!(stage.gateway.calls.lock().unwrap().is_empty());
}

#[actix_web::test]
async fn too_much_says_how_much_is_left_and_stays_refused_under_its_key() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let _first = call(&stage, 1, post(&example(&charge), Some("k1"))).await;
    let got = call(&stage, 1, post(&example(&charge), Some("k2"))).await;
    got.is_problem(422, "refund_exceeds_charge");
    assert!(got.json["detail"].as_str().unwrap().contains("48.06 EUR is left"), "{}", got.json);
    let again = call(&stage, 1, post(&example(&charge), Some("k2"))).await;
    again.is_problem(422, "refund_exceeds_charge");
    assert_eq!(again.header("idempotent-replayed"), "true");
}

#[actix_web::test]
async fn a_gateway_time_out_is_202_processing() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    stage.gateway.next(Script::TimeoutAfter);
    let got = call(&stage, 1, post(&example(&charge), Some("k1"))).await;
    assert_eq!((got.status, got.json["status"].as_str()), (202, Some("processing")));
    let path = format!("{REFUNDS}/{}", got.json["id"].as_str().unwrap());
    stage.clock.advance(std::time::Duration::from_secs(6));
    let read = call(&stage, 1, TestRequest::get().uri(&path)).await;
    assert_eq!((read.status, read.json["status"].as_str()), (200, Some("succeeded")));
    assert_eq!(read.header("etag"), format!("\"{}\"", read.json["version"]));
    let cancel = TestRequest::post().uri(&format!("{path}/cancel"));
    call(&stage, 1, cancel).await.is_problem(409, "refund_not_cancelable");
}

#[actix_web::test]
async fn an_intent_of_which_nothing_was_captured_is_409() {
    let stage = Stage::new();
    let intent = new_id();
    stage.charges.not_captured.lock().unwrap().push(intent);
    let got = call(&stage, 1, post(&json!({ "payment_intent_id": intent }), Some("k"))).await;
    got.is_problem(409, "intent_not_captured");
}

#[actix_web::test]
async fn lists_are_pages_newest_first_with_filters() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let mut ids = Vec::new();
    for nth in 0..3 {
        let body = json!({ "charge_id": charge.charge_id, "amount": 100 + nth, "metadata": { "n": nth.to_string() } });
        ids.insert(0, call(&stage, 1, post(&body, Some(&format!("k{nth}")))).await.json["id"].clone());
    }
    let list = async |query: String| call(&stage, 2, TestRequest::get().uri(&query)).await;
    let of_intent = format!("/v1/payments/intents/{}/refunds", charge.intent_id);
    for path in [REFUNDS, &of_intent] {
        let first = list(format!("{path}?limit=2")).await;
        assert_eq!((first.status, first.json["object"].as_str()), (200, Some("list")), "{}", first.json);
        assert_eq!([&first.json["data"][0]["id"], &first.json["data"][1]["id"]], [&ids[0], &ids[1]]);
        assert_eq!(first.json["has_more"], true);
        assert!(first.header("link").contains("rel=\"next\""));
        let cursor = first.json["next_cursor"].as_str().unwrap();
        let second = list(format!("{path}?limit=2&cursor={cursor}")).await;
        assert_eq!(second.json["data"][0]["id"], ids[2]);
        assert_eq!(
            (second.json["has_more"].as_bool(), second.json["data"][1].is_null()),
            (Some(false), true)
        );
    }
    for (query, count) in [
        ("status=succeeded".to_owned(), 3),
        ("status=failed".to_owned(), 0),
        (format!("charge_id={}", charge.charge_id), 3),
        (format!("payment_intent_id={}", charge.intent_id), 3),
        ("metadata[n]=1".to_owned(), 1),
        ("created[gt]=2099-01-01T00:00:00Z".to_owned(), 0),
        ("created[gte]=2020-01-01T00:00:00Z".to_owned(), 3),
    ] {
        let got = list(format!("{REFUNDS}?{query}")).await;
        assert_eq!(got.json["data"].as_array().map(Vec::len), Some(count), "{query}: {}", got.json);
    }
    for bad in ["status=done", "what=1", "limit=0", "charge_id=pi_1"] {
        assert_eq!(list(format!("{REFUNDS}?{bad}")).await.status, 400, "{bad}");
    }
}

#[actix_web::test]
async fn every_route_asks_for_its_scope_and_hides_what_is_another_tenants() {
    let stage = Stage::new();
    let charge = stage.charge(&[10_000]);
    let made = call(&stage, 1, post(&example(&charge), Some("k1"))).await;
    let path = format!("{REFUNDS}/{}", made.json["id"].as_str().unwrap());
    let cancel = || TestRequest::post().uri(&format!("{path}/cancel"));
    let of_intent = format!("/v1/payments/intents/{}/refunds", charge.intent_id);
    call(&stage, 2, post(&example(&charge), Some("k2"))).await.is_problem(403, "insufficient_scope");
    call(&stage, 2, cancel()).await.is_problem(403, "insufficient_scope");
    assert_eq!(call(&stage, 9, TestRequest::get().uri(&path)).await.status, 401);
    call(&stage, 3, TestRequest::get().uri(&path)).await.is_problem(404, "not_found");
    call(&stage, 3, cancel()).await.is_problem(404, "not_found");
    call(&stage, 3, TestRequest::get().uri(&of_intent)).await.is_problem(404, "not_found");
    call(&stage, 3, post(&example(&charge), Some("k3"))).await.is_problem(404, "not_found");
    let listed = call(&stage, 3, TestRequest::get().uri(REFUNDS)).await;
    assert_eq!(listed.json["data"], json!([]));
    for malformed in ["rf_1", "pi_01h2xcejqtf2nbrexx3vqjhp41"] {
        let path = format!("{REFUNDS}/{malformed}");
        call(&stage, 1, TestRequest::get().uri(&path)).await.is_problem(404, "not_found");
    }
}

#[actix_web::test]
async fn the_document_describes_every_route_with_its_scope() {
    let stage = Stage::new();
    let got = call(&stage, 1, TestRequest::get().uri("/openapi.json")).await;
    for (path, method, scope) in [
        (REFUNDS, Method::POST, "refunds:write"),
        (REFUNDS, Method::GET, "refunds:read"),
        ("/v1/payments/refunds/{refund_id}", Method::GET, "refunds:read"),
        ("/v1/payments/refunds/{refund_id}/cancel", Method::POST, "refunds:write"),
        ("/v1/payments/intents/{intent_id}/refunds", Method::GET, "refunds:read"),
    ] {
        let operation = &got.json["paths"][path][method.as_str().to_lowercase()];
        assert_eq!(operation["security"][0]["bearer"][0], scope, "{method} {path}: {operation}");
        assert!(
            operation["responses"].as_object().is_some_and(|responses| responses.len() > 1),
            "{method} {path}"
        );
    }
}
