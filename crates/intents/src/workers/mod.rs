//! Work that nobody waits for.

mod callbacks;
mod intent_recovery;

pub use callbacks::CallbackWorker;
pub use intent_recovery::IntentRecovery;
