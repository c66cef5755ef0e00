//! What the service learns from others' events.

mod order_changed;
mod payment_processed;

pub use order_changed::RefundsOfCancellations;
pub use payment_processed::RefundsConsumer;
