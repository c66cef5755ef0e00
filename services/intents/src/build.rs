use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use secrecy::SecretSlice;
use tender_composition::database::{self, Opened};
use tender_composition::{Ground, Part, Worker};
use tender_domain::intents::IntentStore;
use tender_domain::ports::{MethodVault, OrderDirectory, PaymentGateway};
use tender_intents::{
    BuiltInOrders, BulkCreation, Deps, Gateways, IntentClock, IntentRecovery, IntentsOptions, IntentsService,
    RefundsOfIntents, RulesReading, SettingsOfIntents, internal_routes, routes,
};
use tender_intents_store::{IntentsSchema, PgIntentStore, READ_SESSION, SCHEMA};

/// What differs between a process of its own and the all-in-one.
pub struct IntentsPorts {
    /// Where payment methods are.
    pub vault: Arc<dyn MethodVault>,
    /// Where payments are made.
    pub gateway: Arc<dyn PaymentGateway>,
    /// What client secrets are derived with: the platform's pepper.
    pub client_secret_key: SecretSlice<u8>,
}

/// Intents, built.
pub struct Intents {
    /// Its use cases, which are also the source of charges of refunds in the same process.
    pub service: Arc<IntentsService>,
    /// Where orders are looked up.
    pub orders: Arc<dyn OrderDirectory>,
    /// What the process runs of it.
    pub part: Part,
}

/// Opens the schema `intents`, as its role.
///
/// # Errors
/// When the database cannot be reached or the schema was not migrated.
pub async fn open(ground: &Ground) -> anyhow::Result<Opened<IntentsSchema>> {
    database::open(IntentsSchema, ground, &READ_SESSION).await
}

/// Intents over its schema and ports.
#[must_use]
pub fn build(ground: &Ground, opened: Opened<IntentsSchema>, ports: IntentsPorts) -> Intents {
    let settings = &ground.settings;
    let (told, pool) = (opened.writer.told(), opened.pool.clone());
    let store: Arc<dyn IntentStore> = Arc::new(PgIntentStore::new(opened.writer, opened.pool));
    let orders: Arc<dyn OrderDirectory> = Arc::new(BuiltInOrders(Arc::clone(&store)));
    let deps = Deps {
        store,
        vault: ports.vault,
        orders: Arc::clone(&orders),
        gateways: Gateways::one(ports.gateway),
        clock: Arc::clone(&ground.clock),
        ids: Arc::clone(&ground.ids),
        client_secret_key: ports.client_secret_key,
    };
    let options = IntentsOptions {
        sandbox: !settings.is_production(),
        call_timeout: Duration::from_millis(settings.gateways.call_timeout_millis),
        challenge_timeout: Duration::from_secs(settings.gateways.challenge_timeout_seconds),
        ..IntentsOptions::default()
    };
    let service = IntentsService::new(deps, options);
    let data = Data::new(Arc::clone(&service));
    let (recovered, timed) = (Arc::clone(&service), Arc::clone(&service));
    let (creating, reading) = (Arc::clone(&service), Arc::clone(&service));
    let interval = Duration::from_millis(settings.recovery.interval_millis);
    let part = Part {
        name: SCHEMA,
        pool,
        told,
        mount: Arc::new(move |config| {
            config.app_data(data.clone());
            routes(config);
            internal_routes(config);
        }),
        consumers: vec![
            Arc::new(RefundsOfIntents(Arc::clone(&service))),
            Arc::new(SettingsOfIntents(Arc::clone(&service))),
        ],
        workers: vec![
            Worker::new("recovery of intents", move |stopped| {
                IntentRecovery::new(Arc::clone(&recovered), interval).run(stopped)
            }),
            Worker::new("clock of intents", move |stopped| {
                IntentClock::new(Arc::clone(&timed), interval).run(stopped)
            }),
            Worker::new("settings of intents", move |stopped| {
                RulesReading::new(Arc::clone(&reading), interval).run(stopped)
            }),
            Worker::new("jobs of intents", move |stopped| {
                BulkCreation::new(Arc::clone(&creating), interval).run(stopped)
            }),
        ],
    };
    Intents { service, orders, part }
}
