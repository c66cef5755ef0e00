//! What the service follows.

mod link_payments;
mod refunds;

pub use link_payments::PaymentsOfLinks;
pub use refunds::RefundsOfIntents;
