//! The HTTP side: one file per resource.

mod body;
mod charge_body;
mod charges;
mod gateway_callbacks;
mod intents;
mod internal;
mod money_actions;
mod orders;
mod problems;
mod request;
mod routes;
mod sandbox;

pub use internal::routes as internal_routes;
pub use routes::routes;
pub use sandbox::routes as sandbox_routes;
