//! PayPal over its wire: every promise and operation of the port against a double that keeps PayPal's rules strictly.

mod double;
#[path = "../shared/parts.rs"]
mod parts;
mod payments;
mod promises;
mod replies;
mod reports;
#[path = "../shared/requests.rs"]
mod requests;
mod rig;
#[path = "../shared/server.rs"]
mod server;
mod signed;
mod told;
mod unknown;
mod wallet;
mod webhooks;
