//! Tender's intents in a small world: a store, the simulator with its books, a vault with test methods, a clock that
//! is turned by hand, and processes that may end and start again.

use std::sync::Arc;
use std::time::Duration;

use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::Data;
use async_trait::async_trait;
use jsonwebtoken::{EncodingKey, Header, encode};
use secrecy::SecretString;
use serde_json::{Value, json};
use tender_domain::intents::{Intent, IntentFilter, IntentStore};
use tender_domain::kernel::{MethodId, PageRequest, StoreError, TenantId};
use tender_domain::ports::{
    ApiKeyDirectory, ApiKeyGrant, ApiKeyLookup, ChargeableMethod, Clock, MethodLookupError, MethodVault,
};
use tender_domain::simulator::{BookedPayment, SimulatorBooks};
use tender_http::{Application, AuthState, Environment, RateGate, TokenSettings, TokenVerifier};
use tender_intents::{
    BuiltInOrders, Deps, Gateways, IntentRecovery, IntentsOptions, IntentsService, StorefrontPorts, routes,
};
use tender_memory::{MemoryIntentStore, MemoryNumberBook, MemoryRateLimiter, MemorySimulatorBooks};
use tender_simulator::{SimulatorGateway, SimulatorOptions, test_cards};
use tender_testkit::{ManualClock, RandomIds};
use uuid::Uuid;

use crate::gateway::LineToGateway;

const JWT_SECRET: &str = "a shared secret for tests";
pub(crate) const INTENTS: &str = "/v1/payments/intents";
/// The customer whose the test methods are.
pub(crate) const CUSTOMER: &str = "cust_1";

pub(crate) fn acme() -> TenantId {
    "acme".parse().expect("a tenant's name")
}

/// The method that charges this test token.
pub(crate) fn method(token: &str) -> String {
    let place = test_cards().iter().position(|card| card.token == token).expect("a test token");
    MethodId::from_uuid(Uuid::from_u128(place as u128 + 1)).to_string()
}

/// No API keys: tests come with tokens.
struct NoKeys;

#[async_trait]
impl ApiKeyDirectory for NoKeys {
    async fn find(&self, _: &ApiKeyLookup) -> Result<Option<ApiKeyGrant>, StoreError> {
        Ok(None)
    }
}

/// A vault that has one method of [`CUSTOMER`] for each test token.
struct TestMethods;

#[async_trait]
impl MethodVault for TestMethods {
    async fn method_for_charge(
        &self,
        _: &TenantId,
        id: MethodId,
    ) -> Result<ChargeableMethod, MethodLookupError> {
        let place = usize::try_from(id.uuid().as_u128()).unwrap_or(usize::MAX);
        let card = place.checked_sub(1).and_then(|place| test_cards().get(place));
        let card = card.ok_or(MethodLookupError::NotFound(id))?;
        Ok(ChargeableMethod {
            id,
            customer_id: Some(CUSTOMER.to_owned()),
            method_type: "card".to_owned(),
            brand: Some(card.brand.to_owned()),
            last4: card.number.get(card.number.len() - 4..).map(str::to_owned),
            exp_month: Some(12),
            exp_year: Some(2039),
            fingerprint: "f".to_owned(),
            tokens: vec![("simulator".to_owned(), SecretString::from(card.token))],
        })
    }
}

/// A vault from which every method was deleted.
struct NoMethods;

#[async_trait]
impl MethodVault for NoMethods {
    async fn method_for_charge(
        &self,
        _: &TenantId,
        id: MethodId,
    ) -> Result<ChargeableMethod, MethodLookupError> {
        Err(MethodLookupError::NotFound(id))
    }
}

/// What outlives a process.
pub(crate) struct World {
    pub(crate) store: Arc<dyn IntentStore>,
    pub(crate) memory: Option<Arc<MemoryIntentStore>>,
    pub(crate) books: Arc<MemorySimulatorBooks>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) line: Arc<LineToGateway>,
    /// The numbers of everything, as if every service kept them here.
    pub(crate) numbers: Arc<MemoryNumberBook>,
    pub(crate) rates: Arc<MemoryRateLimiter>,
}

