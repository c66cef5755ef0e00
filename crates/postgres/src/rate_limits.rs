//! Limits of requests, counted in the service's schema.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use chrono::{DurationRound, TimeDelta};
use sqlx::{AssertSqlSafe, PgPool};
use tender_domain::kernel::{StoreError, TenantId, Timestamp};
use tender_domain::ports::{RateLimit, RateLimiter, RateVerdict};

use crate::read_error;

/// Every so many requests what is over is taken away, and then at most so many rows: the table grows by no more than it
/// loses, and no request waits long.
const TAKES_PER_SWEEP: u64 = 64;
const SWEEP_ROWS_MAX: i64 = 256;

/// Counts requests in a table of the service's schema, so that all processes of the service count together. One
/// statement a request; who is refused writes nothing.
pub struct PgRateLimiter {
    pool: PgPool,
    take: String,
    sweep: String,
    taken: AtomicU64,
}

impl PgRateLimiter {
    /// The counts in this schema, whose migrations have [`RATE_LIMITS`](crate::RATE_LIMITS).
    #[must_use]
    pub fn new(pool: PgPool, schema: &'static str) -> Self {
        // The row is locked before its condition is looked at, so requests of one subject are decided one after the
        // other. The second SELECT sees the table as it was before: it tells who was refused when to come again.
        let take = format!(
            "WITH taken AS (\
                 INSERT INTO {schema}.rate_limits AS r (tenant_id,name,subject,hits,sweep_after) \
                 VALUES ($1,$2,$3,ARRAY[$4::timestamptz],$6) \
                 ON CONFLICT (tenant_id,name,subject) DO UPDATE SET \
                     hits=ARRAY(SELECT hit FROM unnest(r.hits) hit WHERE hit>$5 ORDER BY hit)||$4::timestamptz,\
                     sweep_after=greatest(r.sweep_after,excluded.sweep_after) \
                 WHERE (SELECT count(*) FROM unnest(r.hits) hit WHERE hit>$5)<$7 \
                 RETURNING hits) \
             SELECT true,hits FROM taken \
             UNION ALL SELECT false,hits FROM {schema}.rate_limits \
             WHERE tenant_id=$1 AND name=$2 AND subject=$3 AND NOT EXISTS (SELECT 1 FROM taken)"
        );
        let sweep = format!(
            "DELETE FROM {schema}.rate_limits WHERE (tenant_id,name,subject) IN (\
                 SELECT tenant_id,name,subject FROM {schema}.rate_limits WHERE sweep_after<$1 \
                 ORDER BY sweep_after LIMIT $2 FOR UPDATE SKIP LOCKED)"
        );
        Self { pool, take, sweep, taken: AtomicU64::new(0) }
    }

    async fn sweep(&self, now: Timestamp) {
        let swept = sqlx::query(AssertSqlSafe(self.sweep.clone()))
            .bind(now)
            .bind(SWEEP_ROWS_MAX)
            .execute(&self.pool)
            .await;
        // Who was let in stays in; the next sweep takes what this one left.
        if let Err(error) = swept {
            tracing::warn!(%error, "rate limits that are over were not taken away");
        }
    }
}

impl fmt::Debug for PgRateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgRateLimiter").finish_non_exhaustive()
    }
}

#[async_trait]
impl RateLimiter for PgRateLimiter {
    async fn take(
        &self,
        tenant: &TenantId,
        subject: &str,
        limit: RateLimit,
        now: Timestamp,
    ) -> Result<RateVerdict, StoreError> {
        let row: Option<(bool, Vec<Timestamp>)> = sqlx::query_as(AssertSqlSafe(self.take.clone()))
            .bind(tenant.as_str())
            .bind(limit.name)
            .bind(subject)
            .bind(now)
            .bind(now - limit.window)
            .bind(sweep_after(now, limit))
            .bind(i64::from(limit.max))
            .fetch_optional(&self.pool)
            .await
            .map_err(|error| read_error(&error))?;
        if self.taken.fetch_add(1, Ordering::Relaxed) % TAKES_PER_SWEEP == TAKES_PER_SWEEP - 1 {
            self.sweep(now).await;
        }
        // Refused by requests that came with this one: how they stand is not seen, so nothing sooner is promised.
        let (allowed, hits) = row.unwrap_or((false, vec![now; usize::try_from(limit.max).unwrap_or(0)]));
        Ok(RateVerdict::of(limit, &hits, allowed, now))
    }
}

/// When nothing of a request that comes now counts any more, rounded up to whole minutes.
fn sweep_after(now: Timestamp, limit: RateLimit) -> Timestamp {
    let minute = TimeDelta::minutes(1);
    let over = now + limit.window;
    over.duration_trunc(minute).unwrap_or(over) + minute
}
