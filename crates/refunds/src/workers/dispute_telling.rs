//! Tells processors what is replied to their disputes: evidence, and that the merchant gives in.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tender_domain::disputes::DisputeReply;
use tender_domain::kernel::StoreError;
use tokio::sync::watch;

use super::rounds::rounds;
use crate::RefundsService;

/// How many gateways are told at once.
const CONCURRENCY: usize = 8;

/// Sends what is due. Two of them at once do no harm: a reply is taken by one, and told again only when that one has ended.
pub struct DisputeTelling {
    service: Arc<RefundsService>,
    interval: Duration,
    batch_max: u32,
}

impl DisputeTelling {
    /// The worker of a service: looks every `interval`, at most `batch_max` replies at a time.
    #[must_use]
    pub const fn new(service: Arc<RefundsService>, interval: Duration, batch_max: u32) -> Self {
        Self { service, interval, batch_max }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        rounds(self.interval, stop, "replies to disputes that are due", || self.run_once()).await;
    }

    /// One round. Says how many replies have an end since.
    ///
    /// # Errors
    /// When what is due cannot be read.
    pub async fn run_once(&self) -> Result<usize, StoreError> {
        let due = self.service.disputes.replies_due(self.service.clock.now(), self.batch_max).await?;
        let ended: Vec<bool> =
            stream::iter(due).map(|reply| self.tell(reply)).buffer_unordered(CONCURRENCY).collect().await;
        Ok(ended.into_iter().filter(|ended| *ended).count())
    }

    async fn tell(&self, reply: DisputeReply) -> bool {
        let (reference, tenant) = (reply.reference(), reply.tenant.clone());
        match self.service.tell_processor(reply).await {
            Ok(ended) => ended,
            Err(error) => {
                tracing::warn!(reference, %tenant, %error, "what became of a reply could not be recorded");
                false
            }
        }
    }
}
