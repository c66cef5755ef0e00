//! What the service follows.

mod notifications;
mod orders;
mod refunds;
mod settings;

pub use notifications::LinkNotifications;
pub use orders::OrderWriteBack;
pub use refunds::RefundsOfIntents;
pub use settings::SettingsOfIntents;
