//! Promise: every call of a gateway gets its end.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Row};

use super::report::Section;
use super::snapshot::Snapshot;
use super::sources;

const PROMISE: &str = "Every call of a gateway gets its end: what is open is looked up on time.";

/// The longest that an outcome is looked up; then a person has to find out.
const LOOKED_UP_DAYS: i32 = 7;

pub(super) async fn check(snapshot: &mut Snapshot, overdue: Duration) -> Result<Section, sqlx::Error> {
    let both = sources::open_calls(snapshot).zip(sources::conflicts(snapshot));
    let Some((open_calls, conflicts)) = both else {
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
        .bind(LOOKED_UP_DAYS)
        .bind(overdue)
        .fetch_all(snapshot.connection())
        .await?;
    section.note(format!("{} calls are open", rows.len()));
    conflicts_noted(snapshot, &conflicts, &mut section).await?;
    for row in rows {
        let (tenant, kind): (&str, &str) = (row.try_get("tenant_id")?, row.try_get("kind")?);
        let (id, since): (&str, DateTime<Utc>) = (row.try_get("id")?, row.try_get("since")?);
        let next: Option<DateTime<Utc>> = row.try_get("next_check_at")?;
        let open = format!("{tenant}: {kind} {id} is open since {since}");
        if row.try_get("given_up")? {
            section.fault(format!("{open}, longer than {LOOKED_UP_DAYS} days: a person has to find out"));
        } else if row.try_get("overdue")? {
            let due = next
                .map_or_else(|| "was never due to be looked up".to_owned(), |at| format!("was due at {at}"));
            section.fault(format!("{open} and {due}: nobody looks it up"));
        } else {
            section.on_its_way(open);
        }
    }
    Ok(section)
}

/// What a gateway answered otherwise than it was asked is kept and alerted, and no fault of ours.
async fn conflicts_noted(
    snapshot: &mut Snapshot,
    conflicts: &str,
    section: &mut Section,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "SELECT tenant_id, kind, count(*) AS count FROM ({conflicts}) AS c GROUP BY 1, 2 ORDER BY 1, 2"
    );
    for row in sqlx::query(AssertSqlSafe(sql)).fetch_all(snapshot.connection()).await? {
        let (tenant, kind): (&str, &str) = (row.try_get("tenant_id")?, row.try_get("kind")?);
        let count: i64 = row.try_get("count")?;
        section.note(format!(
            "{tenant}: {count} {kind} answered with another amount than was asked: a person settles it"
        ));
    }
    Ok(())
}
