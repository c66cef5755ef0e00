//! What every composition root needs: the way from settings to adapters, and the life of a process.
//!
//! **What lives here.** The adapters of clock and ids, how settings become connect options, credentials, servers and
//! Kafka clients ([`database`], [`credentials`], [`server_settings`], [`kafka_options`]), the [`Part`] that each
//! service's root makes of itself, what runs behind the requests ([`Background`]), and the whole life of a service's
//! own process ([`service_main`]).
//!
//! **What never does.** A service's name, route or rule: each root in `services/` wires its own. SQL, a Kafka client's
//! setting, a setting's default.
//!
//! **How to add one.** Put here what two roots would otherwise write twice. What one root alone needs stays there.

mod background;
mod calls;
mod clock;
mod connectors;
pub mod credentials;
pub mod database;
mod fail_points;
mod follow;
mod gateways;
mod health;
mod ids;
mod internal_http;
mod jwks_url;
mod kafka;
mod keys;
mod outbound;
mod part;
mod partitions;
mod process;
mod readiness;
mod secrets;
mod server;
mod simulator;
mod storage;
mod storefront;

pub use background::Background;
pub use calls::{TELL_OF_NOBODY, call_log, call_log_of_parts};
pub use clock::SystemClock;
pub use connectors::{ConnectorFactory, LateCallsHeard, LateOwnGateways, RemoteOwnGateways};
pub use credentials::AuthParts;
pub use fail_points::{intake_with_fail_points, with_fail_points};
pub use follow::{Following, Outbox};
pub use gateways::{accounts, gateways, takes_callbacks};
pub use health::{EventLagHealth, KafkaHealth};
pub use ids::RandomIds;
pub use internal_http::{call_timeout, internal_client, trusting_client};
pub use kafka::{KafkaEvents, kafka_options};
pub use keys::{HaveForget, KeySource};
pub use outbound::{order_directory, risk_scorer, webhooks};
pub use part::{Ground, Mount, Part, Worker};
pub use process::{Assembled, Process, runtime, service_main, start_telemetry, tell};
pub use readiness::{CaughtUpReady, DatabaseReady};
pub use secrets::required;
pub use server::{server_settings, share_of_cores, trusted_proxies};
pub use simulator::simulator_over_http;
pub use storage::object_storage;
pub use storefront::{number_book, rate_gate};
