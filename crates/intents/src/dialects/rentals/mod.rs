//! The rentals document (seed `003_…`): payments of bookings, and a user's transactions.

mod body;
mod details;
mod history;
mod payments;
mod request;
mod transactions;

pub(super) use payments::{get, list, process};
