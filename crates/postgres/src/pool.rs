//! Connections of a service: the pool that reads, and the idempotency keys every store can look up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};
use tender_domain::kernel::{KeyRecord, KeyScope, StoreError, TenantId};

use crate::deadline::{ANSWER_WITHIN, within};
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

/// How long a connection that is given back may take to end what it was asked and nobody waits for any more.
const GIVEN_BACK_WITHIN: Duration = Duration::from_secs(5);
/// How long a connection that is doubted may take to answer.
const DOUBT_WITHIN: Duration = Duration::from_secs(1);

/// Since when connections of a pool are doubted: one did not answer, so those that idled then may be as dead. Nothing is
/// asked of a connection while none is doubted.
#[derive(Clone, Default)]
struct Doubt(Arc<Mutex<Option<Instant>>>);

impl Doubt {
    fn since(&self) -> MutexGuard<'_, Option<Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn covers(&self, idle_for: Duration) -> bool {
        self.since().is_some_and(|since| idle_for >= since.elapsed())
    }
}

/// Opens the pool that a store reads through. Reads are bounded by a statement time-out. Returns with the first
/// connection; the others open as they are needed, so that a start does not wait for them.
///
/// A connection is given back with the answer to a read that nobody waits for any more on its way. If that does not come
/// soon, the connection is closed, and those that idled meanwhile are asked before they are used. (The driver asks each
/// connection that is given back once more, without a limit of ours: one that goes dead in that very moment keeps its place
/// until TCP gives it up.)
///
/// # Errors
/// When the database cannot be reached.
pub async fn open_pool(connect: &PgConnectOptions, options: PoolOptions) -> Result<PgPool, sqlx::Error> {
    let limit = options.statement_timeout.as_millis().to_string();
    let session = [("statement_timeout", limit.as_str()), ("jit", "off")];
    let connect = connect.clone().options(session).disable_statement_logging();
    let doubt = Doubt::default();
    let doubted = doubt.clone();
    let pool = PgPoolOptions::new()
        .min_connections(options.min_connections)
        .max_connections(options.max_connections)
        .idle_timeout(options.idle_timeout)
        .acquire_timeout(options.acquire_timeout)
        .test_before_acquire(false)
        .before_acquire(move |connection, known| {
            let is_doubted = doubted.covers(known.idle_for);
            Box::pin(async move {
                if is_doubted {
                    within(DOUBT_WITHIN, connection.ping()).await?;
                }
                Ok(true)
            })
        })
        .after_release(move |connection, _| {
            let doubt = doubt.clone();
            Box::pin(async move {
                // Nothing is asked: without an answer on its way this is over at once.
                let ended = within(GIVEN_BACK_WITHIN, connection.flush()).await;
                if ended.is_err() {
                    *doubt.since() = Some(Instant::now());
                }
                ended.map(|()| true)
            })
        })
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
    let asked = sqlx::query(AssertSqlSafe(sql))
        .bind(tenant.as_str())
        .bind(scope.route)
        .bind(&*scope.key)
        .fetch_optional(pool);
    let row = within(ANSWER_WITHIN, asked).await.map_err(|error| read_error(&error))?;
    let record = row.map(|row| {
        let fingerprint: Vec<u8> = row.try_get(0)?;
        key_record_of(&fingerprint, row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?)
    });
    record.transpose().map_err(|error| read_error(&error))
}
