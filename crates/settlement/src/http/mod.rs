//! Settlement's routes.

mod account_list;
mod ledger;
mod ledger_dto;
mod routes;

pub use routes::{mount, routes};
