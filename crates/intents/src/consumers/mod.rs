//! What the service follows.

mod disputes;
mod failure;
mod orders;
mod refunds;
mod settings;

pub use disputes::DisputesOfIntents;
pub use orders::OrderWriteBack;
pub use refunds::RefundsOfIntents;
pub use settings::SettingsOfIntents;
