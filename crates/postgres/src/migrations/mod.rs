//! The migration runner: brings one service's schema up to what its store crate was built for.
//!
//! A store crate embeds its files from `migrations/<service>/NNNN_verb_noun.sql` as a constant table and hands
//! it to [`migrate`]:
//!
//! ```
//! use tender_postgres::Migration;
//!
//! const MIGRATIONS: &[Migration] = &[Migration {
//!     name: "0001_create_greetings",
//!     // In a store crate: include_str!("../../../migrations/<service>/0001_create_greetings.sql")
//!     sql: "CREATE TABLE greetings (id bigint PRIMARY KEY); GRANT SELECT, INSERT ON greetings TO ${role};",
//! }];
//! # assert_eq!(MIGRATIONS.len(), 1);
//! ```
//!
//! **What a migration file may rely on.** It runs alone in one transaction, as the administrator, with
//! `search_path` set to the service's schema, so names are written without a schema. `${role}` stands for the
//! service's (quoted) role and `${schema}` for its (quoted) schema; both exist before the first file runs. The
//! role owns nothing and may touch nothing but what a file grants it, so **every file that creates a table or
//! a sequence grants it**. The database keeps name and SHA-256 of each file that ran: a landed file is never
//! edited, the next one corrects it. What cannot run in a transaction (`CREATE INDEX CONCURRENTLY`) does not
//! belong in a file.

mod error;
mod role;
mod run;

pub use error::MigrateError;
pub use role::role_name;
pub use run::{Migrated, Migration, migrate};
