//! From the settings to PostgreSQL.

use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use tender_postgres::{
    PgConnectOptions, PgPool, PgSslMode, PgWriter, PoolOptions, Schema, WriterOptions, open_pool,
};
use tender_settings::{Database, DatabaseTlsMode, Settings};

use crate::{Ground, Outbox};

/// How to connect to the database that the settings name.
///
/// # Errors
/// When the URL cannot be read. Its text, which holds a password, is not in the error.
pub fn connect_options(database: &Database, url: &SecretString) -> anyhow::Result<PgConnectOptions> {
    let parsed = PgConnectOptions::from_str(url.expose_secret());
    let options = parsed.ok().context(
        "setting database.url (variable TENDER__DATABASE__URL): is no postgres://user:password@host:port/database",
    )?;
    let options = options.ssl_mode(match database.tls_mode {
        DatabaseTlsMode::Disable => PgSslMode::Disable,
        DatabaseTlsMode::Prefer => PgSslMode::Prefer,
        DatabaseTlsMode::Require => PgSslMode::Require,
        DatabaseTlsMode::VerifyCa => PgSslMode::VerifyCa,
        DatabaseTlsMode::VerifyFull => PgSslMode::VerifyFull,
    });
    Ok(match &database.tls_ca_file {
        Some(file) => options.ssl_root_cert(file),
        None => options,
    })
}

/// Bounds of a service's pool.
#[must_use]
pub const fn pool_options(database: &Database) -> PoolOptions {
    PoolOptions {
        min_connections: database.min_connections,
        max_connections: database.max_connections,
        idle_timeout: Duration::from_secs(database.idle_timeout_seconds),
        acquire_timeout: Duration::from_millis(database.acquire_timeout_millis),
        statement_timeout: Duration::from_millis(database.statement_timeout_millis),
    }
}

/// Bounds of a service's writer.
#[must_use]
pub fn writer_options(settings: &Settings) -> WriterOptions {
    let (writer, database) = (&settings.writer, &settings.database);
    WriterOptions {
        batch_max: writer.batch_max,
        queue_max: writer.queue_max,
        background_batch_max: writer.background_batch_max,
        background_queue_max: writer.background_queue_max,
        statement_timeout: Duration::from_millis(database.statement_timeout_millis),
        lock_timeout: Duration::from_millis(database.lock_timeout_millis),
        ..WriterOptions::default()
    }
}

/// A schema's writer and pool, open.
pub struct Opened<S: Schema> {
    /// Commits.
    pub writer: PgWriter<S>,
    /// Reads.
    pub pool: PgPool,
}

impl<S: Schema> Opened<S> {
    /// The schema's outbox.
    #[must_use]
    pub fn outbox(&self, schema: &'static str) -> Outbox {
        Outbox { schema, pool: self.pool.clone(), told: self.writer.told() }
    }
}

/// Opens the writer and the pool of a schema, as the service's role; `reads` are session settings of the pool.
///
/// # Errors
/// When the database cannot be reached or the schema was not migrated.
pub async fn open<S: Schema>(
    schema: S,
    ground: &Ground,
    reads: &[(&'static str, &'static str)],
) -> anyhow::Result<Opened<S>> {
    let (name, settings) = (schema.name(), &ground.settings);
    let session = ground.connect.clone().application_name(&format!("tender {name}"));
    let session = session.options(reads.iter().copied());
    let pool =
        async { open_pool(&session, pool_options(&settings.database)).await.map_err(anyhow::Error::from) };
    let writer = async {
        let options = writer_options(settings);
        PgWriter::open(schema, &ground.connect, options).await.map_err(anyhow::Error::from)
    };
    let opened = futures_util::future::try_join(writer, pool).await;
    let (writer, pool) = opened.with_context(|| format!("the database of {name} cannot be used"))?;
    Ok(Opened { writer, pool })
}
