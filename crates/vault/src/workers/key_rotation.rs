//! Rotates keys: seals anew, destroys, and wraps under the current key-encryption key.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::{VaultError, VaultService};

/// How many rotations are gone on with in a round.
const ROTATIONS_MAX: usize = 50;
/// How many keys are wrapped anew in a round.
const REWRAPS_MAX: usize = 100;

/// Goes on with rotations, a page of records of each in a round. Two of them at once do no harm: of two commits of a
/// page one wins.
pub struct KeyRotationWorker {
    service: Arc<VaultService>,
    interval: Duration,
}

impl KeyRotationWorker {
    /// The worker of a service: looks for rotations every `interval`.
    #[must_use]
    pub const fn new(service: Arc<VaultService>, interval: Duration) -> Self {
        Self { service, interval }
    }

    /// Runs until `stop` becomes true or its sender is gone. A page that has begun is ended first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            let goes_on = self.run_once().await.unwrap_or_else(|error| {
                tracing::warn!(%error, "keys could not be rotated; it is tried again");
                false
            });
            let pause = if goes_on { Duration::ZERO } else { self.interval };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                stopped = stop.wait_for(|stopped| *stopped) => {
                    drop(stopped);
                    return;
                }
            }
        }
    }

    /// One round: keys that an older key-encryption key wrapped, and a page of each rotation. Says whether there is more
    /// to do now.
    ///
    /// # Errors
    /// When the store or the key-encryption key cannot be reached. What was done stays done.
    pub async fn run_once(&self) -> Result<bool, VaultError> {
        let mut goes_on = self.service.rewrap_keys(REWRAPS_MAX).await? == REWRAPS_MAX;
        for rotation in self.service.deps.key_store.running_rotations(ROTATIONS_MAX).await? {
            goes_on |= self.service.rotate_page(&rotation).await?;
        }
        Ok(goes_on)
    }
}
