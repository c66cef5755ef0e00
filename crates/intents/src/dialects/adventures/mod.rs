//! The adventures document (seed `000_…`) in the shapes of its annex: payments of reservations, and a guest's history.

mod body;
mod error;
mod payments;
mod request;
mod status;

pub(super) use payments::{get, history_of_guest, pay};
