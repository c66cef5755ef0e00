//! The rentals document (seed `003_…`): payments of bookings, and a user's transactions.

mod body;
mod callback;
mod details;
mod gateway;
mod history;
mod payments;
mod request;
mod transactions;

pub(super) use callback::called_back;
pub(super) use gateway::begin;
pub(super) use payments::{get, list, process};
