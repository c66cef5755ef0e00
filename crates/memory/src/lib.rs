//! In-memory adapters of the ports.
//!
//! **What lives here.** Stores and books that keep everything in the process: for tests and for measuring.
//!
//! **What never does.** A rule of its own: an adapter here passes the same contract suite as its durable twin.
//!
//! **How to add one.** One file per port, named by the service; run the port's suite of `tender-contract` in `tests/`.

mod api_keys;
mod callbacks;
mod connectors;
mod core;
mod deposits;
mod dispute_cases;
mod dispute_replies;
mod disputes;
mod fraud;
mod hotels;
mod intents;
mod jobs;
mod numbers;
mod object_storage;
mod operations;
mod payment_links;
mod rate_limits;
mod refund_notices;
mod refund_policies;
mod refunds;
mod seen;
mod settlement;
mod simulator;
mod uploads;
mod vault;
mod vault_keys;

pub use api_keys::MemoryApiKeyProjection;
pub use callbacks::MemoryCallbackStore;
pub use connectors::{MemoryConnectorSecrets, NoOwnGateways};
pub use core::{Aggregates, CommitHook, Memory};
pub use intents::{Intents, MemoryIntentStore};
pub use numbers::MemoryNumberBook;
pub use object_storage::MemoryObjectStorage;
pub use operations::{MemoryOperationsStore, OperationsRows};
pub use rate_limits::MemoryRateLimiter;
pub use refunds::MemoryRefundStore;
pub use settlement::MemoryLedgerStore;
pub use simulator::MemorySimulatorBooks;
pub use vault::{MemoryMethodStore, Methods};
