//! Who is let in, and as whom.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use actix_web::test::{TestRequest, call_service, init_service};
use async_trait::async_trait;
use chrono::TimeDelta;
use tender_domain::kernel::{Caller, Credential, Scope, ScopeSet, StoreError};
use tender_domain::ports::Clock;
use tender_http::{ApiKeyText, ClientSecretVerifier, Environment};

use crate::support::{PEPPER, Toys, key, tenant, token_settings};

fn whoami(credential: &str) -> TestRequest {
    let request = TestRequest::get().uri("/v1/payments/whoami");
    request.insert_header(("authorization", format!("Bearer {credential}")))
}

fn show() -> TestRequest {
    TestRequest::get().uri("/v1/payments/toys/pi_01h2xcejqtf2nbrexx3vqjhp41")
}

#[actix_web::test]
async fn without_a_credential_that_counts_nobody_is_let_in() {
    let toys = Toys::new();
    let bare = toys.call(TestRequest::get().uri("/v1/payments/whoami")).await;
    bare.is_problem(401, "unauthorized");
    assert_eq!(bare.header("www-authenticate"), r#"Bearer realm="tender""#);
    let unknown = key(9);
    let too_long = "x".repeat(9_000);
    for credential in [unknown.expose(), "sk_test_short", "nonsense", "a.b.c", "pi_1_secret_2", &too_long] {
        let refused = toys.call(whoami(credential)).await;
        refused.is_problem(401, "unauthorized");
        assert!(refused.header("www-authenticate").contains("invalid_token"));
    }
    for header in ["Basic abc", "Bearer", "Bearer ", "abc", ""] {
        let request = TestRequest::get().uri("/v1/payments/whoami").insert_header(("authorization", header));
        toys.call(request).await.is_problem(401, "unauthorized");
    }
    let twice = whoami(key(1).expose()).append_header(("authorization", "Bearer x"));
    toys.call(twice).await.is_problem(401, "unauthorized");
}

#[actix_web::test]
async fn a_key_stands_for_its_tenant_with_its_scopes() {
    let toys = Toys::new();
    toys.directory.set(&key(2), |grant| {
        grant.scopes = [Scope::IntentsRead, Scope::ServiceInternal].into_iter().collect();
    });
    let said = toys.call(whoami(key(2).expose())).await.json();
    assert_eq!((said["tenant"].as_str(), said["scopes"].as_str()), (Some("acme"), Some("intents:read")));
    assert_eq!(said["livemode"], "false");
    let lower = TestRequest::get()
        .uri("/v1/payments/whoami")
        .insert_header(("authorization", format!("bearer   {}", key(2).expose())));
    assert_eq!(toys.call(lower).await.status, 200);
}

#[actix_web::test]
async fn a_missing_scope_is_named() {
    let toys = Toys::new();
    toys.directory.set(&key(2), |grant| grant.scopes = ScopeSet::EMPTY);
    let refused =
        toys.call(show().insert_header(("authorization", format!("Bearer {}", key(2).expose())))).await;
    let problem = refused.is_problem(403, "insufficient_scope");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("intents:read")));
    assert!(refused.header("www-authenticate").contains(r#"scope="intents:read""#));
}

#[actix_web::test]
async fn who_may_not_is_told_that_before_what_is_wrong_with_the_body() {
    let toys = Toys::new();
    toys.directory.set(&key(2), |grant| grant.scopes = ScopeSet::EMPTY);
    let garbage = || TestRequest::post().uri("/v1/payments/toys").set_payload("{garbage");
    toys.call(garbage()).await.is_problem(401, "unauthorized");
    let with = |byte| garbage().insert_header(("authorization", format!("Bearer {}", key(byte).expose())));
    toys.call(with(9)).await.is_problem(401, "unauthorized");
    toys.call(with(2)).await.is_problem(403, "insufficient_scope");
    toys.call(with(1)).await.is_problem(415, "unsupported_media_type");
}

#[actix_web::test]
async fn expired_revoked_and_mislabelled_keys_do_not_count() {
    let toys = Toys::new();
    let now = toys.clock.now();
    toys.directory.set(&key(2), |grant| grant.expires_at = Some(now));
    toys.directory.set(&key(3), |grant| grant.revoked_at = Some(now));
    toys.directory.set(&key(4), |grant| grant.publishable = true);
    toys.directory.set(&key(5), |grant| grant.expires_at = Some(now + TimeDelta::seconds(1)));
    for byte in [2, 3, 4] {
        toys.call(whoami(key(byte).expose())).await.is_problem(401, "unauthorized");
    }
    assert_eq!(toys.call(whoami(key(5).expose())).await.status, 200);
    toys.clock.0.fetch_add(1, Ordering::Relaxed);
    toys.call(whoami(key(5).expose())).await.is_problem(401, "unauthorized");
}

#[actix_web::test]
async fn a_new_key_works_on_its_next_call_and_a_revoked_one_stops_when_told() {
    let toys = Toys::new();
    toys.call(whoami(key(2).expose())).await.is_problem(401, "unauthorized");
    toys.directory.set(&key(2), |_| {});
    assert_eq!(toys.call(whoami(key(2).expose())).await.status, 200);
    let asked = toys.directory.asked.load(Ordering::Relaxed);
    assert_eq!(toys.call(whoami(key(2).expose())).await.status, 200);
    assert_eq!(toys.directory.asked.load(Ordering::Relaxed), asked, "a known key is trusted for a moment");
    let now = toys.clock.now();
    toys.directory.set(&key(2), |grant| grant.revoked_at = Some(now));
    toys.auth.invalidate(&key(2).hash(PEPPER)).await;
    toys.call(whoami(key(2).expose())).await.is_problem(401, "unauthorized");
}

#[actix_web::test]
async fn nobody_is_let_in_while_keys_cannot_be_looked_up() {
    let toys = Toys::new();
    toys.directory.away.store(true, Ordering::Relaxed);
    let refused = toys.call(whoami(key(1).expose())).await;
    refused.is_problem(503, "service_unavailable");
    assert!(!String::from_utf8_lossy(&refused.body).contains("hunter2"));
    assert!(!refused.header("retry-after").is_empty());
    toys.directory.away.store(false, Ordering::Relaxed);
    assert_eq!(toys.call(whoami(key(1).expose())).await.status, 200);
}

#[actix_web::test]
async fn test_keys_are_for_the_sandbox_and_live_keys_for_production() {
    let live = ApiKeyText::generate([1; 32], false, true);
    for (environment, test_status, live_status) in
        [(Environment::Sandbox, 200, 401), (Environment::Production, 401, 200)]
    {
        let toys = Toys::with(token_settings(), environment, |state| state);
        toys.directory.set(&live, |_| {});
        assert_eq!(toys.call(whoami(key(1).expose())).await.status, test_status);
        assert_eq!(toys.call(whoami(live.expose())).await.status, live_status);
    }
}

#[actix_web::test]
async fn the_tenant_that_a_request_names_must_be_the_credentials() {
    let toys = Toys::new();
    let named = |name: &'static str| whoami(key(1).expose()).insert_header(("x-tenant-id", name));
    assert_eq!(toys.call(named("acme")).await.status, 200);
    for other in ["other", "ACME", ""] {
        toys.call(named(other)).await.is_problem(403, "tenant_mismatch");
    }
    let twice = named("acme").append_header(("x-tenant-id", "other"));
    toys.call(twice).await.is_problem(403, "tenant_mismatch");
}

#[actix_web::test]
async fn the_paths_tenant_form_is_the_plain_route_and_must_agree_too() {
    let toys = Toys::new();
    let with = |path: &str| {
        TestRequest::get().uri(path).insert_header(("authorization", format!("Bearer {}", key(1).expose())))
    };
    let said = toys.call(with("/v1/acme/payments/toys/pi_01h2xcejqtf2nbrexx3vqjhp41?x=1")).await;
    assert_eq!((said.status.as_u16(), said.json()), (200, "pi_01h2xcejqtf2nbrexx3vqjhp41 of acme".into()));
    let other = toys.call(with("/v1/other/payments/whoami")).await;
    assert_eq!(other.is_problem(403, "tenant_mismatch")["instance"], "/v1/other/payments/whoami");
    toys.call(with("/v1/ACME/payments/whoami")).await.is_problem(404, "not_found");
}

#[actix_web::test]
async fn a_route_that_needs_no_credential_still_refuses_a_wrong_one() {
    let toys = Toys::new();
    let maybe = || TestRequest::get().uri("/v1/payments/maybe");
    let bare = toys.call(maybe()).await;
    assert_eq!((bare.status.as_u16(), bare.json()), (200, serde_json::Value::Null));
    assert_eq!(toys.call_as_acme(maybe()).await.json()["tenant"], "acme");
    toys.call(maybe().insert_header(("authorization", "Bearer wrong"))).await.is_problem(401, "unauthorized");
}

struct OneSecret;

#[async_trait]
impl ClientSecretVerifier for OneSecret {
    async fn verify(&self, client_secret: &str) -> Result<Option<Caller>, StoreError> {
        let intent = client_secret
            .split_once("_secret_")
            .and_then(|(id, secret)| (secret == "right").then(|| id.parse().ok()).flatten());
        Ok(intent.map(|intent| Caller {
            tenant: tenant("acme"),
            subject: "customer".into(),
            credential: Credential::ClientSecret(intent),
            scopes: [Scope::IntentsRead].into_iter().collect(),
            roles: Arc::from([]),
            actor: None,
            livemode: false,
        }))
    }
}

#[actix_web::test]
async fn a_client_secret_is_asked_of_its_verifier() {
    let toys = Toys::with(token_settings(), Environment::Sandbox, |state| {
        state.with_client_secrets(Arc::new(OneSecret))
    });
    let id = "pi_01h2xcejqtf2nbrexx3vqjhp41";
    let said = toys.call(whoami(&format!("{id}_secret_right"))).await.json();
    assert_eq!(said["credential"], format!("ClientSecret({id})"));
    toys.call(whoami(&format!("{id}_secret_wrong"))).await.is_problem(401, "unauthorized");
}

#[actix_web::test]
async fn many_calls_at_once_ask_the_directory_once() {
    let toys = Toys::new();
    let app = init_service(toys.application().app()).await;
    let calls = (0..50).map(|_| call_service(&app, whoami(key(1).expose()).to_request()));
    let answers = futures_util::future::join_all(calls).await;
    assert!(answers.iter().all(|answer| answer.status() == 200));
    assert_eq!(toys.directory.asked.load(Ordering::Relaxed), 1);
}
