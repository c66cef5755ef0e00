//! Intents in PostgreSQL: the only SQL of schema `intents`.
//!
//! **What lives here.** The tables as data, how a write becomes rows, the reads, and the schema's migrations
//! (`migrations/intents`).
//!
//! **What never does.** Decisions: what may become of a payment is the domain's. Transactions of the database: the
//! batched commit of `tender-postgres` makes them.
//!
//! **How to add a read.** A method on the store's port in the domain, here a query in `reads.rs` over the rows of
//! `rows/`, whose way to the domain names table, column and row when what is stored breaks a law, and a promise in
//! `tender-contract`. **How to add a column:** a migration, its line in `tables.rs` and in `cells.rs`, and its field in
//! `rows/`.

mod callbacks;
mod cells;
mod connector_reads;
mod connector_rows;
mod deposits;
mod diagnostics;
mod dispatches;
mod fraud_reads;
mod fraud_rows;
mod hotel_notifications;
mod hotel_settings;
mod hotels;
mod link_sending_reads;
mod migrations;
mod payment_link_reads;
mod payment_link_rows;
mod reads;
mod refund_notices;
mod rows;
mod rules;
mod store;
mod storefront_reads;
mod tables;
mod transactions;

pub use callbacks::PgCallbackStore;
pub use migrations::{MIGRATIONS, SCHEMA};
pub use store::{PgIntentStore, READ_SESSION};
pub use tables::IntentsSchema;
