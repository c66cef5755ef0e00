//! The simulated gateway's books in PostgreSQL: the only SQL of the schema `simulator`.
//!
//! **What lives here.** [`PgSimulatorBooks`] and the schema's migrations ([`MIGRATIONS`]).
//!
//! **What never does.** A decision: what a call does to a payment is decided before it comes here. The checks of the
//! schema only refuse what must never be.
//!
//! **How to add a table.** A new file in `migrations/simulator` (never edit a landed one), named in `migrations.rs`;
//! its primary key begins with `tenant_id` and it grants the service's role what it needs, no more.

mod books;
mod details;
mod migrations;
mod rows;
mod statements;

pub use books::PgSimulatorBooks;
pub use migrations::{MIGRATIONS, SCHEMA};
