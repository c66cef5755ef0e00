//! Tender's intents in a small world: a store, the simulator with its books, a vault with test methods, a clock that
//! is turned by hand, and processes that may end and start again.

use std::sync::Arc;
use std::time::Duration;

use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::web::Data;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};
use tender_domain::connectors::{ConnectorSecrets, ConnectorStore};
use tender_domain::deposits::DepositStore;
use tender_domain::fraud::{FraudStore, RiskScorer};
use tender_domain::hotels::HotelStore;
use tender_domain::intents::{Intent, IntentFilter, IntentStore};
use tender_domain::kernel::{MethodId, PageRequest, TenantId};
use tender_domain::notices::RefundNoticeStore;
use tender_domain::payment_links::PaymentLinkStore;
use tender_domain::ports::{
    Clock, CompleteChallenge, GatewayAnswer, MethodVault, OrderDirectory, PaymentGateway, SandboxGateway,
};
use tender_domain::simulator::{BookedPayment, SimulatorBooks};
use tender_http::{Application, RateGate};
use tender_intents::{
    BuiltInOrders, BulkCreation, ConnectorLogs, ConnectorPorts, Deps, FraudPorts, GatewayCallbacks, Gateways,
    IntentClock, IntentRecovery, IntentsOptions, IntentsService, LinkPorts, LinkTokens, OutsideOrders,
    StorefrontPorts, routes, sandbox_routes,
};
use tender_memory::{
    MemoryCallbackStore, MemoryConnectorSecrets, MemoryIntentStore, MemoryNumberBook, MemoryRateLimiter,
    MemorySimulatorBooks,
};
use tender_simulator::{SimulatorGateway, SimulatorOptions, test_cards};
use tender_testkit::{ManualClock, RandomIds};
use uuid::Uuid;

use crate::accounts::Accounts;
pub(crate) use crate::answer::Answer;
use crate::gateway::LineToGateway;
use crate::hotel_notices::Receiver;
use crate::links::TestForms;
use crate::no_keys::auth_state;
use crate::open_refunds::OpenElsewhere;
use crate::sending::Mailer;
use crate::telling::CallbackStoreOfTests;
use crate::vault::{NoMethods, TestMethods};

pub(crate) const JWT_SECRET: &str = "a shared secret for tests";
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

/// What outlives a process.
pub(crate) struct World {
    pub(crate) store: Arc<dyn IntentStore>,
    pub(crate) fraud: Arc<dyn FraudStore>,
    pub(crate) links: Arc<dyn PaymentLinkStore>,
    pub(crate) deposits: Arc<dyn DepositStore>,
    pub(crate) hotels: Arc<dyn HotelStore>,
    pub(crate) refund_notices: Arc<dyn RefundNoticeStore>,
    pub(crate) connectors: Arc<dyn ConnectorStore>,
    pub(crate) secrets: Arc<dyn ConnectorSecrets>,
    pub(crate) cards: Arc<TestForms>,
    pub(crate) mailer: Arc<Mailer>,
    pub(crate) receiver: Arc<Receiver>,
    pub(crate) scorer: Option<Arc<dyn RiskScorer>>,
    /// An ordering service in the place of the built-in directory.
    pub(crate) ordering: Option<Arc<dyn OrderDirectory>>,
    pub(crate) memory: Option<Arc<MemoryIntentStore>>,
    pub(crate) books: Arc<MemorySimulatorBooks>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) line: Arc<LineToGateway>,
    /// Outlives a process too; over a store of intents in memory only.
    pub(crate) callbacks: Arc<MemoryCallbackStore>,
    /// The numbers of everything, as if every service kept them here.
    pub(crate) numbers: Arc<MemoryNumberBook>,
    pub(crate) rates: Arc<MemoryRateLimiter>,
    pub(crate) open_refunds: Arc<OpenElsewhere>,
}

impl World {
    /// With a store in memory.
    pub(crate) fn new() -> Self {
        let memory = Arc::new(MemoryIntentStore::default());
        let callbacks = Arc::new(MemoryCallbackStore::new(memory.clone()));
        Self { memory: Some(memory.clone()), callbacks, ..Self::over(memory) }
    }

