//! What the service learns from others' events.

mod payment_processed;

pub use payment_processed::RefundsConsumer;
