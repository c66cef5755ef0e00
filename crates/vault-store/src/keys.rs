//! Data keys and rotations: tables, rows, reads.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};
use tender_domain::kernel::{
    DataKeyId, Direction, JobId, MethodId, Page, PageRequest, StoreError, TenantId, Version,
};
use tender_domain::ports::WrappedKey;
use tender_domain::vault::{DataKey, DataKeyState, KeyPurpose, KeyRotation, PaymentMethod};
use tender_postgres::{Cell, Column, ColumnType, TableSpec, read_error};
use uuid::Uuid;

use crate::column::from_row;
use crate::row::{COLUMNS as METHOD_COLUMNS, MethodRow};

/// The most usable keys of a purpose that are read: each rotation leaves one, or the few that could not be retired.
const USABLE_MAX: i64 = 100;

pub(crate) static DATA_KEYS: TableSpec = TableSpec {
    name: "data_keys",
    key: &[Column::new("data_key_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("purpose", ColumnType::Text),
        Column::new("number", ColumnType::Int),
        Column::new("wrapped_by", ColumnType::Text),
        Column::new("wrapped", ColumnType::Bytes),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("wrapped_at", ColumnType::Timestamp),
        Column::new("retired_at", ColumnType::Timestamp),
    ],
};

pub(crate) static KEY_ROTATIONS: TableSpec = TableSpec {
    name: "key_rotations",
    key: &[Column::new("job_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("purpose", ColumnType::Text),
        Column::new("data_key_id", ColumnType::Uuid),
        Column::new("credentials_key_id", ColumnType::Uuid),
        Column::new("total", ColumnType::BigInt),
        Column::new("done", ColumnType::BigInt),
        Column::new("failures", ColumnType::Json),
        Column::new("created_by", ColumnType::Text),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("finished_at", ColumnType::Timestamp),
    ],
};

pub(crate) fn key_cells(key: &DataKey) -> Vec<Cell> {
    vec![
        key.id.uuid().into(),
        key.version.number().into(),
        key.purpose.as_str().into(),
        i32::try_from(key.number).expect("a tenant's keys are few").into(),
        key.wrapped_by().into(),
        key.wrapped().map(|wrapped| wrapped.bytes.clone()).into(),
        key.created_at.into(),
        key.wrapped_at.into(),
        key.retired_at().into(),
    ]
}

pub(crate) fn rotation_cells(rotation: &KeyRotation) -> Vec<Cell> {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    vec![
        rotation.id.uuid().into(),
        rotation.version.number().into(),
        KeyRotation::CLAIMED_AS.as_str().into(),
        rotation.to.uuid().into(),
        rotation.credentials_to.map(|to| to.uuid()).into(),
        count(rotation.total).into(),
        count(rotation.done).into(),
        Cell::json(&rotation.failures).expect("ids and texts are always JSON"),
        rotation.created_by.as_str().into(),
        rotation.created_at.into(),
        rotation.finished_at.into(),
    ]
}

const KEY_COLUMNS: &str = "SELECT tenant_id, data_key_id, version, purpose, number, wrapped_by, wrapped, created_at, \
    wrapped_at, retired_at FROM vault.data_keys";

struct KeyRow {
    tenant_id: String,
    data_key_id: Uuid,
    version: i64,
    purpose: String,
    number: i32,
    wrapped_by: String,
    wrapped: Option<Vec<u8>>,
    created_at: DateTime<Utc>,
    wrapped_at: DateTime<Utc>,
    retired_at: Option<DateTime<Utc>>,
}

from_row!(KeyRow {
    tenant_id,
    data_key_id,
    version,
    purpose,
    number,
    wrapped_by,
    wrapped,
    created_at,
    wrapped_at,
    retired_at
});

impl TryFrom<KeyRow> for DataKey {
    type Error = StoreError;

    fn try_from(row: KeyRow) -> Result<Self, StoreError> {
        let place = format!("{} {}", row.tenant_id, row.data_key_id);
        let bad = |column| StoreError::corrupt("data_keys", column, &place, "breaks a law of data keys");
        let state = match (row.wrapped, row.retired_at) {
            (Some(bytes), None) => DataKeyState::Usable(WrappedKey { by: row.wrapped_by, bytes }),
            (None, Some(at)) => DataKeyState::Retired { was_wrapped_by: row.wrapped_by, at },
            _ => return Err(bad("wrapped")),
        };
        Ok(Self {
            tenant: row.tenant_id.parse().map_err(|_| bad("tenant_id"))?,
            id: DataKeyId::from_uuid(row.data_key_id),
            version: Version::new(row.version),
            purpose: KeyPurpose::find(&row.purpose).ok_or_else(|| bad("purpose"))?,
            number: u32::try_from(row.number).map_err(|_| bad("number"))?,
            created_at: row.created_at,
            wrapped_at: row.wrapped_at,
            state,
        })
    }
}

fn read_keys(rows: Vec<KeyRow>) -> Result<Vec<DataKey>, StoreError> {
    rows.into_iter().map(DataKey::try_from).collect()
}

pub(crate) async fn data_key(
    pool: &PgPool,
    tenant: &TenantId,
    id: DataKeyId,
) -> Result<Option<DataKey>, StoreError> {
    let sql = format!("{KEY_COLUMNS} WHERE tenant_id = $1 AND data_key_id = $2");
    let query = sqlx::query_as::<_, KeyRow>(AssertSqlSafe(sql)).bind(tenant.as_str()).bind(id.uuid());
    let row = query.fetch_optional(pool).await.map_err(|error| read_error(&error))?;
    row.map(DataKey::try_from).transpose()
}

pub(crate) async fn usable_keys(
    pool: &PgPool,
    tenant: &TenantId,
    purpose: KeyPurpose,
) -> Result<Vec<DataKey>, StoreError> {
    let sql = format!(
        "{KEY_COLUMNS} WHERE tenant_id = $1 AND purpose = $2 AND retired_at IS NULL ORDER BY number DESC LIMIT $3"
    );
    let query =
        sqlx::query_as(AssertSqlSafe(sql)).bind(tenant.as_str()).bind(purpose.as_str()).bind(USABLE_MAX);
    read_keys(query.fetch_all(pool).await.map_err(|error| read_error(&error))?)
}

pub(crate) async fn data_keys(
    pool: &PgPool,
    tenant: &TenantId,
    page: &PageRequest,
) -> Result<Page<DataKey>, StoreError> {
    let (beyond, order) = match page.direction {
        Direction::Older => ("<", "DESC"),
        Direction::Newer => (">", "ASC"),
    };
    let sql = format!(
        "{KEY_COLUMNS} WHERE tenant_id = $1 AND ($2::uuid IS NULL OR data_key_id {beyond} $2) \
         ORDER BY data_key_id {order} LIMIT $3"
    );
    let query = sqlx::query_as(AssertSqlSafe(sql));
    let query = query.bind(tenant.as_str()).bind(page.cursor.map(|cursor| cursor.0)).bind(page.fetch());
    let rows = query.fetch_all(pool).await.map_err(|error| read_error(&error))?;
    Ok(Page::from_fetched(page, read_keys(rows)?))
}

pub(crate) async fn keys_not_wrapped_by(
    pool: &PgPool,
    by: &str,
    limit: usize,
) -> Result<Vec<DataKey>, StoreError> {
    let sql = format!(
        "({KEY_COLUMNS} WHERE retired_at IS NULL AND wrapped_by < $1 ORDER BY wrapped_by LIMIT $2) UNION ALL \
         ({KEY_COLUMNS} WHERE retired_at IS NULL AND wrapped_by > $1 ORDER BY wrapped_by LIMIT $2) LIMIT $2"
    );
    let query = sqlx::query_as(AssertSqlSafe(sql)).bind(by).bind(i64::try_from(limit).unwrap_or(i64::MAX));
    read_keys(query.fetch_all(pool).await.map_err(|error| read_error(&error))?)
}

pub(crate) async fn count_sealed_otherwise(
    pool: &PgPool,
    tenant: &TenantId,
    (purpose, key): (KeyPurpose, DataKeyId),
) -> Result<u64, StoreError> {
    let query = sqlx::query_scalar::<_, i64>(match purpose {
        KeyPurpose::PaymentMethods => {
            "SELECT (SELECT count(*) FROM vault.payment_methods WHERE tenant_id = $1 AND key_version IS NOT NULL) \
             + (SELECT count(*) FROM vault.payment_methods WHERE tenant_id = $1 AND data_key_id < $2) \
             + (SELECT count(*) FROM vault.payment_methods WHERE tenant_id = $1 AND data_key_id > $2)"
        }
        KeyPurpose::ConnectorCredentials => {
            "SELECT (SELECT count(*) FROM vault.connector_secrets WHERE tenant_id = $1 AND data_key_id < $2) \
             + (SELECT count(*) FROM vault.connector_secrets WHERE tenant_id = $1 AND data_key_id > $2)"
        }
    });
    let counted = query.bind(tenant.as_str()).bind(key.uuid()).fetch_one(pool).await;
    let counted = counted.map_err(|error| read_error(&error))?;
    Ok(u64::try_from(counted).unwrap_or_default())
}

/// By the indexes of what is sealed under which key: what was sealed anew is not met again.
pub(crate) async fn sealed_otherwise(
    pool: &PgPool,
    (tenant, key): (&TenantId, DataKeyId),
    except: &[MethodId],
    limit: usize,
) -> Result<Vec<Arc<PaymentMethod>>, StoreError> {
    let part = |condition: &str, order: &str| {
        format!(
            "(SELECT {METHOD_COLUMNS} FROM vault.payment_methods WHERE tenant_id = $1 AND {condition} \
             AND method_id <> ALL($3) ORDER BY {order} LIMIT $4)"
        )
    };
    let sql = format!(
        "{} UNION ALL {} UNION ALL {} LIMIT $4",
        part("key_version IS NOT NULL AND $2 IS NOT NULL", "method_id"),
        part("data_key_id < $2", "data_key_id, method_id"),
        part("data_key_id > $2", "data_key_id, method_id")
    );
    let except: Vec<Uuid> = except.iter().map(|id| id.uuid()).collect();
    let query = sqlx::query_as::<_, MethodRow>(AssertSqlSafe(sql)).bind(tenant.as_str()).bind(key.uuid());
    let query = query.bind(except).bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let rows = query.fetch_all(pool).await.map_err(|error| read_error(&error))?;
    rows.into_iter().map(|row| row.try_into().map(Arc::new)).collect()
}

const ROTATION_COLUMNS: &str = "SELECT tenant_id, job_id, version, data_key_id, credentials_key_id, total, done, failures, \
    created_by, created_at, finished_at FROM vault.key_rotations";

struct RotationRow {
    tenant_id: String,
    job_id: Uuid,
    version: i64,
    data_key_id: Uuid,
    credentials_key_id: Option<Uuid>,
    total: i64,
    done: i64,
    failures: Value,
    created_by: String,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

from_row!(RotationRow {
    tenant_id,
    job_id,
    version,
    data_key_id,
    credentials_key_id,
    total,
    done,
    failures,
    created_by,
    created_at,
    finished_at
});

impl TryFrom<RotationRow> for KeyRotation {
    type Error = StoreError;

    fn try_from(row: RotationRow) -> Result<Self, StoreError> {
        let place = format!("{} {}", row.tenant_id, row.job_id);
        let bad = |column| StoreError::corrupt("key_rotations", column, &place, "breaks a law of rotations");
        Ok(Self {
            tenant: row.tenant_id.parse().map_err(|_| bad("tenant_id"))?,
            id: JobId::from_uuid(row.job_id),
            version: Version::new(row.version),
            to: DataKeyId::from_uuid(row.data_key_id),
            credentials_to: row.credentials_key_id.map(DataKeyId::from_uuid),
            total: u64::try_from(row.total).map_err(|_| bad("total"))?,
            done: u64::try_from(row.done).map_err(|_| bad("done"))?,
            failures: serde_json::from_value(row.failures).map_err(|_| bad("failures"))?,
            created_by: row.created_by,
            created_at: row.created_at,
            finished_at: row.finished_at,
        })
    }
}

pub(crate) async fn rotation(
    pool: &PgPool,
    tenant: &TenantId,
    id: JobId,
) -> Result<Option<KeyRotation>, StoreError> {
    let sql = format!("{ROTATION_COLUMNS} WHERE tenant_id = $1 AND job_id = $2");
    let query = sqlx::query_as::<_, RotationRow>(AssertSqlSafe(sql)).bind(tenant.as_str()).bind(id.uuid());
    let row = query.fetch_optional(pool).await.map_err(|error| read_error(&error))?;
    row.map(KeyRotation::try_from).transpose()
}

pub(crate) async fn running_rotations(pool: &PgPool, limit: usize) -> Result<Vec<KeyRotation>, StoreError> {
    let sql = format!("{ROTATION_COLUMNS} WHERE finished_at IS NULL ORDER BY created_at LIMIT $1");
    let query =
        sqlx::query_as::<_, RotationRow>(AssertSqlSafe(sql)).bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let rows = query.fetch_all(pool).await.map_err(|error| read_error(&error))?;
    rows.into_iter().map(KeyRotation::try_from).collect()
}
