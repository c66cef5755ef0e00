//! Reminders: a dispute is to be answered soon.

use std::time::Duration;

use crate::kernel::{DisputeId, IntentId, Money, TenantId, Timestamp};

/// A dispute that is open and must be answered soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDispute {
    /// Whose.
    pub tenant: TenantId,
    /// Which: a guest's, or a chargeback.
    pub dispute: DisputeId,
    /// Of which intent.
    pub intent_id: IntentId,
    /// How much it is about.
    pub amount: Money,
    /// Until when it must be answered.
    pub due_at: Timestamp,
}

/// That people were reminded of a dispute: once for each day and distance. Written once and never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeReminder {
    /// Whose.
    pub tenant: TenantId,
    /// Of which dispute.
    pub dispute: DisputeId,
    /// Until when it must be answered, as it was known then.
    pub due_at: Timestamp,
    /// So many hours before, or less; one of [`DisputeReminder::HOURS_BEFORE`].
    pub hours_before: u32,
    /// When.
    pub at: Timestamp,
}

impl DisputeReminder {
    /// How many hours before people are reminded, the nearest first.
    pub const HOURS_BEFORE: [u32; 2] = [24, 72];
    /// From so long before on people are reminded.
    pub const AHEAD: Duration = Duration::from_secs(72 * 3_600);

    /// Which distance a dispute that is due at `due_at` has reached, seen from `now`; none when it is further away, or
    /// past.
    #[must_use]
    pub fn hours_reached(due_at: Timestamp, now: Timestamp) -> Option<u32> {
        let left = (due_at - now).to_std().ok()?;
        let is_within = |hours: &u32| left <= Duration::from_secs(u64::from(*hours) * 3_600);
        Self::HOURS_BEFORE.into_iter().find(is_within)
    }
}
