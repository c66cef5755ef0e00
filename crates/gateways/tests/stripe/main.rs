//! Stripe over its wire: every operation of the port against a double that keeps Stripe's rules strictly, and the
//! signatures of its callbacks against vectors that Stripe's own library computed.

mod callbacks;
mod cards;
mod checks;
mod declines;
mod double;
mod files;
mod pages;
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
mod sessions;
mod setups;
mod unknown;
