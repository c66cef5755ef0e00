//! Connections of a service: the pool that reads, and the idempotency keys every store can look up.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Row as _};
use tender_domain::kernel::{KeyRecord, KeyScope, StoreError, TenantId};

use crate::writer::key_record_of;

/// Bounds of a pool.
#[derive(Debug, Clone, Copy)]
pub struct PoolOptions {
    /// Connections kept open.
    pub min_connections: u32,
    /// The most connections.
    pub max_connections: u32,
    /// How long a connection above the minimum may idle.
    pub idle_timeout: Duration,
    /// How long a read waits for a connection.
    pub acquire_timeout: Duration,
    /// How long a read may run.
    pub statement_timeout: Duration,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            min_connections: 2,
            max_connections: 10,
            idle_timeout: Duration::from_secs(300),
            acquire_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(10),
        }
    }
}

/// Opens the pool that a store reads through. Reads are bounded by a statement time-out. Returns with the first
/// connection; the others open meanwhile, so that a start does not wait for all of them.
///
/// # Errors
/// When the database cannot be reached.
pub async fn open_pool(connect: &PgConnectOptions, options: PoolOptions) -> Result<PgPool, sqlx::Error> {
    let limit = options.statement_timeout.as_millis().to_string();
    let session = [("statement_timeout", limit.as_str()), ("jit", "off")];
    let connect = connect.clone().options(session).disable_statement_logging();
    let pool = PgPoolOptions::new()
        .min_connections(options.min_connections)
        .max_connections(options.max_connections)
        .idle_timeout(options.idle_timeout)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .connect_lazy_with(connect);
    ping(&pool).await?;
    Ok(pool)
}

/// Whether the database answers.
///
/// # Errors
/// When it does not.
pub async fn ping(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT 1").execute(pool).await.map(drop)
}

/// A read that failed, as the port says it.
#[must_use]
pub fn read_error(error: &sqlx::Error) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

/// The record of an idempotency key.
///
/// # Errors
/// When the database cannot be read.
pub async fn idempotency_key(
    pool: &PgPool,
    schema: &'static str,
    tenant: &TenantId,
    scope: &KeyScope,
) -> Result<Option<KeyRecord>, StoreError> {
    let sql = format!(
        "SELECT fingerprint,resource,started_at,status,body FROM {schema}.idempotency_keys \
         WHERE tenant_id=$1 AND route=$2 AND key=$3"
    );
    let row = sqlx::query(AssertSqlSafe(sql))
        .bind(tenant.as_str())
        .bind(scope.route)
        .bind(&*scope.key)
        .fetch_optional(pool)
        .await
        .map_err(|error| read_error(&error))?;
    let record = row.map(|row| {
        let fingerprint: Vec<u8> = row.try_get(0)?;
        key_record_of(&fingerprint, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?)
    });
    record.transpose().map_err(|error| read_error(&error))
}
