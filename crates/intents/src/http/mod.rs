//! The HTTP side: one file per resource.

mod body;
mod charge_body;
mod charges;
mod intents;
mod internal;
mod money_actions;
mod numbers;
mod orders;
mod problems;
mod request;
mod routes;

pub use internal::routes as internal_routes;
pub use routes::routes;
