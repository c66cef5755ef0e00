//! Looks for the charges of chargebacks that came before them.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::kernel::StoreError;
use tokio::sync::watch;

use super::rounds::rounds;
use crate::RefundsService;

/// Matches chargebacks that wait for their charge, when they are due. Two of them at once do no harm: the claim of the
/// processor's reference is handed over once.
pub struct ChargebackMatching {
    service: Arc<RefundsService>,
    interval: Duration,
    batch_max: u32,
}

impl ChargebackMatching {
    /// The worker of a service: looks every `interval`, at most `batch_max` chargebacks at a time.
    #[must_use]
    pub const fn new(service: Arc<RefundsService>, interval: Duration, batch_max: u32) -> Self {
        Self { service, interval, batch_max }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        rounds(self.interval, stop, "chargebacks that wait", || self.run_once()).await;
    }

    /// One round. Says how many were matched.
    ///
    /// # Errors
    /// When what is due cannot be read.
    pub async fn run_once(&self) -> Result<usize, StoreError> {
        let due = self.service.disputes.intakes_due(self.service.clock.now(), self.batch_max).await?;
        let mut matched = 0;
        for waiting in due {
            let (id, tenant) = (waiting.id, waiting.tenant.clone());
            match self.service.match_chargeback(waiting).await {
                Ok(is_matched) => matched += usize::from(is_matched),
                Err(error) => {
                    tracing::warn!(intake = %id, %tenant, %error, "a chargeback could not be matched")
                }
            }
        }
        Ok(matched)
    }
}
