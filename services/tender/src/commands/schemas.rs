//! All schemas of a Tender, brought up to date.

use anyhow::Context;
use futures_util::future::try_join_all;
use secrecy::SecretString;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use tender_postgres::{Migrated, Migration, migrate, role_name};

use crate::check::{AUDITOR_ROLE, create_auditor};

/// Every schema with its migrations: the five services, and the simulated gateway's books.
const SCHEMAS: [(&str, &[Migration]); 6] = [
    (tender_intents_service::SCHEMA, tender_intents_service::MIGRATIONS),
    (tender_vault_service::SCHEMA, tender_vault_service::MIGRATIONS),
    (tender_refunds_service::SCHEMA, tender_refunds_service::MIGRATIONS),
    (tender_settlement_service::SCHEMA, tender_settlement_service::MIGRATIONS),
    (tender_operations_service::SCHEMA, tender_operations_service::MIGRATIONS),
    (tender_simulator_store::SCHEMA, tender_simulator_store::MIGRATIONS),
];

/// Creates or updates all schemas and their roles, side by side, and the auditor's role. `password` gives a role the
/// password it is to have; none leaves it as it is.
pub(crate) async fn migrate_all(
    admin: &PgConnectOptions,
    password: impl Fn(&str) -> anyhow::Result<Option<SecretString>>,
) -> anyhow::Result<()> {
    let connections = u32::try_from(SCHEMAS.len()).expect("six schemas");
    let pool = PgPoolOptions::new().max_connections(connections).connect_with(admin.clone());
    let pool = pool.await.context("the database cannot be reached as its administrator")?;
    let passwords = SCHEMAS.iter().map(|(schema, _)| password(schema)).collect::<anyhow::Result<Vec<_>>>()?;
    let migrations = SCHEMAS
        .iter()
        .zip(&passwords)
        .map(|((schema, migrations), password)| migrate_one(&pool, schema, migrations, password.as_ref()));
    try_join_all(migrations).await?;
    create_auditor(&pool, AUDITOR_ROLE, None).await.context("the auditor's role cannot be made")?;
    pool.close().await;
    Ok(())
}

async fn migrate_one(
    admin: &PgPool,
    schema: &str,
    migrations: &[Migration],
    password: Option<&SecretString>,
) -> anyhow::Result<()> {
    let Migrated { applied, already_applied } =
        migrate(admin, schema, &role_name(schema, None), password, migrations).await?;
    tracing::debug!(schema, applied = applied.len(), already_applied, "schema is up to date");
    Ok(())
}
