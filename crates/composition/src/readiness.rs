//! What `/readyz` looks at.

use async_trait::async_trait;
use tender_http::ReadinessCheck;
use tender_postgres::{PgPool, ping};
use tokio::sync::watch;

/// Ready when the database answers.
pub struct DatabaseReady {
    name: &'static str,
    pool: PgPool,
}

impl DatabaseReady {
    /// The database behind this pool, under this name.
    #[must_use]
    pub const fn new(name: &'static str, pool: PgPool) -> Self {
        Self { name, pool }
    }
}

#[async_trait]
impl ReadinessCheck for DatabaseReady {
    fn name(&self) -> &str {
        self.name
    }

    async fn check(&self) -> Result<(), String> {
        ping(&self.pool).await.map_err(|error| {
            tracing::warn!(%error, "not ready: the database does not answer");
            "it does not answer".to_owned()
        })
    }
}

/// Ready when all state that stood on the topics has been read once. A Kafka that goes away later does not make the
/// service unready: payments go on without it, and what is not known is asked for directly.
pub struct CaughtUpReady {
    /// What is followed (`api-keys`).
    pub name: &'static str,
    /// Becomes true when it has.
    pub caught_up: watch::Receiver<bool>,
}

#[async_trait]
impl ReadinessCheck for CaughtUpReady {
    fn name(&self) -> &str {
        self.name
    }

    async fn check(&self) -> Result<(), String> {
        if *self.caught_up.borrow() {
            return Ok(());
        }
        Err("what stands on its topic is still being read from Kafka".to_owned())
    }
}
