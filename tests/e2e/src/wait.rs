//! Waiting for a condition, with a limit.

use std::future::Future;
use std::time::{Duration, Instant};

const STEP: Duration = Duration::from_millis(25);
/// Longer than anything takes; a test that waits this long has failed.
const LIMIT: Duration = Duration::from_secs(60);

/// Waits until `ask` gives something, and gives that; none after `limit`.
pub async fn until<T, F: Future<Output = Option<T>>>(
    limit: Duration,
    mut ask: impl FnMut() -> F,
) -> Option<T> {
    let begun = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return Some(found);
        }
        if begun.elapsed() >= limit {
            return None;
        }
        tokio::time::sleep(STEP).await;
    }
}

/// Waits until `ask` gives something, and gives that.
///
/// # Panics
/// When that has not come about within a minute: the test has failed, and `what` says in what.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, ask: impl FnMut() -> F) -> T {
    let found = until(LIMIT, ask).await;
    found.unwrap_or_else(|| panic!("waited {} s in vain until {what}", LIMIT.as_secs()))
}
