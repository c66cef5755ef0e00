//! Adyen over its wire: every promise and operation of the port against a double that keeps Adyen's rules strictly, and
//! the signatures of its notifications against vectors that Adyen's own libraries computed.

mod callbacks;
mod cards;
mod checks;
mod double;
mod payments;
mod promises;
mod replies;
mod reports;
#[path = "../shared/requests.rs"]
mod requests;
mod rig;
#[path = "../shared/server.rs"]
mod server;
mod sessions;
mod unknown;
