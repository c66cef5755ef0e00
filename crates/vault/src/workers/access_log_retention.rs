//! Forgets lines of the log of secret reads that are older than the operator keeps them.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::kernel::StoreError;
use tender_domain::vault::SECRET_READS_KEPT_AT_LEAST;
use tokio::sync::watch;

use crate::VaultService;

/// How often it looks.
const INTERVAL: Duration = Duration::from_secs(3_600);
/// How many are forgotten by one statement.
const BATCH: usize = 1_000;
/// How many statements a round has at most: what is left waits for the next.
const BATCHES_MAX: usize = 100;
/// Between two statements: payments go before.
const PAUSE: Duration = Duration::from_millis(50);

/// Forgets the oldest lines, in bounded steps.
pub struct AccessLogRetention {
    service: Arc<VaultService>,
    kept_for: Duration,
}

impl AccessLogRetention {
    /// The worker of a service, which keeps every line for at least a year whatever is wanted.
    #[must_use]
    pub fn new(service: Arc<VaultService>, kept_for: Duration) -> Self {
        Self { service, kept_for: kept_for.max(SECRET_READS_KEPT_AT_LEAST) }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            match self.run_once().await {
                Ok(0) => {}
                Ok(forgotten) => tracing::info!(forgotten, "forgot lines of the log of secret reads"),
                Err(error) => tracing::warn!(%error, "old lines of the log of secret reads stay"),
            }
            tokio::select! {
                () = tokio::time::sleep(INTERVAL) => {}
                stopped = stop.wait_for(|stopped| *stopped) => {
                    drop(stopped);
                    return;
                }
            }
        }
    }

    /// One round. Says how many lines were forgotten.
    ///
    /// # Errors
    /// When the store cannot be reached.
    pub async fn run_once(&self) -> Result<usize, StoreError> {
        let before = self.service.deps.clock.now() - self.kept_for;
        let mut all = 0;
        for _ in 0..BATCHES_MAX {
            let forgotten = self.service.deps.access_log.forget(before, BATCH).await?;
            all += forgotten;
            metrics::counter!("vault_secret_reads_forgotten_total").increment(forgotten as u64);
            if forgotten < BATCH {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(all)
    }
}
