//! Refunds in PostgreSQL: the only SQL of schema `refunds`.
//!
//! **What lives here.** The tables as data, how a write becomes rows, the reads, and the schema's migrations
//! (`migrations/refunds`).
//!
//! **What never does.** Decisions: what may be refunded is the domain's. Transactions of the database: the batched
//! commit of `tender-postgres` makes them.
//!
//! **How to add a read.** A method on the store's port in the domain, here a query in `reads.rs` over the rows of
//! `rows/`, whose way to the domain names table, column and row when what is stored breaks a law, and a promise in
//! `tender-contract`. **How to add a column:** a migration, its line in `tables.rs`, and its field in `rows/`.

mod case_reads;
mod case_tables;
mod dispute_reads;
mod dispute_tables;
mod migrations;
mod open_refunds;
mod policies;
mod reads;
mod reply_reads;
mod rows;
mod store;
mod tables;
mod uploads;

pub use migrations::{MIGRATIONS, SCHEMA};
pub use open_refunds::PgOpenRefunds;
pub use store::PgRefundStore;
pub use tables::RefundsSchema;
