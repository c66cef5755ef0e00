//! What the service follows.

mod notifications;
mod refunds;
mod settings;

pub use notifications::LinkNotifications;
pub use refunds::RefundsOfIntents;
pub use settings::SettingsOfIntents;
