//! Forgets callbacks that came long ago and that nobody has to look at.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::intents::CALLBACKS_KEPT_AT_LEAST;
use tender_domain::kernel::StoreError;
use tokio::sync::watch;

use super::rounds::rounds;
use crate::GatewayCallbacks;

/// How often it looks.
const INTERVAL: Duration = Duration::from_secs(3_600);
/// How many are forgotten by one statement.
const BATCH: usize = 1_000;
/// How many statements a round has at most: what is left waits for the next.
const BATCHES_MAX: usize = 100;

/// Forgets what is over once it was kept for as long as the operator wants.
pub struct CallbackRetention {
    callbacks: Arc<GatewayCallbacks>,
    kept_for: Duration,
}

impl CallbackRetention {
    /// The worker of a service, which keeps every callback for at least two weeks whatever is wanted.
    #[must_use]
    pub fn new(callbacks: Arc<GatewayCallbacks>, kept_for: Duration) -> Self {
        Self { callbacks, kept_for: kept_for.max(CALLBACKS_KEPT_AT_LEAST) }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let round = || async {
            match self.run_once().await {
                Ok(0) => {}
                Ok(forgotten) => tracing::info!(forgotten, "forgot callbacks that came long ago"),
                Err(error) => tracing::warn!(%error, "callbacks that came long ago could not be forgotten"),
            }
        };
        rounds(INTERVAL, stop, round).await;
    }

    /// One round. Says how many were forgotten.
    ///
    /// # Errors
    /// When the store cannot be reached.
    pub async fn run_once(&self) -> Result<usize, StoreError> {
        let before = self.callbacks.service.clock.now() - self.kept_for;
        let mut all = 0;
        for _ in 0..BATCHES_MAX {
            let forgotten = self.callbacks.store.forget_callbacks(before, BATCH).await?;
            all += forgotten;
            metrics::counter!("tender_gateway_callbacks_forgotten_total").increment(forgotten as u64);
            if forgotten < BATCH {
                break;
            }
        }
        Ok(all)
    }
}
