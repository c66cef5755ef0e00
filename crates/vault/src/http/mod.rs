//! The vault's HTTP resources.

mod access_log;
mod attestation;
mod billing;
mod card_form;
mod connector_secrets;
mod dto;
mod instrument;
mod internal;
mod jobs;
mod keys;
mod method_filter;
mod methods;
mod numbers;
mod problem;
mod routes;
mod verification;
mod verify;

pub use routes::{mount, routes};
