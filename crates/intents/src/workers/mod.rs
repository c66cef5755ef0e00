//! Work that nobody waits for.

mod fraud_windows;
mod intent_recovery;

pub use fraud_windows::FraudWindows;
pub use intent_recovery::IntentRecovery;
