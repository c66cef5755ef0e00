//! A vault with the simulator behind it, called in process.

use std::sync::{Arc, Mutex};

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::{Bytes, Data};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{EncodingKey, Header, encode};
use secrecy::SecretString;
use serde_json::{Value, json};
use tender_domain::connectors::{CallsHeard, LoggedCall};
use tender_domain::kernel::{KeyId, StoreError, TenantId};
use tender_domain::operations::PUBLISHABLE_SCOPES;
use tender_domain::ports::{ApiKeyDirectory, ApiKeyGrant, ApiKeyLookup, Clock, PaymentGateway};
use tender_domain::vault::{AccessLog, AttestationStore, KeyStore, MethodStore};
use tender_http::{
    ApiKeyText, Application, AuthState, Environment, RateGate, ServiceKey, ServiceTokenSigner,
    ServiceTokenVerifier, TokenSettings, TokenVerifier,
};
use tender_memory::{MemoryMethodStore, MemoryNumberBook, MemoryRateLimiter, MemorySimulatorBooks};
use tender_simulator::{SimulatorGateway, SimulatorOptions};
use tender_testkit::{ManualClock, RandomIds};
use tender_vault::{
    FingerprintKey, Keyring, ListenerFact, ProcessFacts, StorefrontPorts, VaultDeps, VaultService, mount,
};
use uuid::Uuid;

const JWT_SECRET: &str = "a shared secret for tests";
pub(crate) const METHODS: &str = "/v1/payments/methods";

/// Every key is one for the pages of tenant `acme`; all else comes with tokens.
struct PageKeys;

#[async_trait]
impl ApiKeyDirectory for PageKeys {
    async fn find(&self, _: &ApiKeyLookup) -> Result<Option<ApiKeyGrant>, StoreError> {
        Ok(Some(ApiKeyGrant {
            id: KeyId::from_uuid(Uuid::from_u128(1)),
            tenant: "acme".parse().expect("a tenant"),
            publishable: true,
            livemode: false,
            scopes: PUBLISHABLE_SCOPES.iter().copied().collect(),
            expires_at: None,
            revoked_at: None,
        }))
    }
}

/// Every call of a gateway that the vault told of, with its connector.
#[derive(Default)]
pub(crate) struct Calls(Mutex<Vec<(String, LoggedCall)>>);

#[async_trait]
impl CallsHeard for Calls {
    async fn hear(&self, _: &TenantId, connector: &str, call: LoggedCall) {
        self.0.lock().expect("nobody panics with it").push((connector.to_owned(), call));
    }
}

impl Calls {
    pub(crate) fn all(&self) -> Vec<(String, LoggedCall)> {
        self.0.lock().expect("nobody panics with it").clone()
    }
}

pub(crate) struct Rig {
    pub(crate) calls: Arc<Calls>,
    pub(crate) service: Arc<VaultService>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) numbers: Arc<MemoryNumberBook>,
    pub(crate) rates: Arc<MemoryRateLimiter>,
    pub(crate) application: Application,
}

pub(crate) fn simulator(clock: &Arc<ManualClock>) -> Arc<dyn PaymentGateway> {
    let options = SimulatorOptions::new("the simulator's secret for tests");
    Arc::new(SimulatorGateway::new(Arc::new(MemorySimulatorBooks::new()), clock.clone(), options))
}

fn base64_of(byte: u8) -> String {
    STANDARD.encode([byte; 32])
}

/// The installation's keys of versions 1 to `current`, which wraps.
pub(crate) fn keyring(current: u32) -> Keyring {
    let line = |version: u32| format!("{version}:{}\n", base64_of(u8::try_from(version).expect("few")));
    let lines: String = (1..=current).map(line).collect();
    Keyring::from_lines(&SecretString::from(lines), current).expect("good keys")
}

/// Everything that the vault keeps.
pub(crate) trait VaultStore: MethodStore + KeyStore + AccessLog + AttestationStore + 'static {}

impl<S: MethodStore + KeyStore + AccessLog + AttestationStore + 'static> VaultStore for S {}

fn process() -> ProcessFacts {
    let public = ListenerFact { name: "public", address: "127.0.0.1:8082".to_owned(), tls: true };
    let log_mask: fn(&str) -> String = tender_domain::kernel::mask_card_numbers;
    ProcessFacts {
        listeners: vec![public],
        database_tls: "verify-full".to_owned(),
        log_kept_days: 730,
        log_mask: Some(log_mask),
    }
}

impl Rig {
    /// Over a store in memory.
    pub(crate) fn new() -> Self {
        Self::over(Arc::new(MemoryMethodStore::default()))
    }

    pub(crate) fn over<S: VaultStore>(store: Arc<S>) -> Self {
        let clock = Arc::new(ManualClock::default());
        let gateways = vec![simulator(&clock)];
        Self::with(store, clock, gateways)
    }

    pub(crate) fn with<S: VaultStore>(
        store: Arc<S>,
        clock: Arc<ManualClock>,
        gateways: Vec<Arc<dyn PaymentGateway>>,
    ) -> Self {
        Self::keyed(store, clock, gateways, keyring(1))
    }

