//! Worldpay over its wire: every promise and operation of the port against a double that keeps Worldpay's rules strictly,
//! and its events.

mod callbacks;
mod checks;
#[path = "../shared/outcomes.rs"]
mod outcomes;
mod payments;
mod promises;
mod reports;
#[path = "../shared/requests.rs"]
mod requests;
mod rig;
mod rules;
#[path = "../shared/server.rs"]
mod server;
#[path = "../shared/standin.rs"]
mod standin;
mod unknown;
