//! Acts on the callbacks that were taken in: at once, and again when that failed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::GatewayCallbacks;

/// Acts on what is due of the callbacks. Two of them at once do no harm: an effect is had once.
pub struct CallbackWorker {
    callbacks: Arc<GatewayCallbacks>,
    interval: Duration,
}

impl CallbackWorker {
    /// The worker of a service: looks every `interval`, and when something was taken in by this process.
    #[must_use]
    pub const fn new(callbacks: Arc<GatewayCallbacks>, interval: Duration) -> Self {
        Self { callbacks, interval }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            if let Err(error) = self.callbacks.act_once().await {
                tracing::warn!(%error, "callbacks that are due could not be read");
            }
            if let Err(error) = self.callbacks.measure_oldest().await {
                tracing::warn!(%error, "the oldest callback that waits could not be measured");
            }
            tokio::select! {
                biased;
                () = tokio::time::sleep(self.interval) => {}
                () = self.callbacks.received() => {}
                stopped = stop.wait_for(|stopped| *stopped) => {
                    drop(stopped);
                    return;
                }
            }
        }
    }
}