    pub(crate) fn over<S>(tables: Arc<S>) -> Self
    where
        S: IntentStore + FraudStore + PaymentLinkStore + DepositStore,
        S: HotelStore + RefundNoticeStore + ConnectorStore + 'static,
    {
        let links: Arc<dyn PaymentLinkStore> = tables.clone();
        let deposits: Arc<dyn DepositStore> = tables.clone();
        let hotels: Arc<dyn HotelStore> = tables.clone();
        let refund_notices: Arc<dyn RefundNoticeStore> = tables.clone();
        let connectors: Arc<dyn ConnectorStore> = tables.clone();
        let (store, fraud): (Arc<dyn IntentStore>, Arc<dyn FraudStore>) = (tables.clone(), tables);
        let (books, clock) = (Arc::new(MemorySimulatorBooks::new()), Arc::new(ManualClock::default()));
        let options = SimulatorOptions::new("the simulator's secret for tests").with_delay(Duration::ZERO);
        let simulator = SimulatorGateway::new(books.clone(), clock.clone(), options);
        Self {
            store,
            fraud,
            links,
            deposits,
            hotels,
            refund_notices,
            connectors,
            secrets: Arc::new(MemoryConnectorSecrets::default()),
            cards: Arc::default(),
            mailer: Arc::default(),
            receiver: Arc::default(),
            scorer: None,
            ordering: None,
            memory: None,
            books,
            clock,
            line: Arc::new(LineToGateway::new(simulator)),
            callbacks: Arc::new(MemoryCallbackStore::new(Arc::default())),
            numbers: Arc::default(),
            rates: Arc::default(),
            open_refunds: Arc::default(),
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
        self.process_with(vault, IntentsOptions::default())
    }

    /// A process with this vault and these options.
    pub(crate) fn process_with(&self, vault: Arc<dyn MethodVault>, options: IntentsOptions) -> Process {
        let deps = Deps {
            store: self.store.clone(),
            vault,
            orders: self.orders(),
            gateways: Gateways::of(vec![self.line.clone()]).expect("one gateway"),
            clock: self.clock.clone(),
            ids: Arc::new(RandomIds),
            fraud: FraudPorts { store: self.fraud.clone(), scorer: self.scorer.clone() },
            client_secret_key: b"the platform's pepper for tests".to_vec().into(),
            refund_notices: self.refund_notices.clone(),
            deposits: self.deposits.clone(),
            connectors: ConnectorPorts {
                store: self.connectors.clone(),
                secrets: self.secrets.clone(),
                adapters: Arc::new(Accounts { simulator: self.line.clone(), secrets: self.secrets.clone() }),
            },
            storefront: StorefrontPorts {
                gate: RateGate::new(self.rates.clone(), self.clock.clone()),
                payments: self.numbers.clone(),
                methods: self.numbers.clone(),
                refunds: self.numbers.clone(),
                hotels: self.hotels.clone(),
                webhooks: self.receiver.clone(),
            },
            links: LinkPorts {
                store: self.links.clone(),
                cards: self.cards.clone(),
                notifiers: vec![self.mailer.clone()],
                tokens: LinkTokens::new(b"the platform's secret for tests".to_vec().into()),
                public_url: "https://pay.example".to_owned(),
            },
            open_refunds: self.open_refunds.clone(),
        };
        let service = IntentsService::new(deps, options);
        let (for_routes, auth) =
            (Data::new(service.clone()), Data::new(auth_state(self.clock.clone(), service.clone())));
        let callback_store = Arc::new(CallbackStoreOfTests::new(self.callbacks.clone()));
        let callbacks = GatewayCallbacks::new(service.clone(), callback_store.clone());
        let taken_in = Data::new(callbacks.clone());
        let sandbox: Data<Arc<dyn SandboxGateway>> = Data::new(Arc::new(self.line.simulator.clone()));
        let application = Application::new("Intents", move |config| {
            config.app_data(for_routes.clone()).app_data(auth.clone());
            config.app_data(taken_in.clone()).app_data(sandbox.clone());
            routes(config);
            sandbox_routes(config);
        });
        Process { service, callbacks, callback_store, clock: self.clock.clone(), application }
    }

    fn orders(&self) -> Arc<dyn OrderDirectory> {
        let built_in = Arc::new(BuiltInOrders { store: self.store.clone(), clock: self.clock.clone() });
        match self.ordering.clone() {
            Some(service) => Arc::new(OutsideOrders { service, built_in }),
            None => built_in,
        }
    }

    /// Meets the challenge of an attempt at the gateway, behind our back.
    pub(crate) async fn complete_at_the_gateway(&self, attempt: &str) {
        let request = CompleteChallenge {
            tenant: acme(),
            reference: attempt.to_owned(),
            challenge_reference: String::new(),
            result: "success".to_owned(),
        };
        let answer = self.line.complete_challenge(&request).await;
        assert!(matches!(answer, Ok(GatewayAnswer::Approved { .. })), "{answer:?}");
    }

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

    /// What the gateway has in its books of a tenant.
    pub(crate) async fn books_of(&self, tenant: &TenantId) -> Vec<BookedPayment> {
        self.books.payments(tenant, None, 1_000).await.expect("books in memory can be read")
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
}

/// A running service.
pub(crate) struct Process {
    pub(crate) service: Arc<IntentsService>,
    pub(crate) callbacks: Arc<GatewayCallbacks>,
    pub(crate) callback_store: Arc<CallbackStoreOfTests>,
    clock: Arc<ManualClock>,
    pub(crate) application: Application,
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
            let header =
                |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
            let (location, retry_after) = (header("location").unwrap_or_default(), header("retry-after"));
            let body = read_body(response).await;
            let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
            answers.push(Answer { status, replayed, media_type, location, retry_after, json });
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
        let answer = self.get(&format!("{INTENTS}/{id}")).await;
        assert_eq!(answer.status, 200, "{}", answer.json);
        answer.json
    }

    /// What `GET` of a path shows the administrator of `acme`.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(self.signed(TestRequest::get().uri(path), "acme", CUSTOMER, "admin")).await
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
        let worker = IntentRecovery::new(self.service.clone(), Duration::from_secs(1), 100);
        worker.run_once().await.expect("what is due can be read")
    }

