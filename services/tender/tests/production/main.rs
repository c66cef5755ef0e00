//! What composition roots build: what production does not have, the tools of the sandbox, and who is put down as reader.

#[path = "../shared/every_key.rs"]
mod every_key;
mod reads;

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use async_trait::async_trait;
use serde_json::Value;
use tender_composition::{ConnectorFactory, Ground, RandomIds, SystemClock};
use tender_domain::kernel::{MethodId, PaymentLinkId, TenantId};
use tender_domain::ports::{
    CardForm, CardFormError, CardForms, ChargeableMethod, FormMethod, MethodLookupError, MethodVault,
    PaymentGateway,
};
use tender_http::Application;
use tender_intents_service::{IntentsPorts, MIGRATIONS, SCHEMA, build, open};
use tender_memory::{MemoryConnectorSecrets, MemoryNumberBook, MemoryRefundStore, MemorySimulatorBooks};
use tender_settings::{Environment, Settings};
use tender_simulator::{SimulatorGateway, SimulatorOptions};
use tender_testkit::TestDatabase;

/// The tools of the sandbox.
const TOOLS: [(Method, &str); 3] = [
    (Method::GET, "/v1/payments/test/cards"),
    (Method::POST, "/v1/payments/test/simulate"),
    (Method::POST, "/v1/payments/test/faucet"),
];

/// No payment is made here.
struct NoVault;

#[async_trait]
impl MethodVault for NoVault {
    async fn method_for_charge(
        &self,
        _: &TenantId,
        id: MethodId,
    ) -> Result<ChargeableMethod, MethodLookupError> {
        Err(MethodLookupError::NotFound(id))
    }
}

#[async_trait]
impl CardForms for NoVault {
    async fn ticket(&self, _: &CardForm) -> Result<String, CardFormError> {
        Err(CardFormError("there are no forms".to_owned()))
    }

    async fn method(
        &self,
        _: &TenantId,
        _: PaymentLinkId,
        _: &str,
    ) -> Result<Option<FormMethod>, CardFormError> {
        Ok(None)
    }
}

/// Intents as its composition root builds it, with the simulated gateway's tools at hand.
async fn intents(database: &TestDatabase, environment: Environment) -> Application {
    let pepper = ("TENDER__AUTH__API_KEY_PEPPER".to_owned(), "a pepper for tests, of some length".to_owned());
    let mut settings = Settings::from_layers(None, [pepper]).expect("good settings");
    settings.environment = environment;
    let clock = Arc::new(SystemClock);
    let ground = Ground {
        settings: Arc::new(settings),
        connect: database.connect_as(SCHEMA),
        clock: clock.clone(),
        ids: Arc::new(RandomIds),
    };
    let options = SimulatorOptions::new("the simulator's secret for tests");
    let simulator = SimulatorGateway::new(Arc::new(MemorySimulatorBooks::new()), clock, options);
    let (vault, numbers) = (Arc::new(NoVault), Arc::new(MemoryNumberBook::default()));
    let secrets = Arc::new(MemoryConnectorSecrets::default());
    let gateways: Vec<Arc<dyn PaymentGateway>> = vec![Arc::new(simulator.clone())];
    let factory = ConnectorFactory::new(Arc::clone(&ground.settings), secrets.clone(), &gateways);
    let ports = IntentsPorts {
        vault: vault.clone(),
        cards: vault,
        gateways,
        connector_secrets: secrets,
        connector_adapters: Arc::new(factory),
        client_secret_key: b"the platform's pepper for tests".to_vec().into(),
        sandbox: Some(Arc::new(simulator)),
        method_numbers: numbers.clone(),
        refund_numbers: numbers,
        open_refunds: Arc::new(MemoryRefundStore::default()),
    };
    let opened = open(&ground).await.expect("the schema is there");
    let part = build(&ground, opened, ports).expect("it can be built").part;
    Application::new("Intents", move |config| (part.mount)(config))
}

#[actix_web::test]
async fn the_tools_of_the_sandbox_are_absent_in_production_and_in_its_document() {
    let database = TestDatabase::create(&[(SCHEMA, MIGRATIONS)]).await;
    for (environment, there) in [(Environment::Sandbox, true), (Environment::Production, false)] {
        let app = init_service(intents(&database, environment).await.app()).await;
        for (method, path) in TOOLS {
            let request = TestRequest::default().method(method.clone()).uri(path).to_request();
            let status = call_service(&app, request).await.status().as_u16();
            assert_eq!(status != 404, there, "{environment:?}: {method} {path} answered {status}");
        }
        let request = TestRequest::get().uri("/openapi.json").to_request();
        let document = read_body(call_service(&app, request).await).await;
        let document: Value = serde_json::from_slice(&document).expect("the document is JSON");
        let paths = document["paths"].as_object().expect("it has paths");
        assert!(paths.contains_key("/v1/payments/intents"), "the other routes are there");
        assert_eq!(paths.keys().any(|path| path.contains("/test/")), there, "{environment:?}");
    }
}