impl World {
    /// With a store in memory.
    pub(crate) fn new() -> Self {
        let memory = Arc::new(MemoryIntentStore::default());
        Self { memory: Some(memory.clone()), ..Self::over(memory) }
    }

    pub(crate) fn over(store: Arc<dyn IntentStore>) -> Self {
        let (books, clock) = (Arc::new(MemorySimulatorBooks::new()), Arc::new(ManualClock::default()));
        let options = SimulatorOptions::new("the simulator's secret for tests").with_delay(Duration::ZERO);
        let simulator = SimulatorGateway::new(books.clone(), clock.clone(), options);
        Self {
            store,
            memory: None,
            books,
            clock,
            line: Arc::new(LineToGateway::new(simulator)),
            numbers: Arc::default(),
            rates: Arc::default(),
        }
    }

    /// A process that serves this world.
    pub(crate) fn process(&self) -> Process {
        self.process_over(Arc::new(TestMethods))
    }

    /// A process whose vault has no methods any more.
    pub(crate) fn process_without_methods(&self) -> Process {
        self.process_over(Arc::new(NoMethods))
    }

    /// A process whose vault is this one.
    pub(crate) fn process_over(&self, vault: Arc<dyn MethodVault>) -> Process {
        let deps = Deps {
            store: self.store.clone(),
            vault,
            orders: Arc::new(BuiltInOrders(self.store.clone())),
            gateways: Gateways::one(self.line.clone()),
            clock: self.clock.clone(),
            ids: Arc::new(RandomIds),
            storefront: StorefrontPorts {
                gate: RateGate::new(self.rates.clone(), self.clock.clone()),
                payments: self.numbers.clone(),
                methods: self.numbers.clone(),
                refunds: self.numbers.clone(),
            },
        };
        let service = IntentsService::new(deps, IntentsOptions::default());
        let (for_routes, auth) = (Data::new(service.clone()), Data::new(auth_state(self.clock.clone())));
        let application = Application::new("Intents", move |config| {
            config.app_data(for_routes.clone()).app_data(auth.clone());
            routes(config);
        });
        Process { service, clock: self.clock.clone(), application }
    }

    /// Turns the clock.
    pub(crate) fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// The intents of tenant `acme`, newest first.
    pub(crate) async fn intents(&self) -> Vec<Intent> {
        let page = PageRequest::new(100, None, Default::default()).expect("a good page");
        self.store.intents(&acme(), &IntentFilter::default(), &page).await.expect("it can be read").data
    }

    /// What the gateway has in its books.
    pub(crate) async fn booked(&self) -> Vec<BookedPayment> {
        self.books.payments(&acme(), None, 1_000).await.expect("books in memory can be read")
    }

    /// Our captures and the gateway's are the same, payment by payment.
    pub(crate) async fn check_books(&self) {
        let mut ours: Vec<(String, i64)> = Vec::new();
        for intent in self.intents().await {
            if let Some(attempt) = intent.approved_attempt() {
                ours.push((attempt.id.to_string(), intent.amount_captured().minor()));
            }
        }
        let booked = self.booked().await.into_iter();
        let mut theirs: Vec<_> = booked.map(|payment| (payment.reference, payment.captured_minor)).collect();
        ours.sort();
        theirs.sort();
        assert_eq!(ours, theirs, "our captures and the gateway's");
    }

    /// The bodies of what was told of this topic, oldest first.
    pub(crate) fn told(&self, topic: &str) -> Vec<Value> {
        let messages = self.memory.as_ref().expect("told worlds have a store in memory").messages();
        let of_topic = messages.iter().filter(|message| message.topic.name() == topic);
        of_topic.map(|message| serde_json::from_str(&message.data).expect("messages are JSON")).collect()
    }
}

/// A running service.
pub(crate) struct Process {
    pub(crate) service: Arc<IntentsService>,
    clock: Arc<ManualClock>,
    application: Application,
}

impl Process {
    pub(crate) async fn call(&self, request: TestRequest) -> Answer {
        self.call_all([request]).await.remove(0)
    }

