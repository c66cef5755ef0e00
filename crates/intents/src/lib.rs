//! The intents service: its hexagon.
//!
//! **What lives here.** The use cases of payment intents (one verb, one file), the HTTP resources and storefront
//! dialects that drive them, the hosted page of payment links (`pages/`), the intake of gateways' callbacks
//! (`callbacks/`), the consumers of what other services and intents itself tell, and the workers: one finds out what
//! became of calls whose outcome is not known, one does what the time has come for, others do jobs and callbacks.
//!
//! **What never does.** SQL, Kafka, a gateway's wire format, a setting's name. The laws of payments: they are in
//! `tender_domain::intents`.
//!
//! **How a payment runs.** `use_cases/confirm_intent.rs` commits the attempt as started, `use_cases/drive.rs` calls the
//! gateway outside of any transaction and commits the outcome. What is unknown is looked up by `use_cases/resolve.rs`:
//! from the worker, when the intent is read, and when the client repeats its request.
//!
//! **How to add a use case.** A file in `use_cases/` with a method on [`IntentsService`]: load, decide, commit, answer.
//! Then a handler in `http/` and its line in `http::routes`.

mod askers;
mod callbacks;
mod charge_source;
mod client_secret;
mod connectors;
mod consumers;
mod dialects;
mod fraud_policies;
mod hotel_messages;
mod http;
mod latencies;
mod link_tokens;
mod messages;
mod order_messages;
mod pages;
mod payer_seen;
mod refund_messages;
mod rules;
mod service;
mod storefront;
mod use_cases;
mod waiters;
mod words;
mod workers;

pub use callbacks::GatewayCallbacks;
pub use connectors::{ConnectorLogs, ConnectorPorts};
pub use consumers::{DisputesOfIntents, OrderWriteBack, RefundsOfIntents, SettingsOfIntents};
pub use http::{internal_routes, routes, sandbox_routes};
pub use link_tokens::LinkTokens;
pub use service::{Deps, FraudPorts, Gateways, IntentsOptions, IntentsService, LinkPorts};
pub use storefront::StorefrontPorts;
pub use use_cases::{BuiltInOrders, IntentsError, OutsideOrders};
pub use workers::{
    BulkCreation, CallbackRetention, CallbackWorker, FraudWindows, HotelNotices, IntentClock, IntentRecovery,
    LinkSendings, RefundNotices, RulesReading,
};
