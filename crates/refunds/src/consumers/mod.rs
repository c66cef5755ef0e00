//! What the service learns from others' events.

mod order_changed;
mod payment_processed;
mod settings;

pub use order_changed::RefundsOfCancellations;
pub use payment_processed::RefundsConsumer;
pub use settings::SettingsOfRefunds;
