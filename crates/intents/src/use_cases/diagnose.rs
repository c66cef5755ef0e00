//! What people who look after payments are shown.

use std::time::Duration;

use tender_domain::intents::{OpenCounts, OpenOutcome, RecentAttempts};
use tender_domain::kernel::{AttemptId, Caller, Timestamp};
use uuid::Uuid;

use super::IntentsError;
use crate::IntentsService;
use crate::latencies::Latency;

/// How many intents with open outcomes are shown.
const OPEN_MAX: usize = 100;
/// How many attempts are looked at for those that failed.
pub(crate) const ATTEMPTS_LOOKED_AT_MAX: usize = 10_000;
/// How many of those are shown.
const FAILED_MAX: usize = 50;
/// How far back failed attempts are looked for.
const FAILED_WITHIN: Duration = Duration::from_secs(3_600);

/// The state of a tenant's payments.
pub(crate) struct Diagnosis {
    /// When it was made.
    pub(crate) at: Timestamp,
    /// How many outcomes are open.
    pub(crate) counts: OpenCounts,
    /// The longest open ones.
    pub(crate) open: Vec<OpenOutcome>,
    /// What failed in the last hour.
    pub(crate) attempts: RecentAttempts,
    /// How long gateways took, in this process.
    pub(crate) latencies: Vec<Latency>,
}

impl IntentsService {
    /// What is open, what failed, and how long gateways take.
    pub(crate) async fn diagnose(&self, caller: &Caller) -> Result<Diagnosis, IntentsError> {
        let at = self.clock.now();
        let (intents, counts) = self.store.with_open_outcomes(&caller.tenant, OPEN_MAX).await?;
        let mut open: Vec<OpenOutcome> = intents.iter().flat_map(|intent| intent.open_outcomes()).collect();
        open.sort_by_key(|outcome| outcome.since);
        open.truncate(OPEN_MAX);
        let from = first_attempt_at(at - FAILED_WITHIN);
        let attempts =
            self.store.recent_attempts(&caller.tenant, from, ATTEMPTS_LOOKED_AT_MAX, FAILED_MAX).await?;
        Ok(Diagnosis { at, counts, open, attempts, latencies: self.latencies.show() })
    }

    /// How old the oldest open outcome of all tenants is; none when none is open.
    pub(crate) async fn measure_oldest_outcome(&self) -> Result<(), IntentsError> {
        let oldest = self.store.oldest_open_outcome().await?;
        let age = oldest.map_or(0, |oldest| (self.clock.now() - oldest).num_seconds().max(0));
        let age = u32::try_from(age).unwrap_or(u32::MAX);
        metrics::gauge!("tender_oldest_open_outcome_seconds").set(f64::from(age));
        Ok(())
    }
}

/// The lowest id that an attempt of this instant can have: the first 48 bits of a version-7 UUID are its time.
fn first_attempt_at(instant: Timestamp) -> AttemptId {
    let millis = u128::try_from(instant.timestamp_millis()).unwrap_or_default();
    AttemptId::from_uuid(Uuid::from_u128(millis << 80))
}
