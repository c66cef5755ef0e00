//! The intents service: its hexagon.
//!
//! **What lives here.** The use cases of payment intents (one verb, one file), the HTTP resources and storefront
//! dialects that drive them, the consumer of refunds, and the worker that finds out what became of calls whose
//! outcome is not known.
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

mod charge_source;
mod consumers;
mod dialects;
mod http;
mod messages;
mod service;
mod storefront;
mod use_cases;
mod workers;

pub use consumers::RefundsOfIntents;
pub use http::{internal_routes, routes};
pub use service::{Deps, Gateways, IntentsOptions, IntentsService};
pub use storefront::StorefrontPorts;
pub use use_cases::{BuiltInOrders, IntentsError};
pub use workers::IntentRecovery;
