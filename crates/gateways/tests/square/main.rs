//! Square over its wire: every promise and operation of the port against a double that keeps Square's rules strictly, and
//! its webhooks, signed as Square's own libraries sign.

mod callbacks;
mod disputed;
#[path = "../shared/outcomes.rs"]
mod outcomes;
#[path = "../shared/parts.rs"]
mod parts;
mod payments;
mod promises;
mod replies;
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
