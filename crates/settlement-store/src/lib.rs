//! The ledger in PostgreSQL: the only SQL of schema `settlement`.
//!
//! **What lives here.** The tables as data, how a write becomes rows, the reads, and the schema's migrations
//! (`migrations/settlement`).
//!
//! **What never does.** Decisions: what a transaction is made of is the domain's. Transactions of the database: the
//! batched commit of `tender-postgres` makes them.
//!
//! **How to add a read.** A method on the store's port in the domain, here a file in `reads/` with its query, a private
//! row type whose `TryFrom` names table, column and row when what is stored breaks a law, and a promise in
//! `tender-contract`. **How to add a table:** a migration, a [`TableSpec`](tender_postgres::TableSpec) in `tables.rs`.

mod migrations;
mod reads;
mod store;
mod tables;

pub use migrations::{MIGRATIONS, SCHEMA};
pub use store::PgLedgerStore;
pub use tables::SettlementSchema;
