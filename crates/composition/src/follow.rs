//! Following an outbox inside the process.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::ports::Consumer;
use tender_postgres::{FollowerOptions, OutboxFollower, OutboxLog};
use tender_settings::Relay;
use uuid::Uuid;

use crate::{Background, Part};

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
    /// The outbox of a part as a follower of this name sees it.
    #[must_use]
    pub fn log(&self, part: &Part, follower: &'static str) -> OutboxLog {
        let lease = Duration::from_secs(self.relay.lease_seconds);
        OutboxLog::new(part.pool.clone(), part.name, follower, self.owner, lease)
    }

    /// Hands the outbox of a part to a consumer until the process ends.
    pub fn begin(&self, background: &Background, part: &Part, consumer: Arc<dyn Consumer>) {
        let options = FollowerOptions {
            batch_max: i64::try_from(self.relay.batch_max).unwrap_or(i64::MAX),
            poll: Duration::from_millis(self.relay.poll_interval_millis),
            takeover: self.takeover,
            ..FollowerOptions::default()
        };
        let (log, told) = (self.log(part, consumer.name()), part.told.clone());
        background.keep(format!("{} of {}", consumer.name(), part.name), move |stop| {
            OutboxFollower::new(log.clone(), Arc::clone(&consumer), told.clone(), options).run(stop)
        });
    }
}
