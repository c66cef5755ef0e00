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

fn read((tenant, display_name, version, created_at, updated_at): Row) -> Result<Tenant, StoreError> {
    let id = tenant.parse().map_err(|error| StoreError::corrupt(TABLE, "tenant_id", &tenant, error))?;
    Ok(Tenant { tenant: id, display_name, version: Version::new(version), created_at, updated_at })
}