    /// Calls with all the requests at once.
    pub(crate) async fn call_all(&self, requests: impl IntoIterator<Item = TestRequest>) -> Vec<Answer> {
        let app = init_service(self.application.app()).await;
        let calls = requests.into_iter().map(|request| call_service(&app, request.to_request()));
        let mut answers = Vec::new();
        for response in futures_util::future::join_all(calls).await {
            let status = response.status().as_u16();
            let replayed = response.headers().contains_key("idempotent-replayed");
            let media_type = response.headers().get("content-type").and_then(|value| value.to_str().ok());
            let media_type = media_type.unwrap_or_default().to_owned();
            let body = read_body(response).await;
            let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
            answers.push(Answer { status, replayed, media_type, json });
        }
        answers
    }

    /// A command of the administrator of `acme`, under a key.
    pub(crate) fn command(&self, path: &str, key: &str, body: &Value) -> TestRequest {
        let request = TestRequest::post().uri(path).insert_header(("idempotency-key", key)).set_json(body);
        self.signed(request, "acme", CUSTOMER, "admin")
    }

    pub(crate) async fn post(&self, path: &str, key: &str, body: Value) -> Answer {
        self.call(self.command(path, key, &body)).await
    }

    pub(crate) async fn read(&self, id: &str) -> Value {
        let request = TestRequest::get().uri(&format!("{INTENTS}/{id}"));
        let answer = self.call(self.signed(request, "acme", CUSTOMER, "admin")).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        answer.json
    }

    /// One call that pays 100.00 EUR with a test token, under a key of the token's name.
    pub(crate) async fn pay(&self, token: &str) -> Answer {
        self.post(INTENTS, token, payment(token)).await
    }

    /// An intent of 100.00 EUR that holds its money until it is captured.
    pub(crate) async fn hold(&self) -> String {
        let answer = self.post(INTENTS, "hold", with(payment("tok_visa"), "capture_mode", "manual")).await;
        assert_eq!((answer.status, answer.text("status")), (201, "requires_capture"), "{}", answer.json);
        answer.text("id").to_owned()
    }

    /// One round of the recovery worker: how many intents have no open outcome any more.
    pub(crate) async fn recover(&self) -> usize {
        let worker = IntentRecovery::new(self.service.clone(), Duration::from_secs(1));
        worker.run_once().await.expect("what is due can be read")
    }

    pub(crate) fn signed(&self, request: TestRequest, tenant: &str, sub: &str, role: &str) -> TestRequest {
        let claims = json!({
            "iss": "tender-dev", "aud": "tender", "exp": self.clock.now().timestamp() + 600,
            "tenant": tenant, "sub": sub, "roles": [role],
        });
        let key = EncodingKey::from_secret(JWT_SECRET.as_bytes());
        let token = encode(&Header::default(), &claims, &key).expect("claims are signed");
        request.insert_header(("authorization", format!("Bearer {token}")))
    }
}

fn auth_state(clock: Arc<ManualClock>) -> AuthState {
    let tokens = TokenVerifier::new(TokenSettings {
        issuer: "tender-dev".to_owned(),
        audience: "tender".to_owned(),
        hs256_secret: Some(JWT_SECRET.into()),
        jwks: None,
    });
    AuthState::new(Arc::new(NoKeys), tokens, b"pepper".to_vec().into(), Environment::Sandbox, clock)
}

/// The body of a one-call payment of 100.00 EUR.
pub(crate) fn payment(token: &str) -> Value {
    with(unconfirmed(token), "confirm", true)
}

/// The body of an intent of 100.00 EUR.
pub(crate) fn unconfirmed(token: &str) -> Value {
    json!({ "amount": 10_000, "currency": "EUR", "customer_id": CUSTOMER, "payment_method_id": method(token) })
}

pub(crate) fn with(mut body: Value, name: &str, value: impl Into<Value>) -> Value {
    body[name] = value.into();
    body
}

/// What a caller hears.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) replayed: bool,
    pub(crate) media_type: String,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn text(&self, field: &str) -> &str {
        self.json[field].as_str().unwrap_or_default()
    }

    /// Is this status, of this intent's status.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, intent_status: &str) -> &Self {
        assert_eq!((self.status, self.text("status")), (status, intent_status), "{}", self.json);
        self
    }

    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, code: &str) -> &Self {
        assert_eq!((self.status, self.text("code")), (status, code), "{}", self.json);
        self
    }
}
