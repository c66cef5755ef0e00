use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use tender_composition::credentials::pepper;
use tender_composition::database::{self, Opened};
use tender_composition::{Ground, Part, Worker};
use tender_domain::intents::IntentStore;
use tender_domain::ports::{CardForms, MethodVault, Notifier, OrderDirectory, PaymentGateway};
use tender_gateways::{SmsFolder, SmtpNotifier};
use tender_intents::{
    BuiltInOrders, Deps, FraudPorts, FraudWindows, Gateways, IntentRecovery, IntentsOptions, IntentsService,
    LinkNotifications, LinkPorts, LinkTokens, PaymentsOfLinks, RefundsOfIntents, internal_routes, routes,
};
use tender_intents_store::{IntentsSchema, PgIntentStore, READ_SESSION, SCHEMA};
use tender_settings::Notifications;

/// What differs between a process of its own and the all-in-one.
pub struct IntentsPorts {
    /// Where payment methods are.
    pub vault: Arc<dyn MethodVault>,
    /// The vault's card forms.
    pub cards: Arc<dyn CardForms>,
    /// Where payments are made.
    pub gateway: Arc<dyn PaymentGateway>,
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
///
/// # Errors
/// When the pepper, of which the tokens of payment links are made, is not set or cannot be read, or the settings of
/// notifications make no way to a mail server.
pub fn build(ground: &Ground, opened: Opened<IntentsSchema>, ports: IntentsPorts) -> anyhow::Result<Intents> {
    let settings = &ground.settings;
    let (told, pool) = (opened.writer.told(), opened.pool.clone());
    let tables = PgIntentStore::new(opened.writer, opened.pool);
    let store: Arc<dyn IntentStore> = Arc::new(tables.clone());
    let orders: Arc<dyn OrderDirectory> = Arc::new(BuiltInOrders(Arc::clone(&store)));
    let deps = Deps {
        store,
        vault: ports.vault,
        orders: Arc::clone(&orders),
        gateways: Gateways::one(ports.gateway),
        clock: Arc::clone(&ground.clock),
        ids: Arc::clone(&ground.ids),
        fraud: FraudPorts { store: Arc::new(tables.clone()), scorer: None },
        deposits: Arc::new(tables.clone()),
        links: LinkPorts {
            store: Arc::new(tables),
            cards: ports.cards,
            notifiers: notifiers(&settings.notifications)?,
            tokens: LinkTokens::new(pepper(&settings.auth)?),
            public_url: settings.links.public_url.clone().unwrap_or_default(),
        },
    };
    let options = IntentsOptions {
        sandbox: !settings.is_production(),
        call_timeout: Duration::from_millis(settings.gateways.call_timeout_millis),
        ..IntentsOptions::default()
    };
    let service = IntentsService::new(deps, options);
    let (data, recovered) = (Data::new(Arc::clone(&service)), Arc::clone(&service));
    let counting = Arc::clone(&service);
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
            Arc::new(PaymentsOfLinks(Arc::clone(&service))),
            Arc::new(LinkNotifications(Arc::clone(&service))),
        ],
        workers: vec![
            Worker::new("recovery of intents", move |stopped| {
                IntentRecovery::new(Arc::clone(&recovered), interval).run(stopped)
            }),
            Worker::new("fraud windows", move |stopped| {
                FraudWindows::new(Arc::clone(&counting)).run(stopped)
            }),
        ],
    };
    Ok(Intents { service, orders, part })
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
