//! Payment methods, data keys and the log of secret reads in PostgreSQL: the only SQL of schema `vault`.
//!
//! **What lives here.** The table as data, how a write becomes a row, the reads, and the schema's migrations
//! (`migrations/vault`).
//!
//! **What never does.** A key or a token in the clear: what comes here is sealed, and stays so. Decisions: they are
//! the domain's.
//!
//! **How to add a read.** A method on the port in the domain, here its query in `reads.rs`, and a promise in
//! `tender-contract`. **How to add a column:** a migration, its line in `tables.rs` and in `row.rs`.

mod access;
mod attestation;
mod column;
mod connector_secrets;
mod due;
mod keys;
mod migrations;
mod reads;
mod row;
mod store;
mod tables;

pub use migrations::{MIGRATIONS, SCHEMA};
pub use store::{PgMethodStore, READ_SESSION};
pub use tables::VaultSchema;
