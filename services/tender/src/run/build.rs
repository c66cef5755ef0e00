//! The five services and the simulated gateway, joined by direct calls.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tender_composition::credentials;
use tender_composition::database::pool_options;
use tender_composition::{
    ConnectorFactory, DatabaseReady, EventLagHealth, Following, Ground, LateCallsHeard, LateOwnGateways,
    Outbox, Part, accounts, intake_with_fail_points, number_book, required, takes_callbacks,
    with_fail_points,
};
use tender_domain::connectors::ConnectorSecrets;
use tender_domain::operations::HealthSource;
use tender_domain::ports::{Clock, Ids, PaymentGateway};
use tender_domain::simulator::SimulatorBooks;
use tender_events::OriginsFollower;
use tender_gateways::GatewayHealth;
use tender_http::AllowedOrigins;
use tender_intents_service::{Intents, IntentsPorts};
use tender_memory::MemorySimulatorBooks;
use tender_operations::ReadinessHealth;
use tender_operations_service::Operations;
use tender_postgres::open_pool;
use tender_refunds_service::RefundsPorts;
use tender_settings::{Settings, SimulatorBooks as Books, SimulatorCallbacks};
use tender_simulator::{SimulatorGateway, SimulatorOptions};
use tender_simulator_store::PgSimulatorBooks;
use tender_vault_service::VaultPorts;

use super::callbacks;
use super::database::Database;
use super::events::{Carriers, Follow, Follows, follows};

/// The world outside of the services.
#[derive(Clone)]
pub(super) struct World {
    pub(super) settings: Arc<Settings>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn Ids>,
}

impl World {
    fn ground(&self, database: &Database, service: &str) -> anyhow::Result<Ground> {
        Ok(Ground {
            settings: Arc::clone(&self.settings),
            connect: database.connect_as(service, &self.settings, &*self.ids)?,
            clock: Arc::clone(&self.clock),
            ids: Arc::clone(&self.ids),
        })
    }
}

/// Everything, built and not begun.
pub(super) struct Built {
    pub(super) intents: Intents,
    pub(super) operations: Operations,
    pub(super) simulator: SimulatorGateway,
    /// All five, in the order they are shown.
    pub(super) parts: Vec<Part>,
    /// Who follows whose outbox.
    pub(super) follows: Follows,
    /// The origins whose pages may call from a browser.
    pub(super) origins: Arc<AllowedOrigins>,
}

/// Opens all schemas side by side and joins the services.
pub(super) async fn build(
    world: &World,
    database: &Database,
    carriers: &Carriers,
    address: SocketAddr,
) -> anyhow::Result<Built> {
    let ground = |service| world.ground(database, service);
    let (for_vault, for_intents) = (ground("vault")?, ground("intents")?);
    let (for_refunds, for_settlement) = (ground("refunds")?, ground("settlement")?);
    let for_operations = ground("operations")?;
    let (vault, intents, refunds, settlement, operations, books) = tokio::try_join!(
        tender_vault_service::open(&for_vault),
        tender_intents_service::open(&for_intents),
        tender_refunds_service::open(&for_refunds),
        tender_settlement_service::open(&for_settlement),
        tender_operations_service::open(&for_operations),
        books(world, database),
    )?;

    let simulator = simulator(world, books, address)?;
    let gateway: Arc<dyn PaymentGateway> = Arc::new(simulator.clone());
    takes_callbacks(&world.settings)?;
    let mut gateways = vec![gateway];
    gateways.extend(accounts(&world.settings)?);
    let mortal: Vec<_> = gateways.iter().cloned().map(with_fail_points).collect();
    let (own, heard) = (Arc::new(LateOwnGateways::default()), Arc::new(LateCallsHeard::default()));
    let ports = VaultPorts {
        gateways: gateways.clone(),
        own_gateways: Arc::clone(&own) as _,
        calls_heard: Arc::clone(&heard) as _,
    };
    let vault = tender_vault_service::build(&for_vault, vault, ports)?;
    let secrets: Arc<dyn ConnectorSecrets> = Arc::clone(&vault.service) as _;
    let factory = ConnectorFactory::new(Arc::clone(&world.settings), Arc::clone(&secrets), &gateways);
    let ports = IntentsPorts {
        vault: Arc::clone(&vault.service) as _,
        cards: Arc::clone(&vault.service) as _,
        gateways: mortal.clone(),
        sandbox: Some(Arc::new(simulator.clone())),
        connector_secrets: secrets,
        connector_adapters: Arc::new(factory),
        client_secret_key: credentials::pepper(&world.settings.auth)?,
        method_numbers: Arc::clone(&vault.numbers) as _,
        refund_numbers: number_book(&refunds.pool, tender_refunds_service::SCHEMA) as _,
        open_refunds: tender_refunds_service::open_refunds(&refunds),
    };
    let mut intents = tender_intents_service::build(&for_intents, intents, ports)?;
    let intake = intake_with_fail_points(Arc::clone(&intents.callbacks) as _);
    intents.part.workers.push(callbacks::sender(&simulator, intake));
    // Before the first payment, so that none passes by a limit that is known.
    intents.service.load_rules().await?;
    intents.service.load_routing().await?;
    own.set(Arc::clone(&intents.service) as _);
    heard.set(Arc::clone(&intents.service) as _);
    let ports = RefundsPorts {
        charges: Arc::clone(&intents.service) as _,
        gateways: mortal,
        own_gateways: own,
        calls_heard: Arc::clone(&intents.service) as _,
        payment_numbers: Arc::clone(&intents.numbers) as _,
    };
    let refunds = tender_refunds_service::build(&for_refunds, refunds, ports)?;
    intents.callbacks.hand_disputes_to(Arc::clone(&refunds.service) as _);
    intents.callbacks.hand_refunds_to(Arc::clone(&refunds.service) as _);
    let settlement = tender_settlement_service::build(&for_settlement, settlement);

    let origins = Arc::new(AllowedOrigins::default());
    intents.part.consumers.push(Arc::new(OriginsFollower(Arc::clone(&origins) as _)));
    // The vault first: of jobs it takes only its own, intents takes what is left.
    let mut parts = vec![vault.part, intents.part.clone(), refunds.part, settlement.part];
    let outboxes =
        parts.iter().map(Part::outbox).chain([operations.outbox(tender_operations_service::SCHEMA)]);
    let follows = follows(&parts, &outboxes.collect::<Vec<_>>(), carriers.kafka.as_ref());
    let health = health(&follows, &carriers.following, gateways);
    let operations = tender_operations_service::build(&for_operations, operations, health)?;
    parts.push(operations.part.clone());
    // Before the first request; what changes afterwards is followed.
    operations.service.tell_origins(&*origins).await?;
    Ok(Built { intents, operations, simulator, parts, follows, origins })
}

