//! The outbox's partitions by month.

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgPool;

/// Makes the partitions of this month and the next where they are missing; the service's role may call what makes
/// them. A new partition needs the outbox to itself for a moment: it waits two seconds for that at most, since all
/// commits of the schema wait behind it.
///
/// # Errors
/// When the database cannot be asked, or the outbox is read for too long; nothing was changed then.
pub async fn ensure_outbox_partitions(pool: &PgPool, schema: &'static str) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    sqlx::raw_sql("SET LOCAL lock_timeout = '2s'").execute(&mut *transaction).await?;
    let ensure = format!("SELECT {schema}.ensure_outbox_partitions()");
    sqlx::raw_sql(AssertSqlSafe(ensure)).execute(&mut *transaction).await?;
    transaction.commit().await
}
