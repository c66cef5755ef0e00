//! Whether a server answers.

use std::{path::Path, time::Duration};

use sqlx::{
    AssertSqlSafe, Connection, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};

use super::{PrivateClusterError, initdb::SUPERUSER, socket::PORT};

/// Longest a single question may take.
const QUESTION_LIMIT: Duration = Duration::from_secs(5);

/// What came of asking a server for a connection.
#[derive(Debug)]
pub(super) enum Answer {
    /// It serves, and has the database.
    Ready,
    /// It serves; the database is not made yet.
    NoDatabase,
    /// It is there, and starting, recovering or ending.
    Busy(String),
    /// Nothing, or nothing to be hoped from.
    Nothing(String),
}

/// Options for a connection to `database` as the superuser.
pub(super) fn connect_options(socket: &Path, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(socket)
        .port(PORT)
        .username(SUPERUSER)
        .database(database)
        .ssl_mode(PgSslMode::Disable)
}

/// Asks once.
pub(super) async fn ask(socket: &Path, database: &str) -> Answer {
    let options = connect_options(socket, database);
    let error = match tokio::time::timeout(QUESTION_LIMIT, PgConnection::connect_with(&options)).await {
        Ok(Ok(connection)) => {
            // It answered; whether it also hears us leave changes nothing.
            let _ = connection.close().await;
            return Answer::Ready;
        }
        Ok(Err(error)) => error,
        Err(_) => return Answer::Nothing(format!("no answer in {} s", QUESTION_LIMIT.as_secs())),
    };
    match error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref() {
        Some("3D000") => Answer::NoDatabase,
        Some("57P03" | "53300") => Answer::Busy(error.to_string()),
        _ => Answer::Nothing(error.to_string()),
    }
}

/// Makes the database in a server that serves.
pub(super) async fn make_database(socket: &Path, database: &str) -> Result<(), PrivateClusterError> {
    let failed = |what| move |source| PrivateClusterError::Database { what, source };
    let options = connect_options(socket, "postgres");
    let mut connection = PgConnection::connect_with(&options).await.map_err(failed("be connected to"))?;
    let name = database.replace('"', "\"\"");
    sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE \"{name}\"")))
        .execute(&mut connection)
        .await
        .map_err(failed("create its database"))?;
    connection.close().await.map_err(failed("be disconnected from"))
}
