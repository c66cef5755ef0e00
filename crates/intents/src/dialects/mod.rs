//! Storefront dialects: other documents' routes, translated to the same use cases (contract §6).
//!
//! Requests, answers, envelopes, status and error codes are exactly as the dialect's document has them.

mod adventures;
mod annex;
mod hotels;
mod rentals;
mod routes;
mod tickets;

pub(crate) use hotels::{HOTELS_PRESENTER, day, deposit_link, deposit_page, open_page};
pub(crate) use routes::routes;
