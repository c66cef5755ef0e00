//! The HTTP side: one file per resource.

mod body;
mod charge_body;
mod charges;
mod deposits;
mod fraud;
mod intents;
mod internal;
mod money_actions;
mod orders;
mod payment_link_body;
mod payment_links;
mod problems;
mod request;
mod routes;

pub(crate) use body::PRESENTER;
pub(crate) use intents::Service;
pub use internal::routes as internal_routes;
pub(crate) use payment_links::base_of;
pub use routes::routes;
