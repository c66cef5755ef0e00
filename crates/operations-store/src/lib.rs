//! Operations in PostgreSQL: the only SQL of schema `operations`.
//!
//! **What lives here.** The tables as data, how a write becomes rows, the reads, the schema's migrations
//! (`migrations/operations`), and the health of the database as operations sees it.
//!
//! **What never does.** Decisions: what a key may have and what settings may be is the domain's. Transactions of the
//! database: the batched commit of `tender-postgres` makes them.
//!
//! **How to add a read.** A method on the store's port in the domain, here a query in `reads/` with a private row type
//! that names table, column and row when what is stored breaks a law, and a promise in `tender-contract`. **How to add
//! a table:** a migration, a [`TableSpec`](tender_postgres::TableSpec) in `tables.rs`.

mod health;
mod migrations;
mod reads;
mod store;
mod tables;

pub use health::{PgDatabaseHealth, PgEventLag};
pub use migrations::{MIGRATIONS, SCHEMA};
pub use store::PgOperationsStore;
pub use tables::OperationsSchema;
