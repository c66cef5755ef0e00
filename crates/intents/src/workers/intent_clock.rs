//! Does what the time has come for: captures of our own, the end of authorizations and of what can no longer be
//! confirmed, challenges that nobody meets.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tender_domain::kernel::StoreError;
use tokio::sync::watch;

use super::rounds::rounds;
use crate::IntentsService;

/// How many intents are worked on at once.
const CONCURRENCY: usize = 8;
/// How many are taken in one round.
const BATCH_MAX: usize = 200;

/// Acts when the time of something has come. Two of them at once do no harm: who is later finds it done.
pub struct IntentClock {
    service: Arc<IntentsService>,
    interval: Duration,
}

impl IntentClock {
    /// The worker of a service: looks every `interval`.
    #[must_use]
    pub const fn new(service: Arc<IntentsService>, interval: Duration) -> Self {
        Self { service, interval }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let round = || async {
            match self.run_once().await {
                Ok(done) if done > 0 => tracing::info!(done, "did to intents what their time had come for"),
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "intents whose time has come could not be read"),
            }
        };
        rounds(self.interval, stop, round).await;
    }

    /// One round: what the time has come for now. Says how many intents there were.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn run_once(&self) -> Result<usize, StoreError> {
        let service = &self.service;
        let now = service.clock.now();
        let timed = service.store.timed(now, now - service.options.challenge_timeout, BATCH_MAX).await?;
        let acted: Vec<bool> = stream::iter(timed)
            .map(|(tenant, id)| async move {
                match service.act_on_time(&tenant, id).await {
                    Ok(acted) => acted,
                    Err(error) => {
                        tracing::warn!(intent = %id, %tenant, %error, "what the time had come for failed");
                        false
                    }
                }
            })
            .buffer_unordered(CONCURRENCY)
            .collect()
            .await;
        Ok(acted.into_iter().filter(|acted| *acted).count())
    }
}
