//! Does the items of jobs, the first of each job before the second of any.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tender_domain::intents::{Job, JobItem, JobItemState};
use tender_domain::kernel::StoreError;
use tokio::sync::watch;

use super::rounds::rounds;
use crate::IntentsService;
use crate::http::{PRESENTER, item_command};

/// How many items are done at once.
const CONCURRENCY: usize = 8;
/// How many are taken in one round.
const BATCH_MAX: usize = 100;

/// Creates the intents of jobs. Two of them at once do no harm: an item's intent is created once, by its own key.
pub struct BulkCreation {
    service: Arc<IntentsService>,
    interval: Duration,
}

impl BulkCreation {
    /// The worker of a service: looks for items every `interval`.
    #[must_use]
    pub const fn new(service: Arc<IntentsService>, interval: Duration) -> Self {
        Self { service, interval }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let round = || async {
            if let Err(error) = self.run_once().await {
                tracing::warn!(%error, "the items of jobs could not be read");
            }
        };
        rounds(self.interval, stop, round).await;
    }

    /// One round: the items that are to be done now. Says how many have ended.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn run_once(&self) -> Result<usize, StoreError> {
        let pending = self.service.store.pending_items(BATCH_MAX).await?;
        let ended: Vec<bool> = stream::iter(pending)
            .map(|(job, item)| self.do_item(job, item))
            .buffer_unordered(CONCURRENCY)
            .collect()
            .await;
        Ok(ended.into_iter().filter(|ended| *ended).count())
    }

    async fn do_item(&self, job: Job, item: JobItem) -> bool {
        let JobItemState::Pending(body) = &item.state else { return false };
        let default = self.service.default_capture_mode(&job.tenant);
        let (number, wanted) = (item.number, item_command(body, default));
        match self.service.do_item(&job, item, wanted, PRESENTER).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(job = %job.id, number, %error, "an item of a job is tried again later");
                false
            }
        }
    }
}
