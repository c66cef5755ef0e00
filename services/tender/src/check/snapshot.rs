//! One instant of the whole database, read by a role that can write nothing.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection, Row};

/// A connection in a read-only transaction that sees one instant, and what it found there at first sight.
pub(super) struct Snapshot {
    connection: PgConnection,
    schemas: Vec<String>,
    at: DateTime<Utc>,
    grace: Duration,
}

impl Snapshot {
    /// Opens it. What is younger than `grace` is not judged.
    pub(super) async fn open(connect: &PgConnectOptions, grace: Duration) -> Result<Self, sqlx::Error> {
        let mut connection =
            connect.clone().application_name("tender check").disable_statement_logging().connect().await?;
        for statement in ["SET statement_timeout = 0", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"] {
            sqlx::raw_sql(statement).execute(&mut connection).await?;
        }
        let row = sqlx::query(
            "SELECT now() AS at, array(SELECT n.nspname::text FROM pg_namespace n \
             WHERE to_regclass(quote_ident(n.nspname) || '._migrations') IS NOT NULL) AS schemas",
        )
        .fetch_one(&mut connection)
        .await?;
        Ok(Self { connection, schemas: row.try_get("schemas")?, at: row.try_get("at")?, grace })
    }

    pub(super) const fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// Whether the schema is there.
    pub(super) fn has(&self, schema: &str) -> bool {
        self.schemas.iter().any(|known| known == schema)
    }

    /// The schemas of Tender that are there.
    pub(super) fn schemas(&self) -> Vec<String> {
        self.schemas.clone()
    }

    /// The instant.
    pub(super) const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// What happened since then is too young to be judged.
    pub(super) fn judged_until(&self) -> DateTime<Utc> {
        chrono::TimeDelta::from_std(self.grace)
            .ok()
            .and_then(|grace| self.at.checked_sub_signed(grace))
            .unwrap_or(self.at)
    }

    pub(super) async fn close(self) -> Result<(), sqlx::Error> {
        self.connection.close().await
    }
}
