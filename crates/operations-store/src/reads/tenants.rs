use chrono::{DateTime, Utc};
use sqlx::PgPool;
use tender_domain::kernel::{StoreError, TenantId, Version};
use tender_domain::operations::Tenant;
use tender_postgres::read_error;

const TABLE: &str = "tenants";

type Row = (String, String, i64, DateTime<Utc>, DateTime<Utc>);

pub(crate) async fn tenant(pool: &PgPool, tenant: &TenantId) -> Result<Option<Tenant>, StoreError> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT tenant_id, display_name, version, created_at, updated_at FROM operations.tenants WHERE tenant_id = $1",
    )
    .bind(tenant.as_str())
    .fetch_optional(pool)
    .await
    .map_err(|error| read_error(&error))?;
    row.map(read).transpose()
}

pub(crate) async fn tenants(pool: &PgPool, after: Option<&TenantId>) -> Result<Vec<Tenant>, StoreError> {
    // No tenant's name is empty: beginning after the empty one is beginning at the first.
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT tenant_id, display_name, version, created_at, updated_at FROM operations.tenants \
         WHERE tenant_id > $1 ORDER BY tenant_id LIMIT 100",
    )
    .bind(after.map_or("", TenantId::as_str))
    .fetch_all(pool)
    .await
    .map_err(|error| read_error(&error))?;
    rows.into_iter().map(read).collect()
}

pub(crate) async fn tenants_without_settings(pool: &PgPool, limit: u32) -> Result<Vec<TenantId>, StoreError> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT tenant_id FROM operations.tenants t \
         WHERE NOT EXISTS (SELECT FROM operations.tenant_settings s WHERE s.tenant_id = t.tenant_id) \
         ORDER BY tenant_id LIMIT $1",
    )
    .bind(i64::from(limit))
    .fetch_all(pool)
    .await
    .map_err(|error| read_error(&error))?;
    names.iter().map(|name| id_of(name)).collect()
}

fn id_of(name: &str) -> Result<TenantId, StoreError> {
    name.parse().map_err(|error| StoreError::corrupt(TABLE, "tenant_id", name, error))
}

fn read((tenant, display_name, version, created_at, updated_at): Row) -> Result<Tenant, StoreError> {
    Ok(Tenant {
        tenant: id_of(&tenant)?,
        display_name,
        version: Version::new(version),
        created_at,
        updated_at,
    })
}
