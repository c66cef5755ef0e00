//! Saferpay over its wire: every promise and operation of the port against a double that keeps Saferpay's rules strictly.

mod aliases;
mod asked;
#[path = "../shared/outcomes.rs"]
mod outcomes;
mod payments;
mod promises;
mod reported;
mod reports;
#[path = "../shared/requests.rs"]
mod requests;
mod rig;
mod rules;
#[path = "../shared/server.rs"]
mod server;
mod sessions;
#[path = "../shared/standin.rs"]
mod standin;
mod transactions;
mod unknown;
