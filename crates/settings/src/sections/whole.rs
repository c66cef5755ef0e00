//! All sections together.

use serde::Deserialize;

use crate::text::choice;

use super::{
    Auth, Database, Fraud, Gateways, Http, Kafka, Limits, Links, Notifications, Orders, Outbound, Recovery,
    Relay, ServiceAuth, Services, Simulator, Storage, Telemetry, Vault, Writer,
};

/// Everything an operator decided. Secrets in it do not print.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Sandbox or production; decides which conveniences are refused.
    #[serde(deserialize_with = "choice")]
    pub environment: Environment,
    /// Listeners of this process.
    pub http: Http,
    /// PostgreSQL.
    pub database: Database,
    /// Kafka.
    pub kafka: Kafka,
    /// Where the other services are.
    pub services: Services,
    /// How callers prove who they are.
    pub auth: Auth,
    /// How services prove who they are to each other.
    pub service_auth: ServiceAuth,
    /// Keys that seal what the vault holds.
    pub vault: Vault,
    /// Calls to payment gateways.
    pub gateways: Gateways,
    /// The simulated gateway.
    pub simulator: Simulator,
    /// The batched commit of each store.
    pub writer: Writer,
    /// The relay that publishes the outbox.
    pub relay: Relay,
    /// The worker that finds out unknown outcomes.
    pub recovery: Recovery,
    /// Payment links and the hosted payment page.
    #[serde(default)]
    pub links: Links,
    /// Who delivers messages to people.
    #[serde(default)]
    pub notifications: Notifications,
    /// Where orders are looked up.
    pub orders: Orders,
    /// Who else is asked about fraud.
    pub fraud: Fraud,
    /// Where uploaded files are.
    pub storage: Storage,
    /// Calls to addresses outside.
    #[serde(default)]
    pub outbound: Outbound,
    /// Logs and traces.
    pub telemetry: Telemetry,
    /// Limits on how much callers may send at once.
    pub limits: Limits,
}

impl Settings {
    /// Whether real money moves here.
    #[must_use]
    pub fn is_production(&self) -> bool {
        self.environment == Environment::Production
    }
}

/// What an installation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// Test gateways, test cards and test keys; sandbox-only routes exist.
    Sandbox,
    /// Real money: development secrets, HS256 and the simulator are refused.
    Production,
}
