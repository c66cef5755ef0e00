//! The reads of people who look at what is open and what failed.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgPool, Row};
use tender_domain::intents::{AttemptStatus, FailedAttempt, Intent, OpenCounts, RecentAttempts};
use tender_domain::kernel::{AttemptId, IntentId, RoutingRuleId, StoreError, TenantId, Timestamp};
use tender_postgres::read_error;
use uuid::Uuid;

use crate::reads::WHOLE;
use crate::rows::IntentRow;

/// The open calls of tenant `$1`, one condition of an index at a time.
const OPEN: &str = "\
    SELECT intent_id, coalesce(void_at, started_at) AS since, checks, queued_at FROM intents.attempts \
    WHERE tenant_id = $1 AND next_check_at IS NOT NULL \
    UNION ALL \
    SELECT intent_id, coalesce(void_at, started_at), checks, queued_at FROM intents.attempts \
    WHERE tenant_id = $1 AND queued_at IS NOT NULL \
    UNION ALL \
    SELECT intent_id, created_at, checks, queued_at FROM intents.captures \
    WHERE tenant_id = $1 AND next_check_at IS NOT NULL \
    UNION ALL \
    SELECT intent_id, created_at, checks, queued_at FROM intents.captures \
    WHERE tenant_id = $1 AND queued_at IS NOT NULL";

pub(crate) async fn with_open_outcomes(
    pool: &PgPool,
    tenant: &TenantId,
    limit: usize,
) -> Result<(Vec<Intent>, OpenCounts), StoreError> {
    let counted = format!(
        "SELECT count(*) FILTER (WHERE queued_at IS NULL AND checks = 0), \
         count(*) FILTER (WHERE queued_at IS NULL AND checks > 0), \
         count(*) FILTER (WHERE queued_at IS NOT NULL) FROM ({OPEN}) o"
    );
    let counts = sqlx::query_as(AssertSqlSafe(counted)).bind(tenant.as_str());
    let (in_flight, pursued, queued): (i64, i64, i64) =
        counts.fetch_one(pool).await.map_err(|error| read_error(&error))?;
    let count = |number| u64::try_from(number).unwrap_or_default();
    let counts = OpenCounts { in_flight: count(in_flight), pursued: count(pursued), queued: count(queued) };

    let sql = format!(
        "{WHOLE} (SELECT intent_id, min(since) AS since FROM ({OPEN}) o GROUP BY intent_id \
         ORDER BY min(since), intent_id LIMIT $2) o \
         JOIN intents.intents i ON i.tenant_id = $1 AND i.intent_id = o.intent_id ORDER BY o.since, o.intent_id"
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(tenant.as_str()).bind(bound(limit));
    let rows: Vec<IntentRow> = query.fetch_all(pool).await.map_err(|error| read_error(&error))?;
    let intents = rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
    Ok((intents, counts))
}

/// `bounds`: how many attempts are looked at, and how many of those that failed are shown.
pub(crate) async fn recent_attempts(
    pool: &PgPool,
    tenant: &TenantId,
    from: AttemptId,
    bounds: (usize, usize),
) -> Result<RecentAttempts, StoreError> {
    const NEWEST: &str = "SELECT attempt_id, intent_id, connector, status, decline_code, problem, started_at, \
        details->>'rule' AS rule FROM intents.attempts WHERE tenant_id = $1 AND attempt_id >= $2 ORDER BY attempt_id DESC LIMIT $3";
    const FAILED: &str = "status IN ('declined', 'error')";
    let sql = format!("SELECT count(*), count(*) FILTER (WHERE {FAILED}) FROM ({NEWEST}) n");
    let counts =
        sqlx::query_as(AssertSqlSafe(sql)).bind(tenant.as_str()).bind(from.uuid()).bind(bound(bounds.0));
    let (looked_at, failed): (i64, i64) = counts.fetch_one(pool).await.map_err(|error| read_error(&error))?;
    let sql = format!("SELECT * FROM ({NEWEST}) n WHERE {FAILED} ORDER BY attempt_id DESC LIMIT $4");
    let query = sqlx::query(AssertSqlSafe(sql)).bind(tenant.as_str()).bind(from.uuid());
    let query = query.bind(bound(bounds.0)).bind(bound(bounds.1));
    let rows = query.fetch_all(pool).await.map_err(|error| read_error(&error))?;
    let rule = |text: String| {
        text.parse::<RoutingRuleId>().map_err(|error| sqlx::Error::Decode(error.to_string().into()))
    };
    let failed_attempt = |row: &sqlx::postgres::PgRow| -> Result<FailedAttempt, sqlx::Error> {
        let status: &str = row.try_get("status")?;
        Ok(FailedAttempt {
            attempt: AttemptId::from_uuid(row.try_get::<Uuid, _>("attempt_id")?),
            intent: IntentId::from_uuid(row.try_get::<Uuid, _>("intent_id")?),
            connector: row.try_get("connector")?,
            rule: row.try_get::<Option<String>, _>("rule")?.map(rule).transpose()?,
            status: if status == "declined" { AttemptStatus::Declined } else { AttemptStatus::Error },
            decline_code: row.try_get("decline_code")?,
            problem: row.try_get("problem")?,
            started_at: row.try_get::<DateTime<Utc>, _>("started_at")?,
        })
    };
    let newest_failed = rows.iter().map(failed_attempt).collect::<Result<_, _>>();
    Ok(RecentAttempts {
        looked_at: u64::try_from(looked_at).unwrap_or_default(),
        failed: u64::try_from(failed).unwrap_or_default(),
        newest_failed: newest_failed.map_err(|error| read_error(&error))?,
    })
}

pub(crate) async fn oldest_open_outcome(pool: &PgPool) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT least(\
        (SELECT min(coalesce(void_at, started_at)) FROM intents.attempts WHERE next_check_at IS NOT NULL), \
        (SELECT min(coalesce(void_at, started_at)) FROM intents.attempts WHERE queued_at IS NOT NULL), \
        (SELECT min(created_at) FROM intents.captures WHERE next_check_at IS NOT NULL), \
        (SELECT min(created_at) FROM intents.captures WHERE queued_at IS NOT NULL))";
    let (oldest,) = sqlx::query_as(sql).fetch_one(pool).await.map_err(|error| read_error(&error))?;
    Ok(oldest)
}

fn bound(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
