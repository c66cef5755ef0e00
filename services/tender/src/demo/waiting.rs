//! Waiting for what happens behind an answer: events that other services follow.

use std::time::{Duration, Instant};

use super::error::DemoError;

/// How long an event may take to be followed; normally it is milliseconds.
const LIMIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);

/// Asks until the answer is there. Faults of a question end the wait at once.
pub(super) async fn until<T>(
    what: &str,
    mut ask: impl AsyncFnMut() -> Result<Option<T>, DemoError>,
) -> Result<(T, Duration), DemoError> {
    let started = Instant::now();
    loop {
        if let Some(there) = ask().await? {
            return Ok((there, started.elapsed()));
        }
        if started.elapsed() > LIMIT {
            return Err(DemoError::TooLate { what: what.to_owned(), limit: LIMIT });
        }
        tokio::time::sleep(PAUSE).await;
    }
}
