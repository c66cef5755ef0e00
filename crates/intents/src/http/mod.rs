//! The HTTP side: one file per resource.

mod authorization_body;
mod authorizations;
mod body;
mod bulk;
mod cancel_body;
mod charge_body;
mod charges;
mod deposits;
mod diagnostics;
mod fraud;
mod gateway_callbacks;
mod intents;
mod internal;
mod jobs;
mod money_actions;
mod next_action;
mod numbers;
mod orders;
mod payment_link_body;
mod payment_links;
mod problems;
mod request;
mod resolve;
mod routes;
mod sandbox;
mod secret;
mod transactions;
mod update;

pub(crate) use body::PRESENTER;
pub(crate) use bulk::item_command;
pub(crate) use intents::Service;
pub use internal::routes as internal_routes;
pub(crate) use payment_links::base_of;
pub use routes::routes;
pub use sandbox::routes as sandbox_routes;
