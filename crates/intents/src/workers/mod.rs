//! Work that nobody waits for.

mod intent_recovery;

pub use intent_recovery::IntentRecovery;
