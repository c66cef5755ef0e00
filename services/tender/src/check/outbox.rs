//! Promise: what happened was told to everyone who follows.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::report::Section;
use super::snapshot::Snapshot;

const PROMISE: &str =
    "Nothing is stuck: every message older than its grace was handled by everyone who follows.";

/// Who follows an outbox, and which topics of it. A follower's position stands at the last message of its own topics,
/// so another topic's later messages do not make it late. Those not listed here are noted, not judged.
const FOLLOWERS: &[(&str, Topics)] = &[
    ("kafka-relay", Topics::All),
    (
        "ledger",
        Topics::Only(&[
            "payment.processed",
            "payment-failed",
            "refund.processed",
            "refund-failed",
            "chargeback.received",
            "chargeback.unmatched",
            "dispute.updated",
            "dispute.resolved",
        ]),
    ),
    ("refunds", Topics::Only(&["payment.processed", "payment-failed"])),
    ("intents-refunds", Topics::Only(&["refund.processed", "refund-failed"])),
    ("intents-disputes", Topics::Only(&["dispute.created", "dispute.updated", "dispute.resolved"])),
    ("intents-orders", Topics::Only(&["order.changed"])),
    ("refunds-orders", Topics::Only(&["order.changed"])),
    ("intents-settings", Topics::Only(&["settings.changed"])),
    ("refunds-settings", Topics::Only(&["settings.changed"])),
    ("allowed-origins", Topics::Only(&["settings.changed"])),
    ("api-keys", Topics::Only(&["api-key.changed"])),
];

#[derive(Clone, Copy)]
enum Topics {
    All,
    Only(&'static [&'static str]),
}

/// One follower of one outbox.
struct Follower {
    name: String,
    tx: i64,
    n: i32,
}

pub(super) async fn check(snapshot: &mut Snapshot) -> Result<Section, sqlx::Error> {
    let mut section = Section::new("outbox", PROMISE);
    let judged_until = snapshot.judged_until();
    for schema in snapshot.schemas() {
        let connection = snapshot.connection();
        if !has_outbox(connection, &schema).await? {
            continue;
        }
        let followers = followers(connection, &schema).await?;
        let told = told(connection, &schema, &mut section).await?;
        if followers.is_empty() && told > 0 {
            section.note(format!("{schema}: {told} messages, and nobody has followed this outbox yet"));
        }
        for follower in &followers {
            judge(connection, &schema, follower, judged_until, &mut section).await?;
        }
        dead_letters(connection, &schema, &mut section).await?;
    }
    Ok(section)
}

async fn has_outbox(connection: &mut PgConnection, schema: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("SELECT to_regclass(quote_ident($1) || '.outbox') IS NOT NULL")
        .bind(schema)
        .fetch_one(connection)
        .await
}

async fn followers(connection: &mut PgConnection, schema: &str) -> Result<Vec<Follower>, sqlx::Error> {
    let sql = format!("SELECT follower, tx, n FROM \"{schema}\".outbox_positions ORDER BY follower");
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(connection).await?;
    let follower = |row: sqlx::postgres::PgRow| {
        Ok(Follower { name: row.try_get("follower")?, tx: row.try_get("tx")?, n: row.try_get("n")? })
    };
    rows.into_iter().map(follower).collect()
}

/// Notes the outbox's last position, and says how many messages it holds.
async fn told(
    connection: &mut PgConnection,
    schema: &str,
    section: &mut Section,
) -> Result<i64, sqlx::Error> {
    let sql = format!(
        "SELECT count(*) OVER () AS told, tx, n FROM \"{schema}\".outbox ORDER BY tx DESC, n DESC LIMIT 1"
    );
    let Some(row) = sqlx::query(AssertSqlSafe(sql)).fetch_optional(connection).await? else { return Ok(0) };
    let (told, tx, n): (i64, i64, i32) = (row.try_get("told")?, row.try_get("tx")?, row.try_get("n")?);
    section.note(format!("{schema}: {told} messages, the last at position {tx}/{n}"));
    Ok(told)
}

async fn judge(
    connection: &mut PgConnection,
    schema: &str,
    follower: &Follower,
    judged_until: DateTime<Utc>,
    section: &mut Section,
) -> Result<(), sqlx::Error> {
    let Follower { name, tx, n } = follower;
    let Some((_, topics)) = FOLLOWERS.iter().find(|(known, _)| known == name) else {
        section
            .note(format!("{schema}: {name} follows, at position {tx}/{n}; its topics are not known here"));
        return Ok(());
    };
    let topics = match topics {
        Topics::All => None,
        Topics::Only(names) => Some(names.to_vec()),
    };
    let sql = format!(
        "SELECT count(*) FILTER (WHERE recorded_at < $4) AS late, count(*) FILTER (WHERE recorded_at >= $4) AS young, \
         min(recorded_at) AS oldest FROM \"{schema}\".outbox \
         WHERE (tx, n) > ($1, $2) AND ($3::text[] IS NULL OR topic = ANY($3))"
    );
    let row = sqlx::query(AssertSqlSafe(sql))
        .bind(tx)
        .bind(n)
        .bind(topics)
        .bind(judged_until)
        .fetch_one(connection)
        .await?;
    let (late, young): (i64, i64) = (row.try_get("late")?, row.try_get("young")?);
    section.note(format!("{schema}: {name} is at position {tx}/{n}"));
    if late > 0 {
        let oldest: DateTime<Utc> = row.try_get("oldest")?;
        section.fault(format!("{schema}: {late} messages wait for {name}, the oldest since {oldest}"));
    }
    if young > 0 {
        section.on_its_way(format!("{schema}: {young} messages for {name}"));
    }
    Ok(())
}

async fn dead_letters(
    connection: &mut PgConnection,
    schema: &str,
    section: &mut Section,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "SELECT tenant_id, follower, topic, message_id::text AS message, reason \
         FROM \"{schema}\".dead_letters ORDER BY at, message_id"
    );
    for row in sqlx::query(AssertSqlSafe(sql)).fetch_all(connection).await? {
        let (tenant, follower): (&str, &str) = (row.try_get("tenant_id")?, row.try_get("follower")?);
        let (topic, message): (&str, &str) = (row.try_get("topic")?, row.try_get("message")?);
        let reason: &str = row.try_get("reason")?;
        section.fault(format!(
            "{schema}, {tenant}: {follower} put message {message} of {topic} aside: {reason}"
        ));
    }
    Ok(())
}
