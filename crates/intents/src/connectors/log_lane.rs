//! The connectors' logs: a bounded queue, written in batches behind the calls. A line that finds no room is dropped and
//! counted: a log must not hold a payment up.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::connectors::{CONNECTOR_LOG_LIFE, ConnectorLog};
use tender_domain::kernel::StoreError;
use tokio::sync::{Mutex, mpsc, watch};

use crate::IntentsService;

/// The most lines that wait.
const QUEUE_MAX: usize = 4096;
/// The most lines of one statement.
const BATCH_MAX: usize = 256;
/// How long lines gather.
const GATHER: Duration = Duration::from_millis(100);
/// How long to wait after lines could not be written.
const RETRY: Duration = Duration::from_millis(1000);
/// How often lines whose time is over are forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(600);
/// How many are forgotten at once.
const FORGET_BATCH: usize = 5_000;

pub(crate) struct LogLane {
    queue: mpsc::Sender<ConnectorLog>,
    taken: Mutex<(mpsc::Receiver<ConnectorLog>, Vec<ConnectorLog>)>,
}

impl Default for LogLane {
    fn default() -> Self {
        let (queue, from) = mpsc::channel(QUEUE_MAX);
        Self { queue, taken: Mutex::new((from, Vec::new())) }
    }
}

impl LogLane {
    pub(crate) fn put(&self, line: ConnectorLog) {
        if self.queue.try_send(line).is_err() {
            metrics::counter!("tender_connector_log_lines_dropped_total").increment(1);
        }
    }
}

/// Writes the connectors' logs, and forgets what is too old.
pub struct ConnectorLogs(Arc<IntentsService>);

impl ConnectorLogs {
    /// The writer of a service's logs.
    #[must_use]
    pub const fn new(service: Arc<IntentsService>) -> Self {
        Self(service)
    }

    /// Runs until `stop` becomes true or its sender is gone; then writes what waits.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut forget = tokio::time::interval(FORGET_EVERY);
        loop {
            let pause = match self.write_once().await {
                Ok(BATCH_MAX..) => Duration::ZERO,
                Ok(_) => GATHER,
                Err(error) => {
                    tracing::warn!(%error, "the logs of connectors could not be written; they are tried again");
                    RETRY
                }
            };
            let is_time = tokio::select! {
                biased;
                () = tokio::time::sleep(pause) => false,
                _ = forget.tick() => true,
                stopped = stop.wait_for(|stopped| *stopped) => {
                    drop(stopped);
                    break;
                }
            };
            if is_time && let Err(error) = self.forget_once().await {
                tracing::warn!(%error, "old lines of connectors' logs could not be forgotten");
            }
        }
        while matches!(self.write_once().await, Ok(1..)) {}
    }

    /// Writes a batch of what waits. Says how many lines that were.
    ///
    /// # Errors
    /// When they cannot be written; they wait on.
    pub async fn write_once(&self) -> Result<usize, StoreError> {
        let connectors = &self.0.connectors;
        let mut taken = connectors.logs.taken.lock().await;
        let (from, batch) = &mut *taken;
        while batch.len() < BATCH_MAX {
            let Ok(line) = from.try_recv() else { break };
            batch.push(line);
        }
        if batch.is_empty() {
            return Ok(0);
        }
        connectors.ports.store.keep_logs(batch).await?;
        let written = batch.len();
        batch.clear();
        Ok(written)
    }

    /// Forgets all lines whose time is over. Says how many those were.
    ///
    /// # Errors
    /// When the store cannot be reached.
    pub async fn forget_once(&self) -> Result<u64, StoreError> {
        let before = self.0.clock.now() - CONNECTOR_LOG_LIFE;
        let mut all = 0;
        loop {
            let forgotten = self.0.connectors.ports.store.forget_logs(before, FORGET_BATCH).await?;
            all += forgotten;
            if forgotten < FORGET_BATCH as u64 {
                return Ok(all);
            }
        }
    }
}
