use std::collections::HashMap;
use std::sync::Arc;

use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::Data;
use async_trait::async_trait;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tender_domain::kernel::{KeyId, Scope, ScopeSet, StoreError};
use tender_domain::ports::{ApiKeyDirectory, ApiKeyGrant, ApiKeyLookup, Clock, Consumer};
use tender_http::{ApiKeyText, Application, AuthState, Environment, TokenSettings, TokenVerifier};
use tender_settlement::mount;
use tender_testkit::ManualClock;

use crate::support::{World, acme, captured, eur, refunded, uuid};

const PEPPER: &[u8] = b"a pepper for tests, 32 bytes long";
const SECRET: &str = "a shared secret for tests";

struct Directory(HashMap<ApiKeyLookup, ApiKeyGrant>);

#[async_trait]
impl ApiKeyDirectory for Directory {
    async fn find(&self, lookup: &ApiKeyLookup) -> Result<Option<ApiKeyGrant>, StoreError> {
        Ok(self.0.get(lookup).cloned())
    }
}

/// The keys of tests: `1` may read acme's ledger, `2` another tenant's, `3` everything of acme but the ledger.
fn key(n: u8) -> ApiKeyText {
    ApiKeyText::generate([n; 32], false, false)
}

fn directory() -> Directory {
    let all_but_ledger =
        ScopeSet::all_of_a_tenant().iter().filter(|scope| *scope != Scope::LedgerRead).collect();
    let ledger: ScopeSet = [Scope::LedgerRead].into_iter().collect();
    let grants = [(1, "acme", ledger), (2, "other", ledger), (3, "acme", all_but_ledger)];
    let grant = |(n, tenant, scopes): (u8, &str, ScopeSet)| {
        let grant = ApiKeyGrant {
            id: KeyId::from_uuid(uuid(8, u32::from(n))),
            tenant: tenant.parse().expect("a tenant's name"),
            publishable: false,
            livemode: false,
            scopes,
            expires_at: None,
            revoked_at: None,
        };
        (key(n).hash(PEPPER), grant)
    };
    Directory(grants.into_iter().map(grant).collect())
}

fn application(world: &World) -> Application {
    let tokens = TokenSettings {
        issuer: "tender-dev".into(),
        audience: "tender".into(),
        hs256_secret: Some(SECRET.into()),
        jwks: None,
    };
    let clock = Arc::new(ManualClock::default());
    let (tokens, pepper) = (TokenVerifier::new(tokens), PEPPER.to_vec().into());
    let auth = AuthState::new(Arc::new(directory()), tokens, pepper, Environment::Sandbox, clock);
    let (auth, routes) = (Data::new(auth), mount(Arc::clone(&world.service)));
    Application::new("Settlement", move |config| {
        config.app_data(auth.clone());
        routes(config);
    })
}

/// Status and body of a GET with a credential.
pub(crate) async fn get(world: &World, path: &str, credential: &str) -> (u16, Value) {
    let app = init_service(application(world).app()).await;
    let request =
        TestRequest::get().uri(path).insert_header(("authorization", format!("Bearer {credential}")));
    let response = call_service(&app, request.to_request()).await;
    let status = response.status().as_u16();
    (status, serde_json::from_slice(&read_body(response).await).expect("every answer is JSON"))
}

pub(crate) async fn get_as(world: &World, path: &str, n: u8) -> (u16, Value) {
    get(world, path, key(n).expose()).await
}

/// Status, body and whether it was kept, of a POST with a key of [`key`]'s and an idempotency key.
pub(crate) async fn post_as(
    world: &World,
    (path, body): (&str, &Value),
    n: u8,
    idempotency_key: Option<&str>,
) -> (u16, Value, bool) {
    let app = init_service(application(world).app()).await;
    let credential = format!("Bearer {}", key(n).expose());
    let mut request =
        TestRequest::post().uri(path).insert_header(("authorization", credential)).set_json(body);
    if let Some(given) = idempotency_key {
        request = request.insert_header(("idempotency-key", given));
    }
    let response = call_service(&app, request.to_request()).await;
    let (status, kept) = (response.status().as_u16(), response.headers().contains_key("idempotent-replayed"));
    (status, serde_json::from_slice(&read_body(response).await).expect("every answer is JSON"), kept)
}

/// A token of a customer of acme.
pub(crate) fn customer(sub: &str) -> String {
    let claims = json!({
        "iss": "tender-dev", "aud": "tender", "exp": ManualClock::default().now().timestamp() + 60,
        "tenant": acme(), "sub": sub, "roles": ["customer"], "scopes": ["ledger:read"],
    });
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).expect("a token")
}

async fn a_days_work() -> World {
    let world = World::new();
    for message in [captured(1, 1, eur(500)), captured(2, 2, eur(70)), refunded(3, 1, 1, eur(200))] {
        world.consumer.handle(&message).await.unwrap_or_else(|error| panic!("{error}"));
    }
    world
}

