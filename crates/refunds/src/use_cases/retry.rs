//! How often a decision is made again when somebody else changed the charge in between.

use std::time::Duration;

/// Tries of what a caller waits for; then it is told that others were faster.
pub(crate) const DECISIONS_MAX: u32 = 5;

/// Tries of recording what a gateway did. Generous, for what is not recorded has to be asked for again.
pub(crate) const RECORDINGS_MAX: u32 = 40;

const STEP_MILLIS: u64 = 15;
const PAUSE_MAX_MILLIS: u64 = 250;

/// Lets the others go first for a moment; longer and more scattered with every try. The chance is the thread's own, so
/// that a simulated world can seed it.
pub(crate) async fn pause(tries: u32) {
    let most = (STEP_MILLIS << tries.min(5)).min(PAUSE_MAX_MILLIS);
    tokio::time::sleep(Duration::from_millis(fastrand::u64(0..=most))).await;
}
