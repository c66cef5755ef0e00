use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use anyhow::Context;
use secrecy::SecretSlice;
use tender_composition::credentials::pepper;
use tender_composition::database::{self, Opened};
use tender_composition::{
    Ground, Mount, Part, Worker, call_log, number_book, order_directory, rate_gate, risk_scorer, webhooks,
};
use tender_domain::connectors::{ConnectorAdapters, ConnectorSecrets};
use tender_domain::intents::IntentStore;
use tender_domain::ports::{
    CardForms, MethodVault, Notifier, NumberBook, NumberLookup, Numbering, OrderDirectory, PaymentGateway,
    SandboxGateway,
};
use tender_domain::refunds::OpenRefunds;
use tender_gateways::{SmsFolder, SmtpNotifier};
use tender_intents::{
    BuiltInOrders, BulkCreation, CallbackRetention, CallbackWorker, ConnectorLogs, ConnectorPorts, Deps,
    DisputesOfIntents, FraudPorts, FraudWindows, GatewayCallbacks, Gateways, HotelNotices, IntentClock,
    IntentRecovery, IntentsOptions, IntentsService, LinkPorts, LinkSendings, LinkTokens, OrderWriteBack,
    OutsideOrders, RefundNotices, RefundsOfIntents, RulesReading, SettingsOfIntents, StorefrontPorts,
    internal_routes, routes, sandbox_routes,
};
use tender_intents_store::{IntentsSchema, PgCallbackStore, PgIntentStore, READ_SESSION, SCHEMA};
use tender_settings::{Notifications, ScorerFailure, Settings};

/// What differs between a process of its own and the all-in-one.
pub struct IntentsPorts {
    /// Where payment methods are.
    pub vault: Arc<dyn MethodVault>,
    /// The vault's card forms.
    pub cards: Arc<dyn CardForms>,
    /// Where payments are made; the first one takes what names no other.
    pub gateways: Vec<Arc<dyn PaymentGateway>>,
    /// What client secrets are derived with: the platform's pepper.
    pub client_secret_key: SecretSlice<u8>,
    /// The tools of the simulated gateway; none in production, which has no routes for them.
    pub sandbox: Option<Arc<dyn SandboxGateway>>,
    /// The vault, as the keeper of connectors' secrets.
    pub connector_secrets: Arc<dyn ConnectorSecrets>,
    /// Who makes gateways of tenants' own connectors.
    pub connector_adapters: Arc<dyn ConnectorAdapters>,
    /// The numbers of payment methods.
    pub method_numbers: Arc<dyn NumberLookup>,
    /// The numbers of refunds.
    pub refund_numbers: Arc<dyn Numbering>,
    /// Where refunds whose outcome is open are asked for.
    pub open_refunds: Arc<dyn OpenRefunds>,
}

