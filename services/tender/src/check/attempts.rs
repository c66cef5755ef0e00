//! Promise: every call of a gateway gets its end.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Row};

use super::report::Section;
use super::snapshot::Snapshot;
use super::sources;

const PROMISE: &str = "Every call of a gateway gets its end: what is open is pursued on time, or a person's.";

/// The longest that an outcome is pursued; then it stands in the queue for a person. A little more, for who puts it there.
const PURSUED_DAYS: i32 = 8;

pub(super) async fn check(snapshot: &mut Snapshot, overdue: Duration) -> Result<Section, sqlx::Error> {
    let both = sources::open_calls(snapshot).zip(sources::queued(snapshot));
    let Some((open_calls, queued)) = both else {
        return Ok(Section::skipped(
            "attempts",
            PROMISE,
            "there is neither a schema intents nor a schema refunds",
        ));
    };
    let mut section = Section::new("attempts", PROMISE);
    let sql = format!(
        "SELECT tenant_id, kind, id::text AS id, since, next_check_at, \
         since < now() - make_interval(days => $1) AS given_up, \
         coalesce(next_check_at, since) < now() - make_interval(secs => $2::int) AS overdue \
         FROM ({open_calls}) AS open ORDER BY since, id"
    );
    let overdue = i32::try_from(overdue.as_secs()).unwrap_or(i32::MAX);
    let rows = sqlx::query(AssertSqlSafe(sql))
        .bind(PURSUED_DAYS)
        .bind(overdue)
        .fetch_all(snapshot.connection())
        .await?;
    section.note(format!("{} calls are open", rows.len()));
    queued_noted(snapshot, &queued, &mut section).await?;
    for row in rows {
        let (tenant, kind): (&str, &str) = (row.try_get("tenant_id")?, row.try_get("kind")?);
        let (id, since): (&str, DateTime<Utc>) = (row.try_get("id")?, row.try_get("since")?);
        let next: Option<DateTime<Utc>> = row.try_get("next_check_at")?;
        let open = format!("{tenant}: {kind} {id} is open since {since}");
        if row.try_get("given_up")? {
            section.fault(format!("{open}, longer than {PURSUED_DAYS} days: it should stand in the queue"));
        } else if row.try_get("overdue")? {
            let due = next
                .map_or_else(|| "was never due to be pursued".to_owned(), |at| format!("was due at {at}"));
            section.fault(format!("{open} and {due}: nobody pursues it"));
        } else {
            // Nobody has taken it up yet: that may be at any moment.
            section.open(open, next.or(Some(since)));
        }
    }
    Ok(section)
}

/// What no gateway tells is kept and alerted, and no fault of ours.
async fn queued_noted(
    snapshot: &mut Snapshot,
    queued: &str,
    section: &mut Section,
) -> Result<(), sqlx::Error> {
    let sql =
        format!("SELECT tenant_id, kind, count(*) AS count FROM ({queued}) AS c GROUP BY 1, 2 ORDER BY 1, 2");
    for row in sqlx::query(AssertSqlSafe(sql)).fetch_all(snapshot.connection()).await? {
        let (tenant, kind): (&str, &str) = (row.try_get("tenant_id")?, row.try_get("kind")?);
        let count: i64 = row.try_get("count")?;
        section.note(format!("{tenant}: {count} {kind} in the queue: a person settles it"));
    }
    Ok(())
}
