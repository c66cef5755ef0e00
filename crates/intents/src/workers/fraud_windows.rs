//! Forgets what was counted in windows that are over.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::fraud::Window;
use tender_domain::kernel::StoreError;
use tokio::sync::watch;

use crate::IntentsService;

/// How often it looks.
const INTERVAL: Duration = Duration::from_secs(600);
/// How many counters are forgotten at once.
const BATCH: usize = 5_000;

/// Forgets counters of fraud's windows, an hour after the last window that they count in.
pub struct FraudWindows {
    service: Arc<IntentsService>,
}

impl FraudWindows {
    /// The worker of a service.
    #[must_use]
    pub const fn new(service: Arc<IntentsService>) -> Self {
        Self { service }
    }

    /// Runs until `stop` becomes true or its sender is gone.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            if let Err(error) = self.run_once().await {
                tracing::warn!(%error, "counters of fraud's windows could not be forgotten");
            }
            tokio::select! {
                biased;
                () = tokio::time::sleep(INTERVAL) => {}
                stopped = stop.wait_for(|stopped| *stopped) => {
                    drop(stopped);
                    return;
                }
            }
        }
    }

    /// One round: all that can be forgotten now. Says how many counters that were.
    ///
    /// # Errors
    /// When the store cannot be reached.
    pub async fn run_once(&self) -> Result<u64, StoreError> {
        let before = Window::forgotten_before(self.service.clock.now());
        let mut all = 0;
        loop {
            let forgotten = self.service.fraud.store.forget_windows(&before, BATCH).await?;
            all += forgotten;
            if forgotten < BATCH as u64 {
                return Ok(all);
            }
        }
    }
}
