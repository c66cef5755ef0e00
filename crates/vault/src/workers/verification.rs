//! Goes on with verifications whose gateway did not answer, and ends those whose time is over.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::kernel::StoreError;
use tokio::sync::watch;

use crate::VaultService;

/// How many are gone on with in a round.
const DUE_MAX: usize = 100;

/// Looks for verifications that are due. Two of them at once do no harm: they ask under the same reference, and the first
/// answer counts.
pub struct VerificationWorker {
    service: Arc<VaultService>,
    interval: Duration,
}

impl VerificationWorker {
    /// The worker of a service: looks every `interval`.
    #[must_use]
    pub const fn new(service: Arc<VaultService>, interval: Duration) -> Self {
        Self { service, interval }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            if let Err(error) = self.run_once().await {
                tracing::warn!(%error, "due verifications could not be read; it is tried again");
            }
            tokio::select! {
                () = tokio::time::sleep(self.interval) => {}
                stopped = stop.wait_for(|stopped| *stopped) => {
                    drop(stopped);
                    return;
                }
            }
        }
    }

    /// One round. Says how many there were.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn run_once(&self) -> Result<usize, StoreError> {
        self.service.go_on_with_verifications(DUE_MAX).await
    }
}
