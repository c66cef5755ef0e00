use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Data;
use tender_composition::credentials::pepper;
use tender_composition::database::{self, Opened};
use tender_composition::{Ground, Part, Worker, call_log, number_book, object_storage, rate_gate};
use tender_domain::connectors::{CallsHeard, OwnGateways};
use tender_domain::ports::{NumberLookup, PaymentGateway};
use tender_domain::refunds::{ChargeSource, OpenRefunds};
use tender_refunds::{
    BulkRefunds, ChargebackMatching, Deps, DisputeReminders, DisputeTelling, EvidenceRetention, FilePorts,
    Gateways, RefundRecovery, RefundRetries, RefundsConsumer, RefundsOfCancellations, RefundsOptions,
    RefundsService, SettingsOfRefunds, StorefrontPorts, UploadLinks, routes,
};
use tender_refunds_store::{PgOpenRefunds, PgRefundStore, RefundsSchema, SCHEMA};
use tender_settings::Settings;

/// What differs between a process of its own and the all-in-one.
pub struct RefundsPorts {
    /// Where a charge is asked for that the events have not told of yet.
    pub charges: Arc<dyn ChargeSource>,
    /// Where refunds are made.
    pub gateways: Vec<Arc<dyn PaymentGateway>>,
    /// The gateways of tenants' own connectors.
    pub own_gateways: Arc<dyn OwnGateways>,
    /// Who counts what calls of gateways said.
    pub calls_heard: Arc<dyn CallsHeard>,
    /// The numbers of payments.
    pub payment_numbers: Arc<dyn NumberLookup>,
}

/// Refunds, built.
pub struct Refunds {
    /// Its use cases.
    pub service: Arc<RefundsService>,
    /// What the process runs of it.
    pub part: Part,
}

/// Opens the schema `refunds`, as its role.
///
/// # Errors
/// When the database cannot be reached or the schema was not migrated.
pub async fn open(ground: &Ground) -> anyhow::Result<Opened<RefundsSchema>> {
    database::open(RefundsSchema, ground, &[]).await
}

/// Where refunds whose outcome is open are read.
#[must_use]
pub fn open_refunds(opened: &Opened<RefundsSchema>) -> Arc<dyn OpenRefunds> {
    Arc::new(PgOpenRefunds::new(opened.pool.clone()))
}

/// Refunds over its schema and ports.
///
/// # Errors
/// When the storage of files cannot be used, or the pepper, with which links to them are signed, is not set or cannot be
/// read.
pub fn build(ground: &Ground, opened: Opened<RefundsSchema>, ports: RefundsPorts) -> anyhow::Result<Refunds> {
    let settings = &ground.settings;
    let (told, pool) = (opened.writer.told(), opened.pool.clone());
    let call_log = call_log(SCHEMA, &opened.writer, ground);
    let storefront = StorefrontPorts {
        gate: rate_gate(&pool, SCHEMA, &ground.clock),
        refunds: number_book(&pool, SCHEMA),
        payments: ports.payment_numbers,
    };
    let store = Arc::new(PgRefundStore::new(opened.writer, opened.pool));
    let files = FilePorts {
        uploads: Arc::clone(&store) as _,
        storage: object_storage(&settings.storage)?,
        links: UploadLinks::new(pepper(&settings.auth)?),
        public_url: settings.storage.public_url.clone().unwrap_or_default(),
        size_max_bytes: settings.storage.upload_max_bytes,
    };
    let deps = Deps {
        store: Arc::clone(&store) as _,
        disputes: Arc::clone(&store) as _,
        cases: Arc::clone(&store) as _,
        policies: Arc::clone(&store) as _,
        open: store,
        charges: ports.charges,
        gateways: ports
            .gateways
            .into_iter()
            .collect::<Gateways>()
            .with_own(ports.own_gateways)
            .heard_by(ports.calls_heard),
        clock: Arc::clone(&ground.clock),
        ids: Arc::clone(&ground.ids),
        files,
        storefront,
    };
    let options = RefundsOptions {
        call_timeout: Duration::from_millis(settings.gateways.call_timeout_millis),
        ..RefundsOptions::default()
    };
    let service = RefundsService::new(deps, options);
    let data = Data::new(Arc::clone(&service));
    let part = Part {
        name: SCHEMA,
        pool,
        told,
        mount: Arc::new(move |config| {
            config.app_data(data.clone());
            routes(config);
        }),
        call_log,
        consumers: vec![
            Arc::new(RefundsConsumer::new(Arc::clone(&service))),
            Arc::new(RefundsOfCancellations::new(Arc::clone(&service))),
            Arc::new(SettingsOfRefunds(Arc::clone(&service))),
        ],
        workers: workers(settings, &service),
    };
    Ok(Refunds { service, part })
}

/// What the service does by itself.
fn workers(settings: &Settings, service: &Arc<RefundsService>) -> Vec<Worker> {
    let (recovered, retried, matched) = (Arc::clone(service), Arc::clone(service), Arc::clone(service));
    let (in_bulk, reminded) = (Arc::clone(service), Arc::clone(service));
    let (told_processors, freed) = (Arc::clone(service), Arc::clone(service));
    let interval = Duration::from_millis(settings.recovery.interval_millis);
    let batch_max = u32::try_from(settings.recovery.batch_max).unwrap_or(u32::MAX);
    let removal = Duration::from_secs(settings.storage.removal_interval_seconds);
    vec![
        Worker::new("recovery of refunds", move |stopped| {
            RefundRecovery::new(Arc::clone(&recovered), interval, batch_max).run(stopped)
        }),
        Worker::new("retries of refunds", move |stopped| {
            RefundRetries::new(Arc::clone(&retried), interval, batch_max).run(stopped)
        }),
        Worker::new("refunds of jobs", move |stopped| {
            BulkRefunds::new(Arc::clone(&in_bulk), interval).run(stopped)
        }),
        Worker::new("matching of chargebacks", move |stopped| {
            ChargebackMatching::new(Arc::clone(&matched), interval, batch_max).run(stopped)
        }),
        Worker::new("telling of processors", move |stopped| {
            DisputeTelling::new(Arc::clone(&told_processors), interval, batch_max).run(stopped)
        }),
        Worker::new("reminders of disputes", move |stopped| {
            DisputeReminders::new(Arc::clone(&reminded), interval, batch_max).run(stopped)
        }),
        Worker::new("removal of evidence", move |stopped| {
            EvidenceRetention::new(Arc::clone(&freed), removal, batch_max).run(stopped)
        }),
    ]
}
