//! Limits of requests, counted in memory.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use tender_domain::kernel::{StoreError, TenantId, Timestamp};
use tender_domain::ports::{RateLimit, RateLimiter, RateVerdict};

type Counted = HashMap<(TenantId, &'static str, String), Vec<Timestamp>>;

/// Counts requests in memory: of one process, so for tests only.
#[derive(Debug, Default)]
pub struct MemoryRateLimiter {
    counted: Mutex<Counted>,
    away: AtomicBool,
}

impl MemoryRateLimiter {
    /// Nothing can be counted any more, as while the database is away; or it can again.
    pub fn go_away(&self, away: bool) {
        self.away.store(away, Ordering::Relaxed);
    }
}

#[async_trait]
impl RateLimiter for MemoryRateLimiter {
    async fn take(
        &self,
        tenant: &TenantId,
        subject: &str,
        limit: RateLimit,
        now: Timestamp,
    ) -> Result<RateVerdict, StoreError> {
        if self.away.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("it was told to be away".to_owned()));
        }
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let hits = counted.entry((tenant.clone(), limit.name, subject.to_owned())).or_default();
        hits.retain(|hit| *hit + limit.window > now);
        let allowed = hits.len() < usize::try_from(limit.max).unwrap_or(usize::MAX);
        if allowed {
            hits.push(now);
        }
        Ok(RateVerdict::of(limit, hits, allowed, now))
    }
}
