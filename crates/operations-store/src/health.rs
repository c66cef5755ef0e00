//! The health of the database, and how far events are behind, as operations sees them from its own schema.

use async_trait::async_trait;
use sqlx::PgPool;
use tender_domain::operations::{HealthSource, SubsystemHealth};

/// From when on events are late.
const LATE_SECONDS: i64 = 10;
/// From when on they do not come at all.
const STUCK_SECONDS: i64 = 300;

/// Whether the database answers.
#[derive(Debug, Clone)]
pub struct PgDatabaseHealth(PgPool);

impl PgDatabaseHealth {
    /// The health of the database behind this pool.
    #[must_use]
    pub const fn new(pool: PgPool) -> Self {
        Self(pool)
    }
}

#[async_trait]
impl HealthSource for PgDatabaseHealth {
    fn name(&self) -> &str {
        "database"
    }

    async fn check(&self) -> SubsystemHealth {
        match sqlx::query("SELECT 1").execute(&self.0).await {
            Ok(_) => SubsystemHealth::up(),
            Err(error) => {
                tracing::warn!(%error, "the database does not answer");
                SubsystemHealth::down("the database does not answer")
            }
        }
    }
}

/// How long the oldest event of operations has waited for the slowest follower of its outbox.
#[derive(Debug, Clone)]
pub struct PgEventLag(PgPool);

impl PgEventLag {
    /// The lag of the outbox of schema `operations` behind this pool.
    #[must_use]
    pub const fn new(pool: PgPool) -> Self {
        Self(pool)
    }

    /// In whole seconds; none when nobody has begun to follow though there are events.
    async fn lag_seconds(&self) -> Result<Option<i64>, sqlx::Error> {
        // Every follower's first row that it is not done with, by the outbox's own index.
        sqlx::query_scalar(
            "SELECT CASE WHEN EXISTS (SELECT FROM operations.outbox_positions) THEN COALESCE((\
                 SELECT max(extract(epoch FROM now() - waiting.recorded_at))::bigint \
                 FROM operations.outbox_positions p CROSS JOIN LATERAL (\
                     SELECT o.recorded_at FROM operations.outbox o WHERE (o.tx, o.n) > (p.tx, p.n) \
                     ORDER BY o.tx, o.n LIMIT 1) waiting), 0) \
             WHEN EXISTS (SELECT FROM operations.outbox) THEN NULL ELSE 0 END",
        )
        .fetch_one(&self.0)
        .await
    }
}

#[async_trait]
impl HealthSource for PgEventLag {
    fn name(&self) -> &str {
        "events"
    }

    async fn check(&self) -> SubsystemHealth {
        match self.lag_seconds().await {
            Ok(Some(lag)) if lag < LATE_SECONDS => SubsystemHealth::up(),
            Ok(Some(lag)) if lag < STUCK_SECONDS => {
                SubsystemHealth::degraded(format!("the oldest event waits since {lag} s"))
            }
            Ok(Some(lag)) => SubsystemHealth::down(format!("the oldest event waits since {lag} s")),
            Ok(None) => SubsystemHealth::degraded("nobody follows the events"),
            Err(error) => {
                tracing::warn!(%error, "the event lag cannot be read");
                SubsystemHealth::down("the event lag cannot be read")
            }
        }
    }
}
