//! Rounds of work, one after the other.

use std::time::Duration;

use tokio::sync::watch;

/// Does a round of work every `interval` until `stop` becomes true or its sender is gone. A round that has begun is
/// ended first.
pub(super) async fn rounds<W: Future<Output = ()>>(
    interval: Duration,
    mut stop: watch::Receiver<bool>,
    round: impl Fn() -> W,
) {
    loop {
        round().await;
        tokio::select! {
            biased;
            () = tokio::time::sleep(interval) => {}
            stopped = stop.wait_for(|stopped| *stopped) => {
                drop(stopped);
                return;
            }
        }
    }
}
