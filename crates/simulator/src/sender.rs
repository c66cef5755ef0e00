//! Sends what is due of the callbacks, until their receiver has them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tender_domain::kernel::{StoreError, TenantId};
use tender_domain::simulator::{BookedCallback, CallbackTarget};
use tokio::sync::watch;

use crate::SimulatorGateway;
use crate::signature::sign;

/// How many payments' callbacks are sent at once; those of one payment go one after the other.
const CONCURRENCY: usize = 8;
/// How many are taken in one round.
const BATCH_MAX: usize = 200;

/// Sends callbacks to where they are wanted. Two of them at once do no harm: receivers know what they have.
pub struct CallbackSender {
    simulator: SimulatorGateway,
    target: Arc<dyn CallbackTarget>,
    interval: Duration,
}

impl CallbackSender {
    /// The sender of a simulator: looks for what is due every `interval`, and when something was booked.
    #[must_use]
    pub const fn new(
        simulator: SimulatorGateway,
        target: Arc<dyn CallbackTarget>,
        interval: Duration,
    ) -> Self {
        Self { simulator, target, interval }
    }

    /// Runs until `stop` becomes true or its sender is gone. A round that has begun is ended first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            if let Err(error) = self.run_once().await {
                tracing::warn!(%error, "callbacks that are due could not be read");
            }
            tokio::select! {
                biased;
                () = tokio::time::sleep(self.interval) => {}
                () = self.simulator.booked.notified() => {}
                stopped = stop.wait_for(|stopped| *stopped) => {
                    drop(stopped);
                    return;
                }
            }
        }
    }

    /// One round: what is due now. Says how many were delivered.
    ///
    /// # Errors
    /// When what is due cannot be read.
    pub async fn run_once(&self) -> Result<usize, StoreError> {
        let due = self.simulator.books.due_callbacks(self.simulator.clock.now(), BATCH_MAX).await?;
        let mut lanes: BTreeMap<(TenantId, String), Vec<BookedCallback>> = BTreeMap::new();
        for callback in due {
            lanes.entry((callback.tenant.clone(), callback.reference.clone())).or_default().push(callback);
        }
        let sent: Vec<usize> = stream::iter(lanes.into_values())
            .map(|lane| self.send_lane(lane))
            .buffer_unordered(CONCURRENCY)
            .collect()
            .await;
        Ok(sent.into_iter().sum())
    }

    async fn send_lane(&self, lane: Vec<BookedCallback>) -> usize {
        let mut delivered = 0;
        for callback in lane {
            let signed = sign(
                &self.simulator.options.secret,
                &callback.event_id,
                &callback.body,
                self.simulator.clock.now(),
            );
            let result = self.target.deliver(&signed).await;
            let now = self.simulator.clock.now();
            let after = match result {
                Ok(()) => {
                    delivered += 1;
                    callback.delivered(now)
                }
                Err(problem) => {
                    tracing::debug!(callback = callback.id, problem, "a callback was not delivered");
                    callback.failed(now)
                }
            };
            // When this fails the callback is sent again: its receiver knows it.
            if let Err(error) = self.simulator.books.save_callback(&after).await {
                tracing::warn!(%error, "what became of a callback could not be written");
            }
        }
        delivered
    }
}
