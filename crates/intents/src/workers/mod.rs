//! Work that nobody waits for.

mod bulk_creation;
mod callback_retention;
mod callbacks;
mod fraud_windows;
mod intent_clock;
mod intent_recovery;
mod notices;
mod rounds;
mod rules_reading;

pub use bulk_creation::BulkCreation;
pub use callback_retention::CallbackRetention;
pub use callbacks::CallbackWorker;
pub use fraud_windows::FraudWindows;
pub use intent_clock::IntentClock;
pub use intent_recovery::IntentRecovery;
pub use notices::{HotelNotices, LinkSendings, RefundNotices};
pub use rules_reading::RulesReading;
