//! Makes the next calls of refunds that their gateways did not do for reasons that pass, and measures what waits.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tender_domain::kernel::{StoreError, Timestamp};
use tender_domain::refunds::{DueRefund, WaitingRefunds};
use tokio::sync::watch;

use super::rounds::rounds;
use crate::RefundsService;

/// How many gateways are asked at once.
const CONCURRENCY: usize = 8;

/// Asks gateways once more when it is due. Two of them at once do no harm: a call is committed by one of them.
pub struct RefundRetries {
    service: Arc<RefundsService>,
    interval: Duration,
    batch_max: u32,
}

impl RefundRetries {
    /// The worker of a service: looks for what is due every `interval`, at most `batch_max` refunds at a time.
    #[must_use]
    pub const fn new(service: Arc<RefundsService>, interval: Duration, batch_max: u32) -> Self {
        Self { service, interval, batch_max }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        rounds(self.interval, stop, "refunds that are to be tried again", || self.run_once()).await;
    }

    /// One round: everything that is due now, up to the batch's size. Says how many calls were made.
    ///
    /// # Errors
    /// When what is due, or what waits, cannot be read.
    pub async fn run_once(&self) -> Result<usize, StoreError> {
        let now = self.service.clock.now();
        let due = self.service.store.due_retries(now, self.batch_max).await?;
        let made: Vec<bool> =
            stream::iter(due).map(|due| self.retry(due)).buffer_unordered(CONCURRENCY).collect().await;
        measure(&self.service.store.waiting_refunds().await?, now);
        Ok(made.into_iter().filter(|made| *made).count())
    }

    async fn retry(&self, due: DueRefund) -> bool {
        match self.service.retry_refund(&due.tenant, due.refund).await {
            Ok(Some(refund)) => {
                let status = refund.status().as_str();
                metrics::counter!("refunds_retries_total", "status" => status).increment(1);
                true
            }
            Ok(None) => false,
            Err(error) => {
                tracing::warn!(refund = %due.refund, tenant = %due.tenant, %error, "a refund could not be tried again");
                false
            }
        }
    }
}

fn measure(waiting: &WaitingRefunds, now: Timestamp) {
    for (queue, whom) in [(&waiting.for_attempt, "attempt"), (&waiting.for_person, "person")] {
        let age = queue.oldest_at.map_or(0, |oldest| (now - oldest).num_seconds().max(0));
        metrics::gauge!("refunds_waiting", "for" => whom)
            .set(f64::from(u32::try_from(queue.count).unwrap_or(u32::MAX)));
        metrics::gauge!("refunds_oldest_waiting_seconds", "for" => whom)
            .set(f64::from(u32::try_from(age).unwrap_or(u32::MAX)));
    }
}
