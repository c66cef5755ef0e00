//! The sections, one file for each group that is read together.

mod auth;
mod database;
mod fraud;
mod gateways;
mod http;
mod kafka;
mod limits;
mod links;
mod notifications;
mod orders;
mod outbound;
mod peers;
mod storage;
mod telemetry;
mod vault;
mod whole;
mod workers;

pub use auth::{Auth, Jwt, ServiceAuth};
pub use database::{Database, DatabaseTlsMode, RolePasswords};
pub use fraud::{Fraud, ScorerFailure};
pub use gateways::{Adyen, Gateways, PayPal, PayU, Saferpay, Square, Stripe, Worldpay};
pub use http::{Http, HttpTls};
pub use kafka::{Kafka, SaslMechanism, SecurityProtocol};
pub use limits::Limits;
pub use links::Links;
pub use notifications::Notifications;
pub use orders::Orders;
pub use outbound::Outbound;
pub use peers::{Services, Simulator, SimulatorBooks, SimulatorCallbacks};
pub use storage::{Storage, StorageKind};
pub use telemetry::{LogFormat, Telemetry};
pub use vault::{Transit, Vault};
pub use whole::{Environment, Settings};
pub use workers::{Recovery, Relay, Writer};
