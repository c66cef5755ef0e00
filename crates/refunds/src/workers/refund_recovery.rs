//! Drives every refund without an outcome to one: after a crash, a time-out, or nonsense from a gateway.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tender_domain::kernel::{Lane, StoreError};
use tender_domain::refunds::{DueRefund, RefundStatus};
use tokio::sync::watch;

use super::rounds::rounds;
use crate::RefundsService;
use crate::use_cases::Asker;

/// How many gateways are asked at once.
const CONCURRENCY: usize = 8;

/// Asks for outcomes when they are due. Two of them at once do no harm: who is later finds the outcome recorded.
pub struct RefundRecovery {
    service: Arc<RefundsService>,
    interval: Duration,
    batch_max: u32,
}

/// What one round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecoveredRefunds {
    /// Refunds whose outcome is known now.
    pub settled: usize,
    /// Refunds that stay open, or could not be asked for.
    pub open: usize,
}

impl RefundRecovery {
    /// The worker of a service: looks for what is due every `interval`, at most `batch_max` refunds at a time.
    #[must_use]
    pub const fn new(service: Arc<RefundsService>, interval: Duration, batch_max: u32) -> Self {
        Self { service, interval, batch_max }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        rounds(self.interval, stop, "refunds that are due", || self.run_once()).await;
    }

    /// One round: everything that is due now, up to the batch's size.
    ///
    /// # Errors
    /// When what is due cannot be read.
    pub async fn run_once(&self) -> Result<RecoveredRefunds, StoreError> {
        let due = self.service.store.due_checks(self.service.clock.now(), self.batch_max).await?;
        let settled: Vec<bool> =
            stream::iter(due).map(|due| self.resolve(due)).buffer_unordered(CONCURRENCY).collect().await;
        let count = settled.iter().filter(|settled| **settled).count();
        Ok(RecoveredRefunds { settled: count, open: settled.len() - count })
    }

    async fn resolve(&self, due: DueRefund) -> bool {
        let asker = Asker { lane: Lane::Background, traceparent: None, key: None };
        match self.service.resolve_by_id(&due.tenant, due.refund, &asker).await {
            Ok(refund) => {
                let status = refund.status();
                metrics::counter!("refunds_recovery_total", "status" => status.as_str()).increment(1);
                !matches!(status, RefundStatus::Processing | RefundStatus::RequiresAction)
            }
            Err(error) => {
                tracing::warn!(refund = %due.refund, tenant = %due.tenant, %error, "a refund could not be resolved");
                false
            }
        }
    }
}
