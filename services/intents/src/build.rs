use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use tender_composition::database::{self, Opened};
use tender_composition::{Ground, Part, Worker, number_book, rate_gate};
use tender_domain::intents::IntentStore;
use tender_domain::ports::{
    MethodVault, NumberBook, NumberLookup, Numbering, OrderDirectory, PaymentGateway,
};
use tender_intents::{
    BuiltInOrders, Deps, Gateways, IntentRecovery, IntentsOptions, IntentsService, RefundsOfIntents,
    StorefrontPorts, internal_routes, routes,
};
use tender_intents_store::{IntentsSchema, PgIntentStore, READ_SESSION, SCHEMA};

/// What differs between a process of its own and the all-in-one.
pub struct IntentsPorts {
    /// Where payment methods are.
    pub vault: Arc<dyn MethodVault>,
    /// Where payments are made.
    pub gateway: Arc<dyn PaymentGateway>,
    /// The numbers of payment methods.
    pub method_numbers: Arc<dyn NumberLookup>,
    /// The numbers of refunds.
    pub refund_numbers: Arc<dyn Numbering>,
}

/// Intents, built.
pub struct Intents {
    /// Its use cases, which are also the source of charges of refunds in the same process.
    pub service: Arc<IntentsService>,
    /// Where orders are looked up.
    pub orders: Arc<dyn OrderDirectory>,
    /// The numbers of its payments.
    pub numbers: Arc<dyn NumberBook>,
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
    let numbers = number_book(&pool, SCHEMA);
    let storefront = StorefrontPorts {
        gate: rate_gate(&pool, SCHEMA, &ground.clock),
        payments: Arc::clone(&numbers),
        methods: ports.method_numbers,
        refunds: ports.refund_numbers,
    };
    let deps = Deps {
        store,
        vault: ports.vault,
        orders: Arc::clone(&orders),
        gateways: Gateways::one(ports.gateway),
        clock: Arc::clone(&ground.clock),
        ids: Arc::clone(&ground.ids),
        storefront,
    };
    let options = IntentsOptions {
        sandbox: !settings.is_production(),
        call_timeout: Duration::from_millis(settings.gateways.call_timeout_millis),
        ..IntentsOptions::default()
    };
    let service = IntentsService::new(deps, options);
    let (data, recovered) = (Data::new(Arc::clone(&service)), Arc::clone(&service));
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
        consumers: vec![Arc::new(RefundsOfIntents(Arc::clone(&service)))],
        workers: vec![Worker::new("recovery of intents", move |stopped| {
            IntentRecovery::new(Arc::clone(&recovered), interval).run(stopped)
        })],
    };
    Intents { service, orders, numbers, part }
}
