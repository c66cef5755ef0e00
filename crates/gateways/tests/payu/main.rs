//! PayU over its wire: every promise and operation of the port against a double that keeps PayU's rules strictly, and its
//! notifications.

mod callbacks;
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
mod sessions;
#[path = "../shared/standin.rs"]
mod standin;
mod statements;
mod unknown;