/// The parts of the platform whose health is shown.
fn health(
    follows: &Follows,
    following: &Following,
    gateways: Vec<Arc<dyn PaymentGateway>>,
) -> Vec<Arc<dyn HealthSource>> {
    let ready = |outbox: &Outbox| DatabaseReady::new(outbox.schema, outbox.pool.clone());
    let mut health: Vec<Arc<dyn HealthSource>> = Vec::new();
    for outbox in &follows.outboxes {
        health.push(Arc::new(ReadinessHealth::new(Arc::new(ready(outbox)))));
    }
    for gateway in gateways {
        health.push(Arc::new(GatewayHealth::new(gateway)));
    }
    let log =
        |follow: &Follow| (following.log(&follow.outbox, follow.consumer.name()), follow.consumer.topics());
    health.push(Arc::new(EventLagHealth { followers: follows.list.iter().map(log).collect() }));
    health
}

async fn books(world: &World, database: &Database) -> anyhow::Result<Arc<dyn SimulatorBooks>> {
    let settings = &world.settings;
    if settings.simulator.books == Books::Memory {
        tracing::warn!("the simulated gateway forgets everything at the end (simulator.books = \"memory\")");
        return Ok(Arc::new(MemorySimulatorBooks::new()));
    }
    let connect = database.connect_as(tender_simulator_store::SCHEMA, settings, &*world.ids)?;
    let pool =
        open_pool(&connect.application_name("tender simulator"), pool_options(&settings.database)).await;
    Ok(Arc::new(PgSimulatorBooks::new(pool.context("the simulator's books cannot be opened")?)))
}

fn simulator(
    world: &World,
    books: Arc<dyn SimulatorBooks>,
    address: SocketAddr,
) -> anyhow::Result<SimulatorGateway> {
    let settings = &world.settings.simulator;
    let secret = required(settings.secret(), "simulator.secret_file", "for the tokens of test cards")?;
    let options = SimulatorOptions::new(secret)
        .with_delay(Duration::from_millis(settings.delay_millis))
        .telling_everything(settings.callbacks == SimulatorCallbacks::All)
        .with_public_url(&public_url(&world.settings, address));
    Ok(SimulatorGateway::new(books, Arc::clone(&world.clock), options))
}

/// Where browsers on this machine reach the server. One that listens everywhere does not know by which name it is
/// reached; addresses are then relative to it.
pub(super) fn public_url(settings: &Settings, address: SocketAddr) -> String {
    let scheme = if settings.http.tls.files().is_some() { "https" } else { "http" };
    if address.ip().is_unspecified() { String::new() } else { format!("{scheme}://{address}") }
}
