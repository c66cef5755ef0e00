//! Following an outbox inside the process.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::ports::Consumer;
use tender_postgres::{FollowerOptions, OutboxFollower, OutboxLog, PgPool};
use tender_settings::Relay;
use tokio::sync::watch;
use uuid::Uuid;

use crate::Background;

/// The outbox of one schema, and what tells of news in it.
#[derive(Clone)]
pub struct Outbox {
    /// The schema, and so the service (`intents`).
    pub schema: &'static str,
    /// Reads it.
    pub pool: PgPool,
    /// Changes when messages were committed to it.
    pub told: watch::Receiver<u64>,
}

/// How this process follows outboxes.
#[derive(Debug, Clone)]
pub struct Following {
    /// The process, in the leases of positions.
    pub owner: Uuid,
    /// Batches, waits and leases.
    pub relay: Relay,
    /// Whether another process's lease counts for nothing: only for one that holds its data folder alone.
    pub takeover: bool,
}

impl Following {
    /// The outbox as a follower of this name sees it.
    #[must_use]
    pub fn log(&self, outbox: &Outbox, follower: &'static str) -> OutboxLog {
        let lease = Duration::from_secs(self.relay.lease_seconds);
        OutboxLog::new(outbox.pool.clone(), outbox.schema, follower, self.owner, lease)
    }

    /// Hands the outbox to a consumer until the process ends.
    pub fn begin(&self, background: &Background, outbox: &Outbox, consumer: Arc<dyn Consumer>) {
        let options = FollowerOptions {
            batch_max: i64::try_from(self.relay.batch_max).unwrap_or(i64::MAX),
            poll: Duration::from_millis(self.relay.poll_interval_millis),
            gather: Duration::from_millis(self.relay.gather_millis),
            takeover: self.takeover,
            ..FollowerOptions::default()
        };
        let (log, told) = (self.log(outbox, consumer.name()), outbox.told.clone());
        background.keep(format!("{} of {}", consumer.name(), outbox.schema), move |stop| {
            OutboxFollower::new(log.clone(), Arc::clone(&consumer), told.clone(), options).run(stop)
        });
    }
}
