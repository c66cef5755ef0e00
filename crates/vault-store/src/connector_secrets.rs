//! The credentials of connectors: table, rows, reads.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgPool};
use tender_domain::kernel::{ConnectorId, DataKeyId, StoreError, TenantId, Version};
use tender_domain::vault::{ConnectorSecret, SealedTokens, SealingKey};
use tender_postgres::{Cell, Column, ColumnType, TableSpec, read_error};
use uuid::Uuid;

use crate::column::from_row;

pub(crate) static CONNECTOR_SECRETS: TableSpec = TableSpec {
    name: "connector_secrets",
    key: &[Column::new("connector_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("generation", ColumnType::Int),
        Column::new("sealed", ColumnType::Bytes),
        Column::new("data_key_id", ColumnType::Uuid),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

pub(crate) fn secret_cells(secret: &ConnectorSecret) -> Vec<Cell> {
    let key = secret.sealed.as_ref().and_then(|sealed| match sealed.key {
        SealingKey::Data(id) => Some(id.uuid()),
        SealingKey::Installation(_) => None,
    });
    vec![
        secret.connector.uuid().into(),
        secret.version.number().into(),
        i32::try_from(secret.generation).expect("rotations are few").into(),
        secret.sealed.as_ref().map(|sealed| sealed.bytes.clone()).into(),
        key.into(),
        secret.updated_at.into(),
    ]
}

const COLUMNS: &str = "tenant_id, connector_id, version, generation, sealed, data_key_id, updated_at FROM vault.connector_secrets";

struct Row {
    tenant_id: String,
    connector_id: Uuid,
    version: i64,
    generation: i32,
    sealed: Option<Vec<u8>>,
    data_key_id: Option<Uuid>,
    updated_at: DateTime<Utc>,
}

from_row!(Row { tenant_id, connector_id, version, generation, sealed, data_key_id, updated_at });

impl TryFrom<Row> for ConnectorSecret {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let place = format!("{} {}", row.tenant_id, row.connector_id);
        let bad =
            |column| StoreError::corrupt("connector_secrets", column, &place, "breaks a law of secrets");
        let key = row.data_key_id.map(|id| SealingKey::Data(DataKeyId::from_uuid(id)));
        Ok(Self {
            tenant: row.tenant_id.parse().map_err(|_| bad("tenant_id"))?,
            connector: ConnectorId::from_uuid(row.connector_id),
            version: Version::new(row.version),
            generation: u32::try_from(row.generation).map_err(|_| bad("generation"))?,
            sealed: row.sealed.zip(key).map(|(bytes, key)| SealedTokens { key, bytes }),
            updated_at: row.updated_at,
        })
    }
}

pub(crate) async fn find(
    pool: &PgPool,
    tenant: &TenantId,
    connector: ConnectorId,
) -> Result<Option<ConnectorSecret>, StoreError> {
    let sql = format!("SELECT {COLUMNS} WHERE tenant_id = $1 AND connector_id = $2");
    let query = sqlx::query_as::<_, Row>(AssertSqlSafe(sql)).bind(tenant.as_str()).bind(connector.uuid());
    let row = query.fetch_optional(pool).await.map_err(|error| read_error(&error))?;
    row.map(TryInto::try_into).transpose()
}

/// By the index of what is sealed under which key.
pub(crate) async fn sealed_otherwise(
    pool: &PgPool,
    (tenant, key): (&TenantId, DataKeyId),
    except: &[ConnectorId],
    limit: usize,
) -> Result<Vec<ConnectorSecret>, StoreError> {
    let part = |condition: &str| {
        format!(
            "(SELECT {COLUMNS} WHERE tenant_id = $1 AND {condition} AND connector_id <> ALL($3) \
             ORDER BY data_key_id, connector_id LIMIT $4)"
        )
    };
    let sql = format!("{} UNION ALL {} LIMIT $4", part("data_key_id < $2"), part("data_key_id > $2"));
    let except: Vec<Uuid> = except.iter().map(|id| id.uuid()).collect();
    let query = sqlx::query_as::<_, Row>(AssertSqlSafe(sql)).bind(tenant.as_str()).bind(key.uuid());
    let query = query.bind(except).bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let rows = query.fetch_all(pool).await.map_err(|error| read_error(&error))?;
    rows.into_iter().map(TryInto::try_into).collect()
}
