//! One command, one file. What several need is in `schemas.rs` (all migrations) and `access.rs` (which database).

pub(crate) mod access;
pub(crate) mod check;
pub(crate) mod events;
pub(crate) mod keys;
pub(crate) mod migrate;
pub(crate) mod operations;
pub(crate) mod output;
pub(crate) mod schemas;
pub(crate) mod simulator;
pub(crate) mod tenants;
