//! Reminds people of disputes before their time to be answered is over.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::kernel::StoreError;
use tokio::sync::watch;

use super::rounds::rounds;
use crate::RefundsService;

/// Reminds of what is open and due soon. Two of them at once do no harm: each reminder is written once.
pub struct DisputeReminders {
    service: Arc<RefundsService>,
    interval: Duration,
    batch_max: u32,
}

impl DisputeReminders {
    /// The worker of a service: looks every `interval`, at most at `batch_max` disputes at a time.
    #[must_use]
    pub const fn new(service: Arc<RefundsService>, interval: Duration, batch_max: u32) -> Self {
        Self { service, interval, batch_max }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        rounds(self.interval, stop, "disputes that are due", || self.run_once()).await;
    }

    /// One round. Says of how many people were reminded.
    ///
    /// # Errors
    /// When what is due cannot be read.
    pub async fn run_once(&self) -> Result<usize, StoreError> {
        let due = self.service.cases.disputes_due(self.service.clock.now(), self.batch_max).await?;
        let mut reminded = 0;
        for one in due {
            let (dispute, tenant) = (one.dispute, one.tenant.clone());
            match self.service.remind_of(one).await {
                Ok(is_told) => reminded += usize::from(is_told),
                Err(error) => {
                    tracing::warn!(%dispute, %tenant, %error, "nobody could be reminded of a dispute");
                }
            }
        }
        Ok(reminded)
    }
}
