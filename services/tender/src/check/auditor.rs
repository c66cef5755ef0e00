//! The auditor's role: reads everything, writes nothing.

use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;

/// The auditor's role in an installation that has its PostgreSQL for itself.
pub const AUDITOR_ROLE: &str = "tender_auditor";

/// The names and the password travel as settings of the transaction and are quoted by the server, so that neither is
/// ever pasted into a statement.
const CREATE: &str = r"
DO $$
DECLARE
    role_name text := current_setting('tender.auditor');
    password text := current_setting('tender.auditor_password');
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
        BEGIN
            EXECUTE format('CREATE ROLE %I LOGIN', role_name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
    END IF;
    EXECUTE format('GRANT pg_read_all_data TO %I', role_name);
    EXECUTE format('ALTER ROLE %I SET default_transaction_read_only = on', role_name);
    IF password <> '' THEN
        EXECUTE format('ALTER ROLE %I PASSWORD %L', role_name, password);
    END IF;
END $$";

/// Makes the role if it is missing. Without a password its own stays as it is.
///
/// # Errors
/// When the database cannot be reached or `admin` may not create roles.
pub async fn create_auditor(
    admin: &PgPool,
    role: &str,
    password: Option<&SecretString>,
) -> Result<(), sqlx::Error> {
    let mut transaction = admin.begin().await?;
    sqlx::query(
        "SELECT set_config('tender.auditor', $1, true), set_config('tender.auditor_password', $2, true)",
    )
    .bind(role)
    .bind(password.map_or("", |password| password.expose_secret()))
    .execute(&mut *transaction)
    .await?;
    sqlx::raw_sql(CREATE).execute(&mut *transaction).await?;
    transaction.commit().await
}