#[actix_web::test]
async fn accounts_show_debit_credit_and_balance() {
    let world = a_days_work().await;
    let (status, body) = get_as(&world, "/v1/payments/ledger/accounts", 1).await;
    assert_eq!(status, 200, "{body}");
    let expected = json!({
        "object": "list",
        "data": [
            {"object": "ledger_account", "account": "asset:gateway:simulator:receivable", "currency": "EUR",
             "debit": 570, "credit": 200, "balance": 370, "normal_side": "debit"},
            {"object": "ledger_account", "account": "liability:merchant:ma_default:payable", "currency": "EUR",
             "debit": 200, "credit": 570, "balance": 370, "normal_side": "credit"},
        ],
        "has_more": false,
        "next_cursor": null,
    });
    assert_eq!(body, expected);
    let (_, first) = get_as(&world, "/v1/payments/ledger/accounts?limit=1", 1).await;
    assert_eq!((&first["has_more"], &first["data"][0]), (&json!(true), &expected["data"][0]));
    let next =
        format!("/v1/payments/ledger/accounts?limit=1&cursor={}", first["next_cursor"].as_str().unwrap());
    let (_, second) = get_as(&world, &next, 1).await;
    assert_eq!((&second["has_more"], &second["data"][0]), (&json!(false), &expected["data"][1]));
}

#[actix_web::test]
async fn entries_show_each_line_and_are_found_by_what_they_concern() {
    let world = a_days_work().await;
    let (status, body) = get_as(&world, "/v1/payments/ledger/entries", 1).await;
    assert_eq!((status, body["data"].as_array().map(Vec::len)), (200, Some(6)), "{body}");
    let newest = &body["data"][0];
    assert_eq!(
        (&newest["kind"], &newest["direction"], &newest["amount"]),
        (&json!("refund"), &json!("credit"), &json!(200))
    );
    assert_eq!(newest["account"], "asset:gateway:simulator:receivable");
    let effect = newest["effect_id"].as_str().unwrap();
    let intent = newest["intent_id"].as_str().unwrap();
    for (filter, count) in [
        (format!("effect_id={effect}"), 2),
        (format!("intent_id={intent}"), 4),
        ("account=liability:merchant:ma_default:payable".to_owned(), 3),
        ("created[gte]=2026-03-04T12:00:00Z".to_owned(), 6),
        ("created[gt]=2026-03-04T12:00:00Z".to_owned(), 0),
        ("created[lte]=2026-03-04T12:00:00Z&limit=4".to_owned(), 4),
    ] {
        let (status, body) = get_as(&world, &format!("/v1/payments/ledger/entries?{filter}"), 1).await;
        assert_eq!((status, body["data"].as_array().map(Vec::len)), (200, Some(count)), "{filter}: {body}");
    }
}

#[actix_web::test]
async fn the_check_answers_what_was_added_up() {
    let world = a_days_work().await;
    let (status, body) = get_as(&world, "/v1/payments/ledger/check", 1).await;
    let expected = json!({
        "object": "ledger_check",
        "balanced": true,
        "currencies": [{"currency": "EUR", "debit": 770, "credit": 770, "balanced": true}],
        "differences": [],
        "transactions": 3,
        "checked_at": ManualClock::default().now(),
    });
    assert_eq!((status, body), (200, expected));
}

#[actix_web::test]
async fn bad_queries_are_refused_by_name() {
    let world = World::new();
    for (path, parameter) in [
        ("accounts?limit=0", "limit"),
        ("accounts?limit=1000", "limit"),
        ("accounts?currency=eur", "currency"),
        ("accounts?account=income:gifts", "account"),
        ("accounts?cursor=AAAA", "cursor"),
        ("accounts?colour=red", "colour"),
        ("entries?account=x", "account"),
        ("entries?effect_id=CAP%20", "effect_id"),
        ("entries?intent_id=ch_1", "intent_id"),
        ("entries?colour=red", "colour"),
        ("entries?created[gte]=yesterday", "created"),
    ] {
        let (status, body) = get_as(&world, &format!("/v1/payments/ledger/{path}"), 1).await;
        assert_eq!(status, 400, "{path}: {body}");
        let named = body["errors"][0]["parameter"].as_str().unwrap_or_default();
        assert!(named.starts_with(parameter), "{path}: {body}");
    }
}

#[actix_web::test]
async fn nobody_sees_another_tenants_ledger_or_any_without_the_scope() {
    let world = a_days_work().await;
    for path in ["accounts", "entries", "check"] {
        let path = format!("/v1/payments/ledger/{path}");
        assert_eq!(get(&world, &path, "sk_test_unknown").await.0, 401, "{path}");
        assert_eq!(get_as(&world, &path, 3).await.0, 403, "{path}");
        let (status, body) = get_as(&world, &path, 2).await;
        assert_eq!(status, 200, "{path}");
        let rows = body.get("data").or_else(|| body.get("currencies"));
        assert_eq!(rows, Some(&json!([])), "{path}: {body}");
    }
}

#[actix_web::test]
async fn a_customer_does_not_see_the_books_whatever_its_token_claims() {
    let world = a_days_work().await;
    let token = customer("cus_1");
    for path in ["accounts", "entries", "check"] {
        let (status, body) = get(&world, &format!("/v1/payments/ledger/{path}"), &token).await;
        assert_eq!((status, &body["code"]), (403, &json!("insufficient_scope")), "{path}: {body}");
    }
}