    /// One round of the clock worker: how many intents something was done to.
    pub(crate) async fn tick(&self) -> usize {
        let worker = IntentClock::new(self.service.clone(), Duration::from_secs(1));
        worker.run_once().await.expect("whose time has come can be read")
    }

    /// Writes the connectors' logs.
    pub(crate) async fn write_logs(&self) {
        ConnectorLogs::new(self.service.clone()).write_once().await.expect("logs can be written");
    }

    /// One round of the worker of jobs: how many items ended.
    pub(crate) async fn do_jobs(&self) -> usize {
        let worker = BulkCreation::new(self.service.clone(), Duration::from_secs(1));
        worker.run_once().await.expect("items can be read")
    }

    /// A change of an intent by the administrator of `acme`, of the version that it has now.
    pub(crate) async fn patch(&self, id: &str, body: Value) -> Answer {
        let version = self.read(id).await["version"].clone();
        let request = TestRequest::patch().uri(&format!("{INTENTS}/{id}"));
        let request = request.insert_header(("if-match", format!("\"{version}\""))).set_json(body);
        self.call(self.signed(request, "acme", CUSTOMER, "admin")).await
    }

    /// A call with an intent's client secret.
    pub(crate) async fn with_secret(&self, secret: &str, request: TestRequest) -> Answer {
        self.call(request.insert_header(("authorization", format!("Bearer {secret}")))).await
    }

    pub(crate) fn signed(&self, request: TestRequest, tenant: &str, sub: &str, role: &str) -> TestRequest {
        self.signed_as(request, tenant, sub, &[role])
    }

    /// The same with several roles.
    pub(crate) fn signed_as(
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
