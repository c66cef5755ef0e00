//! Rounds of work, one after the other: what all workers of the service are.

use std::time::Duration;

use tender_domain::kernel::StoreError;
use tokio::sync::watch;

/// Does a round of work every `interval` until `stop` becomes true or its sender is gone. A round that has begun is
/// ended first. One that cannot read what there is to do (`what`, for the log) is left to the next.
pub(super) async fn rounds<D, W: Future<Output = Result<D, StoreError>>>(
    interval: Duration,
    mut stop: watch::Receiver<bool>,
    what: &'static str,
    round: impl Fn() -> W,
) {
    loop {
        if let Err(error) = round().await {
            tracing::warn!(%error, "{what} could not be read");
        }
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