/// Intents, built.
pub struct Intents {
    /// Its use cases, which are also the source of charges of refunds in the same process.
    pub service: Arc<IntentsService>,
    /// The built-in directory of orders, which is asked unless the settings name an ordering service.
    pub built_in_orders: Arc<dyn OrderDirectory>,
    /// Where callbacks of gateways are taken in.
    pub callbacks: Arc<GatewayCallbacks>,
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
///
/// # Errors
/// When there is no gateway, when the pepper, of which the tokens of payment links are made, is not set or cannot be read,
/// or the settings of notifications, of the ordering service or of the risk scorer make no way there.
pub fn build(ground: &Ground, opened: Opened<IntentsSchema>, ports: IntentsPorts) -> anyhow::Result<Intents> {
    let settings = &ground.settings;
    let (told, pool) = (opened.writer.told(), opened.pool.clone());
    let call_log = call_log(SCHEMA, &opened.writer, ground);
    let callback_store = Arc::new(PgCallbackStore::new(pool.clone()));
    let tables = PgIntentStore::new(opened.writer, opened.pool);
    let store: Arc<dyn IntentStore> = Arc::new(tables.clone());
    let built_in: Arc<dyn OrderDirectory> =
        Arc::new(BuiltInOrders { store: Arc::clone(&store), clock: Arc::clone(&ground.clock) });
    let orders: Arc<dyn OrderDirectory> = match order_directory(settings)? {
        Some(service) => Arc::new(OutsideOrders { service, built_in: Arc::clone(&built_in) }),
        None => Arc::clone(&built_in),
    };
    let numbers = number_book(&pool, SCHEMA);
    let storefront = StorefrontPorts {
        gate: rate_gate(&pool, SCHEMA, &ground.clock),
        payments: Arc::clone(&numbers),
        methods: ports.method_numbers,
        refunds: ports.refund_numbers,
        hotels: Arc::new(tables.clone()),
        webhooks: webhooks(settings)?,
    };
    let deps = Deps {
        store,
        vault: ports.vault,
        orders,
        gateways: Gateways::of(ports.gateways).context("there is no payment gateway")?,
        clock: Arc::clone(&ground.clock),
        ids: Arc::clone(&ground.ids),
        fraud: FraudPorts { store: Arc::new(tables.clone()), scorer: risk_scorer(settings)? },
        refund_notices: Arc::new(tables.clone()),
        deposits: Arc::new(tables.clone()),
        connectors: ConnectorPorts {
            store: Arc::new(tables.clone()),
            secrets: ports.connector_secrets,
            adapters: ports.connector_adapters,
        },
        links: LinkPorts {
            store: Arc::new(tables),
            cards: ports.cards,
            notifiers: notifiers(&settings.notifications)?,
            tokens: LinkTokens::new(pepper(&settings.auth)?),
            public_url: settings.links.public_url.clone().unwrap_or_default(),
        },
        client_secret_key: ports.client_secret_key,
        storefront,
        open_refunds: ports.open_refunds,
    };
    let service = IntentsService::new(deps, options(settings));
    let callbacks = GatewayCallbacks::new(Arc::clone(&service), callback_store);
    let sandbox = ports.sandbox.filter(|_| !settings.is_production());
    let part = Part {
        name: SCHEMA,
        pool,
        told,
        mount: mount(&service, &callbacks, sandbox),
        call_log,
        consumers: vec![
            Arc::new(RefundsOfIntents(Arc::clone(&service))),
            Arc::new(DisputesOfIntents(Arc::clone(&service))),
            Arc::new(OrderWriteBack(Arc::clone(&service))),
            Arc::new(SettingsOfIntents(Arc::clone(&service))),
        ],
        workers: workers(&service, &callbacks, settings),
    };
    Ok(Intents { service, built_in_orders: built_in, callbacks, numbers, part })
}

/// What is served.
fn mount(
    service: &Arc<IntentsService>,
    callbacks: &Arc<GatewayCallbacks>,
    sandbox: Option<Arc<dyn SandboxGateway>>,
) -> Mount {
    let (data, taken_in) = (Data::new(Arc::clone(service)), Data::new(Arc::clone(callbacks)));
    let sandbox = sandbox.map(Data::new);
    Arc::new(move |config| {
        config.app_data(data.clone()).app_data(taken_in.clone());
        routes(config);
        internal_routes(config);
        if let Some(sandbox) = &sandbox {
            config.app_data(sandbox.clone());
            sandbox_routes(config);
        }
    })
}

fn options(settings: &Settings) -> IntentsOptions {
    IntentsOptions {
        sandbox: !settings.is_production(),
        call_timeout: Duration::from_millis(settings.gateways.call_timeout_millis),
        challenge_timeout: Duration::from_secs(settings.gateways.challenge_timeout_seconds),
        scorer_timeout: Duration::from_millis(settings.fraud.scorer_timeout_millis),
        scorer_fails_closed: settings.fraud.scorer_on_failure == ScorerFailure::Closed,
        ..IntentsOptions::default()
    }
}

/// What works behind the requests.
fn workers(
    service: &Arc<IntentsService>,
    callbacks: &Arc<GatewayCallbacks>,
    settings: &Settings,
) -> Vec<Worker> {
    let recovery = &settings.recovery;
    let (interval, batch_max) = (Duration::from_millis(recovery.interval_millis), recovery.batch_max);
    let (recovered, timed) = (Arc::clone(service), Arc::clone(service));
    let (creating, counting) = (Arc::clone(service), Arc::clone(service));
    let (reading, acted_on, forgotten) = (Arc::clone(service), Arc::clone(callbacks), Arc::clone(callbacks));
    let kept_for = Duration::from_secs(u64::from(settings.gateways.callback_retention_days) * 86_400);
    let (sending, telling, refunding) = (Arc::clone(service), Arc::clone(service), Arc::clone(service));
    let logging = Arc::clone(service);
    vec![
        Worker::new("recovery of intents", move |stopped| {
            IntentRecovery::new(Arc::clone(&recovered), interval, batch_max).run(stopped)
        }),
        Worker::new("fraud windows", move |stopped| FraudWindows::new(Arc::clone(&counting)).run(stopped)),
        Worker::new("clock of intents", move |stopped| {
            IntentClock::new(Arc::clone(&timed), interval).run(stopped)
        }),
        Worker::new("settings of intents", move |stopped| {
            RulesReading::new(Arc::clone(&reading), interval).run(stopped)
        }),
        Worker::new("jobs of intents", move |stopped| {
            BulkCreation::new(Arc::clone(&creating), interval).run(stopped)
        }),
        Worker::new("logs of connectors", move |stopped| {
            ConnectorLogs::new(Arc::clone(&logging)).run(stopped)
        }),
        Worker::new("payment links to guests", move |stopped| {
            LinkSendings::new(Arc::clone(&sending), interval).run(stopped)
        }),
        Worker::new("notices of hotels", move |stopped| {
            HotelNotices::new(Arc::clone(&telling), interval).run(stopped)
        }),
        Worker::new("notices of refunds", move |stopped| {
            RefundNotices::new(Arc::clone(&refunding), interval).run(stopped)
        }),
        Worker::new("callbacks of gateways", move |stopped| {
            CallbackWorker::new(Arc::clone(&acted_on), interval).run(stopped)
        }),
        Worker::new("retention of callbacks", move |stopped| {
            CallbackRetention::new(Arc::clone(&forgotten), kept_for).run(stopped)
        }),
    ]
}

/// Who delivers messages, one for each channel that is set up.
fn notifiers(settings: &Notifications) -> anyhow::Result<Vec<Arc<dyn Notifier>>> {
    let mut notifiers: Vec<Arc<dyn Notifier>> = Vec::new();
    if let (Some(url), Some(from)) = (&settings.smtp_url, &settings.smtp_from) {
        notifiers.push(Arc::new(SmtpNotifier::new(url, from)?));
    }
    if let Some(folder) = &settings.sms_folder {
        notifiers.push(Arc::new(SmsFolder::new(folder.clone())));
    }
    Ok(notifiers)
}
