//! Connectors and rules, through the API.

pub(crate) mod api;
mod decline_tables;
mod managing;
mod routing;
