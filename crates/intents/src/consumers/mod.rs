//! What the service follows.

mod refunds;
mod settings;

pub use refunds::RefundsOfIntents;
pub use settings::SettingsOfIntents;
