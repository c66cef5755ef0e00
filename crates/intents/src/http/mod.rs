//! The HTTP side: one file per resource.

mod body;
mod charge_body;
mod charges;
mod diagnostics;
mod fraud;
mod intents;
mod internal;
mod money_actions;
mod orders;
mod problems;
mod request;
mod resolve;
mod routes;

pub use internal::routes as internal_routes;
pub use routes::routes;
