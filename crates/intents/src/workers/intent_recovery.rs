//! Drives every call without an outcome to one: after a crash, a time-out, or nonsense from a gateway; what cannot be
//! found out in time is left to a person.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tender_domain::kernel::StoreError;
use tokio::sync::watch;

use super::rounds::rounds;
use crate::IntentsService;

/// How many intents are resolved at once.
const CONCURRENCY: usize = 8;

/// Looks outcomes up when they are due. Two of them at once do no harm: who is later finds the outcome recorded.
pub struct IntentRecovery {
    service: Arc<IntentsService>,
    interval: Duration,
    batch_max: usize,
}

impl IntentRecovery {
    /// The worker of a service: looks every `interval` for what is due, up to `batch_max` of it.
    #[must_use]
    pub const fn new(service: Arc<IntentsService>, interval: Duration, batch_max: usize) -> Self {
        Self { service, interval, batch_max }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let round = || async {
            match self.run_once().await {
                Ok(resolved) if resolved > 0 => {
                    tracing::info!(resolved, "found out outcomes that were not known")
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "intents that are due could not be read"),
            }
        };
        rounds(self.interval, stop, round).await;
    }

    /// One round: what is due now. Says how many intents have no open outcome any more.
    ///
    /// # Errors
    /// When what is due cannot be read.
    pub async fn run_once(&self) -> Result<usize, StoreError> {
        if let Err(error) = self.service.measure_oldest_outcome().await {
            tracing::warn!(%error, "the oldest open outcome could not be measured");
        }
        let due = self.service.store.due(self.service.clock.now(), self.batch_max).await?;
        let resolved: Vec<bool> = stream::iter(due)
            .map(|(tenant, id)| async move {
                match self.service.resolve_due(&tenant, id).await {
                    Ok(known) => known,
                    Err(error) => {
                        tracing::warn!(intent = %id, %tenant, %error, "an intent could not be resolved");
                        false
                    }
                }
            })
            .buffer_unordered(CONCURRENCY)
            .collect()
            .await;
        Ok(resolved.into_iter().filter(|known| *known).count())
    }
}
