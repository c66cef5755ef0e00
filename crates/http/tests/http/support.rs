//! A toy service with credentials, called in process.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::{Bytes, Data};
use async_trait::async_trait;
use chrono::DateTime;
use serde_json::Value;
use tender_domain::kernel::{KeyId, RoleName, StoreError, TenantId, Timestamp};
use tender_domain::ports::{ApiKeyDirectory, ApiKeyGrant, ApiKeyLookup, Clock};
use tender_http::{ApiKeyText, Application, AuthState, Environment, TokenSettings, TokenVerifier};
use uuid::Uuid;

use crate::toy::{Keys, routes};

pub(crate) const PEPPER: &[u8] = b"a pepper for tests, 32 bytes long";
pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const SECRET: &str = "a shared secret for tests";
pub(crate) const ISSUER: &str = "tender-dev";
pub(crate) const AUDIENCE: &str = "tender";

pub(crate) struct TestClock(pub(crate) AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        DateTime::from_timestamp(self.0.load(Ordering::Relaxed), 0).expect("a time in range")
    }
}

pub(crate) fn clock() -> Arc<TestClock> {
    Arc::new(TestClock(AtomicI64::new(NOW)))
}

/// A directory that counts how often it is asked, and can be away.
#[derive(Default)]
pub(crate) struct TestDirectory {
    pub(crate) grants: Mutex<HashMap<ApiKeyLookup, ApiKeyGrant>>,
    pub(crate) asked: AtomicUsize,
    pub(crate) away: std::sync::atomic::AtomicBool,
}

#[async_trait]
impl ApiKeyDirectory for TestDirectory {
    async fn find(&self, lookup: &ApiKeyLookup) -> Result<Option<ApiKeyGrant>, StoreError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        // A real one waits for something: extractors must cope with an answer that comes later.
        tokio::task::yield_now().await;
        if self.away.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("password of the database: hunter2".to_owned()));
        }
        Ok(self.grants.lock().expect("no test panics with it").get(lookup).cloned())
    }
}

impl TestDirectory {
    pub(crate) fn set(&self, key: &ApiKeyText, change: impl FnOnce(&mut ApiKeyGrant)) {
        let mut grant = ApiKeyGrant {
            id: KeyId::from_uuid(Uuid::from_u128(1)),
            tenant: tenant("acme"),
            publishable: key.is_publishable(),
            livemode: key.is_live(),
            scopes: RoleName::PaymentsAdmin.scopes(),
            expires_at: None,
            revoked_at: None,
        };
        change(&mut grant);
        self.grants.lock().expect("no test panics with it").insert(key.hash(PEPPER), grant);
    }
}

pub(crate) fn tenant(name: &str) -> TenantId {
    name.parse().expect("a tenant's name")
}

pub(crate) fn key(byte: u8) -> ApiKeyText {
    ApiKeyText::generate([byte; 32], false, false)
}

/// A toy service and what it trusts.
pub(crate) struct Toys {
    pub(crate) directory: Arc<TestDirectory>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) auth: Data<AuthState>,
    pub(crate) keys: Data<Keys>,
}

pub(crate) fn token_settings() -> TokenSettings {
    TokenSettings {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        hs256_secret: Some(SECRET.into()),
        jwks: None,
    }
}

impl Toys {
    /// Takes HS256 tokens and the key `key(1)` of tenant `acme`, in the sandbox.
    pub(crate) fn new() -> Self {
        Self::with(token_settings(), Environment::Sandbox, |state| state)
    }

    pub(crate) fn with(
        tokens: TokenSettings,
        environment: Environment,
        more: impl FnOnce(AuthState) -> AuthState,
    ) -> Self {
        let (directory, clock) = (Arc::new(TestDirectory::default()), clock());
        directory.set(&key(1), |_| {});
        let verifier = TokenVerifier::new(tokens);
        let state =
            AuthState::new(directory.clone(), verifier, PEPPER.to_vec().into(), environment, clock.clone());
        Self { directory, clock, auth: Data::new(more(state)), keys: Data::default() }
    }

    pub(crate) fn application(&self) -> Application {
        let (auth, keys) = (self.auth.clone(), self.keys.clone());
        Application::new("Toys", move |config| {
            config.app_data(auth.clone()).app_data(keys.clone());
            routes(config);
        })
    }

    pub(crate) async fn call(&self, request: TestRequest) -> Answer {
        let app = init_service(self.application().app()).await;
        let response = call_service(&app, request.to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, body: read_body(response).await }
    }

    /// Calls with the key of `acme`.
    pub(crate) async fn call_as_acme(&self, request: TestRequest) -> Answer {
        self.call(request.insert_header(("authorization", format!("Bearer {}", key(1).expose())))).await
    }
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Is this problem, in full form.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, code: &str) -> Value {
        let json = self.json();
        assert_eq!((self.status.as_u16(), &json["code"]), (status, &Value::from(code)), "{json}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(json["status"], Value::from(status));
        assert_eq!(json["type"], Value::from(format!("/problems/{code}")));
        assert!(json["title"].is_string() && json["detail"].is_string(), "{json}");
        json
    }
}
