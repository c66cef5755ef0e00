//! A bounded queue of lines, written in batches behind the reads (ADR 11).

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tender_domain::kernel::{SecretReadId, StoreError, TenantId, Timestamp};
use tender_domain::vault::{AccessLog, SecretRead};
use tokio::sync::{Mutex, mpsc, watch};

use crate::VaultService;

/// The most lines that wait.
const QUEUE_MAX: usize = 8192;
/// The most lines of one statement.
const BATCH_MAX: usize = 512;
/// How long lines gather: one commit for the reads of this time.
const GATHER: Duration = Duration::from_millis(50);
/// How long a read waits for room when the queue is full; then the secret is not given out.
const ROOM_TIMEOUT: Duration = Duration::from_secs(2);
/// How long to wait after lines could not be written.
const RETRY: Duration = Duration::from_millis(500);
/// How many of the newest reads are remembered, of all tenants, and how many of a tenant's are looked for in the log when
/// it is attested.
const REMEMBERED_MAX: usize = 4096;
const LOOKED_FOR_MAX: usize = 100;
/// How often the last lines are tried to be written when the process stops.
const LAST_TRIES: usize = 10;

/// A secret that was read could not be put down, so it is not given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the log of secret reads takes no line now")]
pub(crate) struct LogRefusal;

/// The queue, and the batch that is being written.
pub(crate) struct AccessLane {
    log: Arc<dyn AccessLog>,
    queue: mpsc::Sender<SecretRead>,
    taken: Mutex<Taken>,
    /// The newest reads of this process whose secrets were given out, the newest last.
    given_out: std::sync::Mutex<VecDeque<GivenOut>>,
}

struct GivenOut {
    tenant: TenantId,
    line: SecretReadId,
    at: Timestamp,
}

struct Taken {
    from: mpsc::Receiver<SecretRead>,
    /// Taken and not yet known to be written.
    batch: Vec<SecretRead>,
}

impl AccessLane {
    pub(crate) fn new(log: Arc<dyn AccessLog>) -> Self {
        let (queue, from) = mpsc::channel(QUEUE_MAX);
        let taken = Mutex::new(Taken { from, batch: Vec::new() });
        Self { log, queue, taken, given_out: std::sync::Mutex::default() }
    }

    /// Puts a line down, to be written soon. Waits only when the queue is full.
    ///
    /// # Errors
    /// When there is no room in time, or the process stops: the secret must not be given out then.
    pub(crate) async fn put(&self, read: SecretRead) -> Result<(), LogRefusal> {
        let given_out = GivenOut { tenant: read.tenant.clone(), line: read.id, at: read.at };
        let put = self.queue.send_timeout(read, ROOM_TIMEOUT).await;
        put.map_err(|_| {
            metrics::counter!("vault_access_log_refusals_total").increment(1);
            LogRefusal
        })?;
        let mut newest = self.given_out.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.len() == REMEMBERED_MAX {
            newest.pop_front();
        }
        newest.push_back(given_out);
        Ok(())
    }

    /// The lines of the newest reads of the tenant's secrets that this process has given out since then: each of them is
    /// in the log, or has waited for less than the writer's next round.
    pub(crate) fn newest(&self, tenant: &TenantId, since: Timestamp) -> Vec<SecretReadId> {
        let newest = self.given_out.lock().unwrap_or_else(PoisonError::into_inner);
        let own = newest.iter().rev().filter(|one| one.tenant == *tenant && one.at >= since);
        own.map(|one| one.line).take(LOOKED_FOR_MAX).collect()
    }

    /// Writes all that waits by now.
    ///
    /// # Errors
    /// When it cannot be written; it waits on.
    pub(crate) async fn flush(&self) -> Result<(), StoreError> {
        let mut taken = self.taken.lock().await;
        for _ in 0..=QUEUE_MAX / BATCH_MAX {
            if self.write(&mut taken).await? == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Writes one batch of what waits. Says how many lines that were.
    async fn write(&self, taken: &mut Taken) -> Result<usize, StoreError> {
        while taken.batch.len() < BATCH_MAX {
            let Ok(read) = taken.from.try_recv() else { break };
            taken.batch.push(read);
        }
        if taken.batch.is_empty() {
            return Ok(0);
        }
        self.log.append(&taken.batch).await?;
        let written = taken.batch.len();
        metrics::counter!("vault_access_log_lines_total").increment(written as u64);
        taken.batch.clear();
        Ok(written)
    }
}

/// Writes the log of secret reads.
pub struct AccessLogWriter(Arc<VaultService>);

impl AccessLogWriter {
    /// The writer of a service's log.
    #[must_use]
    pub const fn new(service: Arc<VaultService>) -> Self {
        Self(service)
    }

    /// Runs until `stop` becomes true or its sender is gone; then takes no more lines, and writes all that it took.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        loop {
            let pause = match self.write_once().await {
                Ok(BATCH_MAX..) => Duration::ZERO,
                Ok(_) => GATHER,
                Err(error) => {
                    tracing::warn!(%error, "the log of secret reads could not be written; it is tried again");
                    RETRY
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                stopped = stop.wait_for(|stopped| *stopped) => {
                    drop(stopped);
                    break;
                }
            }
        }
        self.close().await;
    }

    /// Writes a batch of what waits. Says how many lines that were.
    ///
    /// # Errors
    /// When they cannot be written; they wait on.
    pub async fn write_once(&self) -> Result<usize, StoreError> {
        let mut taken = self.0.reads.taken.lock().await;
        self.0.reads.write(&mut taken).await
    }

    async fn close(&self) {
        let mut taken = self.0.reads.taken.lock().await;
        taken.from.close();
        let mut tries = 0;
        loop {
            match self.0.reads.write(&mut taken).await {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) if tries < LAST_TRIES => {
                    tries += 1;
                    tracing::warn!(%error, "the last lines of the log of secret reads are tried again");
                    tokio::time::sleep(RETRY).await;
                }
                Err(error) => {
                    let lines = taken.batch.len() + taken.from.len();
                    tracing::error!(lines, %error, "lines of the log of secret reads were lost at the stop");
                    return;
                }
            }
        }
    }
}
