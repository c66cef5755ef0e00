//! The promises of the vault, through its routes.

mod attestation;
mod canary;
mod card_forms;
mod connectors;
mod defaults;
mod expiry;
mod idempotency;
mod instruments;
mod internal;
mod isolation;
mod keys;
mod methods;
mod numbers;
mod rentals;
mod rig;
mod types;
mod verifications;
