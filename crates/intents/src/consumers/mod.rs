//! What the service follows.

mod link_payments;
mod notifications;
mod refunds;
mod settings;

pub use link_payments::PaymentsOfLinks;
pub use notifications::LinkNotifications;
pub use refunds::RefundsOfIntents;
pub use settings::SettingsOfIntents;
