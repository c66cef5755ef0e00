//! The vault's HTTP resources.

mod billing;
mod card_form;
mod dto;
mod internal;
mod methods;
mod numbers;
mod problem;
mod routes;

pub use routes::{mount, routes};
