//! A service's role and schema: who may come in, and to where.

use secrecy::{ExposeSecret, SecretString};
use sqlx::{PgConnection, Postgres, Row, Transaction};

use super::MigrateError;

/// The role of a service: `tender_<service>`, or `tender_<service>_<suffix>` where several installations (or
/// tests) share one PostgreSQL, because roles are cluster-wide and databases are not.
///
/// # Panics
/// When the result is longer than the 63 bytes PostgreSQL keeps of a name; two roles would become one.
#[must_use]
pub fn role_name(service: &str, suffix: Option<&str>) -> String {
    let name = match suffix {
        Some(suffix) => format!("tender_{service}_{suffix}"),
        None => format!("tender_{service}"),
    };
    assert!(name.len() <= 63, "role name {name:?} is longer than PostgreSQL's 63 bytes");
    name
}

/// An SQL identifier in double quotes, whatever is in it.
pub(super) fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}

/// Creates or updates role and schema. The values travel as settings of the transaction and are quoted by the
/// server's own `format`, so neither a name nor a password is ever pasted into SQL, and the password is in no
/// statement text that could be logged.
pub(super) async fn prepare(
    connection: &mut PgConnection,
    schema: &str,
    role: &str,
    password: Option<&SecretString>,
) -> Result<(), MigrateError> {
    let failed = |step| move |source| MigrateError::Database { schema: schema.to_owned(), step, source };
    refuse_powerful_role(connection, schema, role).await?;
    let mut transaction = sqlx::Connection::begin(&mut *connection).await.map_err(failed("begin"))?;
    remember_names(&mut transaction, schema, role, password).await.map_err(failed("pass names"))?;
    for (step, sql) in [
        ("create role", CREATE_ROLE),
        ("set the role's password", SET_PASSWORD),
        ("create schema", CREATE_SCHEMA),
        ("create the table of records", CREATE_RECORDS),
    ] {
        sqlx::raw_sql(sql).execute(&mut *transaction).await.map_err(failed(step))?;
    }
    transaction.commit().await.map_err(failed("commit role and schema"))
}

/// Roles are shared by all databases of a cluster and advisory locks are not, so another database's migration
/// may create the same role at this instant: losing that race is success.
const CREATE_ROLE: &str = r"
DO $$
DECLARE role_name text := current_setting('tender.role');
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
        BEGIN
            EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', role_name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END IF;
END $$";

const SET_PASSWORD: &str = r"
DO $$
BEGIN
    IF current_setting('tender.role_password') <> '' THEN
        EXECUTE format('ALTER ROLE %I PASSWORD %L',
                       current_setting('tender.role'), current_setting('tender.role_password'));
    END IF;
END $$";

/// The schema stays the administrator's: a role that owned it could grant itself anything in it.
const CREATE_SCHEMA: &str = r"
DO $$
DECLARE
    role_name text := current_setting('tender.role');
    schema_name text := current_setting('tender.schema');
BEGIN
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = schema_name) THEN
        EXECUTE format('CREATE SCHEMA %I', schema_name);
    END IF;
    IF NOT has_schema_privilege(role_name, schema_name, 'USAGE') THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', schema_name, role_name);
    END IF;
    EXECUTE format('ALTER ROLE %I IN DATABASE %I SET search_path = %I',
                   role_name, current_database(), schema_name);
END $$";

const CREATE_RECORDS: &str = r"
DO $$
DECLARE schema_name text := current_setting('tender.schema');
BEGIN
    IF to_regclass(quote_ident(schema_name) || '._migrations') IS NULL THEN
        EXECUTE format('CREATE TABLE %I._migrations (
            name text PRIMARY KEY,
            sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
            applied_at timestamptz NOT NULL DEFAULT now(),
            applied_by text NOT NULL DEFAULT current_user
        )', schema_name);
    END IF;
END $$";

async fn remember_names(
    transaction: &mut Transaction<'_, Postgres>,
    schema: &str,
    role: &str,
    password: Option<&SecretString>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "SELECT set_config('tender.schema', $1, true), set_config('tender.role', $2, true), \
         set_config('tender.role_password', $3, true)",
    )
    .bind(schema)
    .bind(role)
    .bind(password.map_or("", |password| password.expose_secret()))
    .execute(&mut **transaction)
    .await?;
    Ok(())
}

async fn refuse_powerful_role(
    connection: &mut PgConnection,
    schema: &str,
    role: &str,
) -> Result<(), MigrateError> {
    let row = sqlx::query(
        "SELECT concat_ws(', ', CASE WHEN rolsuper THEN 'SUPERUSER' END, CASE WHEN rolcreatedb THEN 'CREATEDB' END, \
         CASE WHEN rolcreaterole THEN 'CREATEROLE' END, CASE WHEN rolreplication THEN 'REPLICATION' END, \
         CASE WHEN rolbypassrls THEN 'BYPASSRLS' END) AS attributes FROM pg_roles WHERE rolname = $1",
    )
    .bind(role)
    .fetch_optional(connection)
    .await
    .map_err(|source| MigrateError::Database { schema: schema.to_owned(), step: "look at the role", source })?;
    match row.map(|row| row.get::<String, _>("attributes")) {
        Some(attributes) if !attributes.is_empty() => {
            Err(MigrateError::RoleTooPowerful { role: role.to_owned(), attributes })
        }
        _ => Ok(()),
    }
}
