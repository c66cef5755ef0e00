//! Does the items of jobs, the first of each job before the second of any.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tender_domain::jobs::Job;
use tender_domain::kernel::StoreError;
use tender_domain::refunds::{RefundJobItem, RefundJobItemState};
use tokio::sync::watch;

use super::rounds::rounds;
use crate::RefundsService;
use crate::http::{PRESENTER, item_command};

/// How many items are done at once.
const CONCURRENCY: usize = 8;
/// How many are taken in one round.
const BATCH_MAX: usize = 100;

/// Makes the refunds of jobs. Two of them at once do no harm: an item's refund is made once, by its own key.
pub struct BulkRefunds {
    service: Arc<RefundsService>,
    interval: Duration,
}

impl BulkRefunds {
    /// The worker of a service: looks for items every `interval`.
    #[must_use]
    pub const fn new(service: Arc<RefundsService>, interval: Duration) -> Self {
        Self { service, interval }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        rounds(self.interval, stop, "the items of jobs", || self.run_once()).await;
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

    async fn do_item(&self, job: Job, item: RefundJobItem) -> bool {
        let RefundJobItemState::Pending(body) = &item.state else { return false };
        let (number, wanted) = (item.number, item_command(body));
        match self.service.do_item(&job, item, wanted, PRESENTER).await {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(job = %job.id, number, %error, "an item of a job is tried again later");
                false
            }
        }
    }
}
