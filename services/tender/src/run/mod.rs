//! `tender run`: the five services, the simulated gateway and a private PostgreSQL in one process on one port.
//!
//! `folder` is what lies in the data folder, `database` the PostgreSQL (private or given), `build` the services joined
//! by direct calls, `events` who follows whom, `sandbox` what a sandbox has from the beginning, `serve` the life of the
//! process.

mod build;
mod callbacks;
mod database;
mod events;
mod folder;
mod sandbox;
mod serve;

pub(crate) use database::{DATABASE, cluster_options};
pub(crate) use folder::DataFolder;
pub(crate) use serve::{RunArguments, run};
