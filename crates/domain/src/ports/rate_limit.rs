use std::time::Duration;

use async_trait::async_trait;

use crate::kernel::{StoreError, TenantId, Timestamp};

/// A limit: at most `max` requests in any `window`.
///
/// Two limits of one name count the same requests; who is given a larger one keeps what was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// What is counted, as clients see it in `RateLimit-Policy` (`requests`): at most 40 lower-case letters and dashes.
    pub name: &'static str,
    /// The most requests of one window; at least 1.
    pub max: u32,
    /// How long a request counts.
    pub window: Duration,
}

impl RateLimit {
    /// At most `max` in any minute.
    #[must_use]
    pub const fn per_minute(name: &'static str, max: u32) -> Self {
        Self { name, max, window: Duration::from_secs(60) }
    }

    /// At most `max` in any hour.
    #[must_use]
    pub const fn per_hour(name: &'static str, max: u32) -> Self {
        Self { name, max, window: Duration::from_secs(3600) }
    }
}

/// Whether a request was let in, and what is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateVerdict {
    /// Under which limit.
    pub limit: RateLimit,
    /// Whether it was let in. A request that was not let in does not count.
    pub allowed: bool,
    /// How many more would be let in now.
    pub remaining: u32,
    /// When the next place becomes free: of a request that was refused, when to come again.
    pub reset_after: Duration,
}

impl RateVerdict {
    /// The verdict after the requests at `hits`, oldest first, a request that was let in among them. Requests that no
    /// longer count at `now` may be among them too.
    #[must_use]
    pub fn of(limit: RateLimit, hits: &[Timestamp], allowed: bool, now: Timestamp) -> Self {
        let counted: Vec<Timestamp> = hits.iter().copied().filter(|hit| *hit + limit.window > now).collect();
        let count = u32::try_from(counted.len()).unwrap_or(u32::MAX);
        // Of a limit that was lowered more may count than it lets in: then several have to leave first.
        let over = usize::try_from(count.saturating_sub(limit.max)).unwrap_or(usize::MAX);
        let leaves = counted.get(over).map_or(limit.window, |hit| {
            let left = (*hit + limit.window) - now;
            left.to_std().unwrap_or_default()
        });
        Self { limit, allowed, remaining: limit.max.saturating_sub(count), reset_after: leaves }
    }
}

/// Counts requests, over all processes of the service together.
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Lets one more request of `subject` in, if the limit has room for it, and counts it then.
    ///
    /// # Errors
    /// When it cannot be counted; then nothing may be let in for it.
    async fn take(
        &self,
        tenant: &TenantId,
        subject: &str,
        limit: RateLimit,
        now: Timestamp,
    ) -> Result<RateVerdict, StoreError>;
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    const LIMIT: RateLimit = RateLimit::per_minute("requests", 2);

    fn at(second: i64) -> Timestamp {
        DateTime::from_timestamp(1_800_000_000 + second, 0).expect("a time in range")
    }

    fn verdict(hits: &[i64], now: i64) -> (u32, u64) {
        let hits: Vec<_> = hits.iter().copied().map(at).collect();
        let verdict = RateVerdict::of(LIMIT, &hits, false, at(now));
        (verdict.remaining, verdict.reset_after.as_secs())
    }

    #[test]
    fn a_place_becomes_free_when_the_oldest_request_that_counts_leaves() {
        assert_eq!(verdict(&[0], 10), (1, 50));
        assert_eq!(verdict(&[0, 20], 30), (0, 30));
        assert_eq!(verdict(&[0, 20], 61), (1, 19), "the first one left");
        assert_eq!(verdict(&[], 0), (2, 60));
    }

    #[test]
    fn under_a_lowered_limit_as_many_must_leave_as_are_too_many() {
        assert_eq!(verdict(&[0, 10, 20, 30], 40), (0, 40), "the third has to leave");
    }
}