    /// With these keys of the installation.
    pub(crate) fn keyed<S: VaultStore>(
        store: Arc<S>,
        clock: Arc<ManualClock>,
        gateways: Vec<Arc<dyn PaymentGateway>>,
        keyring: Keyring,
    ) -> Self {
        let numbers = Arc::new(MemoryNumberBook::default());
        let rates = Arc::new(MemoryRateLimiter::default());
        let calls = Arc::new(Calls::default());
        let service = Arc::new(VaultService::new(VaultDeps {
            store: Arc::clone(&store) as _,
            key_store: Arc::clone(&store) as _,
            access_log: Arc::clone(&store) as _,
            attestation: store,
            process: process(),
            clock: clock.clone(),
            ids: Arc::new(RandomIds),
            gateways,
            own_gateways: Arc::new(tender_memory::NoOwnGateways),
            calls_heard: Arc::clone(&calls) as _,
            keyring: Arc::new(keyring),
            key_encryption: None,
            fingerprint_key: FingerprintKey::from_base64(&base64_of(2).into()).expect("a good key"),
            storefront: StorefrontPorts {
                gate: RateGate::new(rates.clone(), clock.clone()),
                numbers: numbers.clone(),
                sandbox: true,
            },
        }));
        let auth = Data::new(auth_state(clock.clone()));
        let routes = mount(Arc::clone(&service));
        let application = Application::new("Vault", move |config| {
            config.app_data(auth.clone());
            routes(config);
        });
        Self { calls, service, clock, numbers, rates, application }
    }

    pub(crate) async fn call(&self, request: TestRequest) -> Answer {
        let app = init_service(self.application.app()).await;
        let response = call_service(&app, request.to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, body: read_body(response).await }
    }

    /// Calls as the administrator of tenant `acme`.
    pub(crate) async fn admin(&self, request: TestRequest) -> Answer {
        self.call(self.signed(request, "acme", "admin-1", &["admin"])).await
    }

    /// Calls as a page of tenant `acme`, with a publishable key.
    pub(crate) async fn page(&self, request: TestRequest) -> Answer {
        let key = ApiKeyText::generate([7; 32], true, false);
        self.call(request.insert_header(("authorization", format!("Bearer {}", key.expose())))).await
    }

    pub(crate) fn signed(
        &self,
        request: TestRequest,
        tenant: &str,
        sub: &str,
        roles: &[&str],
    ) -> TestRequest {
        let claims = json!({
            "iss": "tender-dev", "aud": "tender", "exp": self.clock.now().timestamp() + 600,
            "tenant": tenant, "sub": sub, "roles": roles,
        });
        let key = EncodingKey::from_secret(JWT_SECRET.as_bytes());
        let token = encode(&Header::default(), &claims, &key).expect("claims are signed");
        request.insert_header(("authorization", format!("Bearer {token}")))
    }

    /// Saves a method of tenant `acme` and gives it as the client sees it.
    pub(crate) async fn saved(&self, body: Value) -> Value {
        let answer = self.admin(post(METHODS, &body)).await;
        assert_eq!(answer.status, 201, "{}", answer.json());
        answer.json()
    }

    /// The method of tenant `acme` now.
    pub(crate) async fn get(&self, id: &str) -> Answer {
        self.admin(TestRequest::get().uri(&format!("{METHODS}/{id}"))).await
    }

    /// How many methods tenant `acme` has.
    pub(crate) async fn count(&self) -> usize {
        let list = self.admin(TestRequest::get().uri(METHODS)).await.json();
        list["data"].as_array().expect("a list").len()
    }
}

fn service_key() -> ServiceKey {
    ServiceKey::from_seed([7; 32])
}

/// Signs as the service `intents`.
pub(crate) fn intents_signer(clock: Arc<ManualClock>) -> ServiceTokenSigner {
    ServiceTokenSigner::new("intents", &service_key(), clock)
}

fn auth_state(clock: Arc<ManualClock>) -> AuthState {
    let tokens = TokenVerifier::new(TokenSettings {
        issuer: "tender-dev".to_owned(),
        audience: "tender".to_owned(),
        hs256_secret: Some(JWT_SECRET.into()),
        jwks: None,
    });
    let jwks = ServiceKey::jwks(&[("intents", &service_key())]).expect("a public key");
    let services = ServiceTokenVerifier::new("vault", &jwks).expect("a good key set");
    AuthState::new(Arc::new(PageKeys), tokens, b"pepper".to_vec().into(), Environment::Sandbox, clock)
        .with_services(services)
}

pub(crate) fn post(path: &str, body: &Value) -> TestRequest {
    TestRequest::post().uri(path).set_json(body)
}

pub(crate) fn patch(id: &Value, body: &Value) -> TestRequest {
    TestRequest::patch().uri(&format!("{METHODS}/{}", id.as_str().expect("an id"))).set_json(body)
}

pub(crate) fn delete(id: &Value) -> TestRequest {
    TestRequest::delete().uri(&format!("{METHODS}/{}", id.as_str().expect("an id")))
}

/// The body of the requirements' own example.
pub(crate) fn example() -> Value {
    json!({
        "type": "card", "customer_id": "cust_123", "token": "tok_visa", "metadata": { "nickname": "Personal Visa" },
    })
}

/// Card data of a customer who agreed.
pub(crate) fn card_of(customer: &str, number: &str) -> Value {
    json!({
        "type": "card", "customer_id": customer,
        "card": { "number": number, "exp_month": 11, "exp_year": 2031, "cvc": "737", "holder_name": "A. Buyer" },
        "consent": { "given": true, "text_version": "2026-01" },
    })
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

    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, code: &str) -> Value {
        let json = self.json();
        assert_eq!((self.status.as_u16(), &json["code"]), (status, &Value::from(code)), "{json}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        json
    }
}
