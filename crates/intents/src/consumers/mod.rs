//! What the service follows.

mod refunds;

pub use refunds::RefundsOfIntents;
