//! The all-in-one, and the command line of Tender.
//!
//! **What lives here.** [`command_line`] (what `tender` takes), `run` (the five services, the simulated gateway and a
//! private PostgreSQL in one process on one port), `commands` (migrate, tenants, keys, the simulator's process,
//! events), [`check`] (the auditor) and [`demo`] (a storefront's day).
//!
//! **What never does.** A rule of payments, a route, SQL of a service's tables beyond the auditor's reads.
//!
//! **How to add a command.** A variant in `command_line.rs`, and a file in `commands/` that does it.

pub mod check;
mod command_line;
mod commands;
pub mod demo;
mod run;

pub use command_line::main;
