//! A connection beside the pool's, for who reads one statement after another.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool};
use tender_domain::kernel::StoreError;
use tokio::sync::Mutex;

use crate::deadline::{CONNECT_TIMEOUT, within};
use crate::pool::read_error;

/// A connection that is asked one statement at a time and kept open. A pool's connection costs a second round trip for
/// each read, since the driver asks it again when it is given back: as much as a small read itself, where a payment
/// makes one.
///
/// What is under way when its caller stops waiting leaves a connection in an unknown state: it is not used again. Clones
/// share the connection, and wait for each other.
#[derive(Debug, Clone)]
pub struct OwnConnection {
    options: Arc<PgConnectOptions>,
    idle: Arc<Mutex<Option<PgConnection>>>,
}

impl OwnConnection {
    /// One as this pool's are, with their session settings. It is opened by the first read.
    #[must_use]
    pub fn like(pool: &PgPool) -> Self {
        Self { options: pool.connect_options(), idle: Arc::default() }
    }

    /// What `read` reads. A connection may have been lost while it idled (a restart, a failover): after an error a new
    /// one is asked again, once. So `read` must be no more than a read.
    ///
    /// # Errors
    /// When the database cannot be reached, or a new connection does not give the answer either.
    pub async fn read<T>(
        &self,
        read: impl for<'c> Fn(&'c mut PgConnection) -> BoxFuture<'c, Result<T, sqlx::Error>>,
    ) -> Result<T, StoreError> {
        let mut idle = self.idle.lock().await;
        if let Some(mut connection) = idle.take()
            && let Ok(found) = read(&mut connection).await
        {
            *idle = Some(connection);
            return Ok(found);
        }
        let connected = within(CONNECT_TIMEOUT, self.options.connect()).await;
        let mut connection = connected.map_err(|error| read_error(&error))?;
        let found = read(&mut connection).await.map_err(|error| read_error(&error))?;
        *idle = Some(connection);
        Ok(found)
    }
}
