//! Connectors and rules, through the API.

pub(crate) mod api;
mod managing;
mod routing;
