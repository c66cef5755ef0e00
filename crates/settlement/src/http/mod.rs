//! Settlement's routes.

mod account_list;
mod ledger;
mod ledger_dto;
mod routes;
mod store_credit;
mod store_credit_dto;

pub use routes::{mount, routes};
