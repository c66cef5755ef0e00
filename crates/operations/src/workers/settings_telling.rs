//! Tells the settings of tenants of which nobody was told any.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::OperationsService;

/// Tells the settings of tenants that an earlier release made, and told nobody of. At the start, and then every
/// `interval`, for during an upgrade an earlier release may still make some. Two of them at once do no harm: what one
/// tells the other loses to.
pub struct SettingsTelling {
    service: Arc<OperationsService>,
    interval: Duration,
}

impl SettingsTelling {
    /// How often it looks.
    pub const INTERVAL: Duration = Duration::from_secs(600);

    /// The worker of a service.
    #[must_use]
    pub const fn new(service: Arc<OperationsService>, interval: Duration) -> Self {
        Self { service, interval }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            match self.service.tell_defaults().await {
                Ok(0) => {}
                Ok(told) => tracing::info!(told, "settings of tenants were told for the first time"),
                Err(error) => tracing::warn!(%error, "settings of tenants could not be told"),
            }
            tokio::select! {
                biased;
                () = tokio::time::sleep(self.interval) => {}
                stopped = stop.wait_for(|stopped| *stopped) => {
                    drop(stopped);
                    return;
                }
            }
        }
    }
}
