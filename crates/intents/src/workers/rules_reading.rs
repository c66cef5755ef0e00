//! Keeps what this process knows of tenants' settings as new as what any process has heard.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::rounds::rounds;
use crate::IntentsService;

/// Reads rules that another process has heard of.
pub struct RulesReading {
    service: Arc<IntentsService>,
    interval: Duration,
}

impl RulesReading {
    /// The worker of a service: reads every `interval`.
    #[must_use]
    pub const fn new(service: Arc<IntentsService>, interval: Duration) -> Self {
        Self { service, interval }
    }

    /// Runs until `stop` becomes true or its sender is gone.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let round = || async {
            if let Err(error) = self.service.load_rules().await {
                tracing::warn!(%error, "the settings of tenants could not be read; those that are known stay");
            }
            if let Err(error) = self.service.load_routing().await {
                tracing::warn!(%error, "connectors and rules could not be read; those that are known stay");
            }
        };
        rounds(self.interval, stop, round).await;
    }
}
