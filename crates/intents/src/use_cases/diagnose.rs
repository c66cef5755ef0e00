//! What people who look after payments are shown.

use std::time::Duration;

use tender_domain::intents::{OpenCounts, OpenOutcome, RecentAttempts};
use tender_domain::kernel::{AttemptId, Caller, TenantId, Timestamp};
use tender_domain::refunds::{OpenRefund, OpenRefundsOf};
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
/// How many refunds that are left to a person are shown.
const QUEUED_REFUNDS_MAX: usize = 100;
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
    /// The refunds that are left to a person; none while refunds does not tell.
    pub(crate) queued_refunds: Option<QueuedRefunds>,
    /// What failed in the last hour.
    pub(crate) attempts: RecentAttempts,
    /// How long gateways took, in this process.
    pub(crate) latencies: Vec<Latency>,
}

/// Refunds that are left to a person.
pub(crate) struct QueuedRefunds {
    /// The longest open ones, oldest first.
    pub(crate) shown: Vec<OpenRefund>,
    /// Whether there are more.
    pub(crate) more: bool,
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
        let queued_refunds = self.queued_refunds(&caller.tenant).await;
        Ok(Diagnosis { at, counts, open, queued_refunds, attempts, latencies: self.latencies.show() })
    }

    /// Refunds' part of the queue. What it does not tell leaves the rest to be shown.
    async fn queued_refunds(&self, tenant: &TenantId) -> Option<QueuedRefunds> {
        let asked =
            self.open_refunds.open_refunds(tenant, &OpenRefundsOf::Queue, None, QUEUED_REFUNDS_MAX + 1).await;
        let mut shown = asked
            .inspect_err(|error| tracing::warn!(%error, "refunds could not be asked for its queue"))
            .ok()?;
        let more = shown.len() > QUEUED_REFUNDS_MAX;
        shown.truncate(QUEUED_REFUNDS_MAX);
        Some(QueuedRefunds { shown, more })
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
