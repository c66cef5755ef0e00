//! The forms of storefront documents that several services answer in: their envelopes and errors. Which codes a route
//! gives, and when, is the service's.

pub mod adventures;
mod refusal;
pub mod rentals;
mod worded;

pub use worded::In;
