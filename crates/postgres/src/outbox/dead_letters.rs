//! What was put aside is handed over again.

use sqlx::postgres::PgPool;
use sqlx::{AssertSqlSafe, Row as _};
use tender_domain::kernel::Topic;

/// What became of the dead letters of a schema.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReplayedLetters {
    /// How many messages are in the outbox again.
    pub replayed: u64,
    /// How many letters stay where they are: they were put aside by a version that kept only a part of a message, and the
    /// outbox no longer has the rest.
    pub kept: u64,
}

/// Puts the dead letters of a schema, of one topic or of all, into its outbox again and takes them off the list, in one
/// statement: a crash leaves each either there or here. Every follower of their topics is handed them again, in their old
/// order, behind what is newer; those that have handled them drop them, as they drop every duplicate. What still cannot be
/// handled is put aside again.
///
/// # Errors
/// When the database cannot be reached or written.
pub async fn replay_letters(
    pool: &PgPool,
    schema: &str,
    topic: Option<Topic>,
) -> Result<ReplayedLetters, sqlx::Error> {
    let sql = format!(
        "WITH taken AS ( \
             DELETE FROM {schema}.dead_letters \
             WHERE ($1::text IS NULL OR topic = $1) AND num_nulls(subject, source, \"time\", version) = 0 RETURNING * \
         ), again AS ( \
             INSERT INTO {schema}.outbox (tenant_id, n, id, topic, key, subject, source, \"time\", version, traceparent, data) \
             SELECT tenant_id, row_number() OVER (ORDER BY \"time\", version, message_id), message_id, topic, key, subject, \
                    source, \"time\", version, traceparent, data \
             FROM (SELECT DISTINCT ON (tenant_id, message_id) * FROM taken) letters RETURNING 1 \
         ) \
         SELECT (SELECT count(*) FROM again) AS replayed, \
                (SELECT count(*) FROM {schema}.dead_letters WHERE ($1::text IS NULL OR topic = $1) \
                 AND num_nulls(subject, source, \"time\", version) > 0) AS kept"
    );
    let row = sqlx::query(AssertSqlSafe(sql)).bind(topic.map(Topic::name)).fetch_one(pool).await?;
    let count = |column: &str| row.try_get::<i64, _>(column).map(i64::unsigned_abs);
    Ok(ReplayedLetters { replayed: count("replayed")?, kept: count("kept")? })
}
