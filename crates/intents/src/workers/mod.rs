//! Work that nobody waits for.

mod intent_clock;
mod intent_recovery;
mod rounds;

pub use intent_clock::IntentClock;
pub use intent_recovery::IntentRecovery;
