//! Sends what is due: payment links to their guests, to hotels how their payments ended, and to people what was refunded.
//! Three workers, so that no kind waits for the servers of another.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::kernel::StoreError;
use tokio::sync::watch;

use super::rounds::rounds;
use crate::IntentsService;

/// How many messages are tried in one round.
const BATCH_MAX: usize = 128;

/// Sends payment links to their guests. Two of them at once do no harm: a message is taken by one.
pub struct LinkSendings {
    service: Arc<IntentsService>,
    interval: Duration,
}

impl LinkSendings {
    /// The worker of a service: looks every `interval`.
    #[must_use]
    pub const fn new(service: Arc<IntentsService>, interval: Duration) -> Self {
        Self { service, interval }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        rounds(self.interval, stop, || async { told("payment links", self.run_once().await) }).await;
    }

    /// One round: what is to be sent now. Says how many messages were tried.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn run_once(&self) -> Result<usize, StoreError> {
        self.service.send_due_links(BATCH_MAX).await
    }
}

/// Tells hotels how their payments ended. Two of them at once do no harm: a message is taken by one.
pub struct HotelNotices {
    service: Arc<IntentsService>,
    interval: Duration,
}

impl HotelNotices {
    /// The worker of a service: looks every `interval`.
    #[must_use]
    pub const fn new(service: Arc<IntentsService>, interval: Duration) -> Self {
        Self { service, interval }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        rounds(self.interval, stop, || async { told("notices of hotels", self.run_once().await) }).await;
    }

    /// One round: what is to be told now. Says how many messages were tried.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn run_once(&self) -> Result<usize, StoreError> {
        self.service.tell_hotels(BATCH_MAX).await
    }
}

/// Tells people of refunds. Two of them at once do no harm: a message is taken by one.
pub struct RefundNotices {
    service: Arc<IntentsService>,
    interval: Duration,
}

impl RefundNotices {
    /// The worker of a service: looks every `interval`.
    #[must_use]
    pub const fn new(service: Arc<IntentsService>, interval: Duration) -> Self {
        Self { service, interval }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        rounds(self.interval, stop, || async { told("notices of refunds", self.run_once().await) }).await;
    }

    /// One round: what is to be told now. Says how many messages were tried.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn run_once(&self) -> Result<usize, StoreError> {
        self.service.tell_of_refunds(BATCH_MAX).await
    }
}

fn told(kind: &str, round: Result<usize, StoreError>) {
    match round {
        Ok(tried) if tried > 0 => tracing::debug!(kind, tried, "tried to send what was due"),
        Ok(_) => {}
        Err(error) => tracing::warn!(kind, %error, "messages that are due could not be read"),
    }
}
