//! Tells that cards expire, in their last month, and that they have, after it.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::kernel::StoreError;
use tokio::sync::watch;

use crate::VaultService;

/// Of how many it is told in a round.
const METHODS_MAX: usize = 100;
/// How often it is looked whether there is something to tell.
const LOOK: Duration = Duration::from_secs(60);
/// Between two rounds while there is more to tell: payments go before.
const PAUSE: Duration = Duration::from_millis(200);

/// Tells each thing once, however many of them there are.
pub struct CardExpiryTeller(Arc<VaultService>);

impl CardExpiryTeller {
    /// The teller of a service.
    #[must_use]
    pub const fn new(service: Arc<VaultService>) -> Self {
        Self(service)
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            let told = self.run_once().await.unwrap_or_else(|error| {
                tracing::warn!(%error, "cards that expire could not be read; it is tried again");
                0
            });
            let pause = if told == METHODS_MAX { PAUSE } else { LOOK };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                stopped = stop.wait_for(|stopped| *stopped) => {
                    drop(stopped);
                    return;
                }
            }
        }
    }

    /// One round. Says of how many cards it was told.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn run_once(&self) -> Result<usize, StoreError> {
        self.0.tell_expiries(METHODS_MAX).await
    }
}
