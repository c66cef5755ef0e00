//! The log of secret reads: lines are added, and read.

use chrono::{DateTime, Utc};
use sqlx::{PgPool, QueryBuilder};
use tender_domain::kernel::{
    ConnectorId, Direction, MethodId, Page, PageRequest, SecretReadId, StoreError, TenantId, Timestamp,
};
use tender_domain::vault::{AccessFilter, ReadPurpose, Reader, SecretOf, SecretRead};
use tender_postgres::read_error;
use uuid::Uuid;

use crate::column::from_row;

pub(crate) async fn append(pool: &PgPool, reads: &[SecretRead]) -> Result<(), StoreError> {
    let texts = |of: fn(&SecretRead) -> &str| reads.iter().map(of).collect::<Vec<_>>();
    let query = sqlx::query(
        "INSERT INTO vault.secret_reads (tenant_id, read_id, method_id, reader_type, reader, purpose, opened, read_at, connector_id) \
         SELECT unnest($1::text[]), unnest($2::uuid[]), unnest($3::uuid[]), unnest($4::text[]), unnest($5::text[]), \
         unnest($6::text[]), unnest($7::boolean[]), unnest($8::timestamptz[]), unnest($9::uuid[]) \
         ON CONFLICT DO NOTHING",
    );
    let query = query
        .bind(texts(|read| read.tenant.as_str()))
        .bind(reads.iter().map(|read| read.id.uuid()).collect::<Vec<_>>())
        .bind(reads.iter().map(|read| read.of.method().map(|id| id.uuid())).collect::<Vec<_>>())
        .bind(texts(|read| read.reader.kind()))
        .bind(texts(|read| read.reader.name()))
        .bind(texts(|read| read.purpose.as_str()))
        .bind(reads.iter().map(|read| read.opened).collect::<Vec<_>>())
        .bind(reads.iter().map(|read| read.at).collect::<Vec<_>>())
        .bind(reads.iter().map(|read| read.of.connector().map(|id| id.uuid())).collect::<Vec<_>>());
    query.execute(pool).await.map(|_| ()).map_err(|error| read_error(&error))
}

pub(crate) async fn forget(pool: &PgPool, read_before: Timestamp, limit: usize) -> Result<usize, StoreError> {
    let gone: i32 = sqlx::query_scalar("SELECT vault.forget_secret_reads($1, $2)")
        .bind(read_before)
        .bind(i32::try_from(limit).unwrap_or(i32::MAX))
        .fetch_one(pool)
        .await
        .map_err(|error| read_error(&error))?;
    Ok(usize::try_from(gone).unwrap_or_default())
}

struct Row {
    tenant_id: String,
    read_id: Uuid,
    method_id: Option<Uuid>,
    connector_id: Option<Uuid>,
    reader_type: String,
    reader: String,
    purpose: String,
    opened: bool,
    read_at: DateTime<Utc>,
}

from_row!(Row { tenant_id, read_id, method_id, connector_id, reader_type, reader, purpose, opened, read_at });

impl TryFrom<Row> for SecretRead {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let place = format!("{} {}", row.tenant_id, row.read_id);
        let bad = |column| StoreError::corrupt("secret_reads", column, &place, "breaks a law of the log");
        Ok(Self {
            id: SecretReadId::from_uuid(row.read_id),
            tenant: row.tenant_id.parse().map_err(|_| bad("tenant_id"))?,
            of: match (row.method_id, row.connector_id) {
                (Some(id), None) => SecretOf::Method(MethodId::from_uuid(id)),
                (None, Some(id)) => SecretOf::Connector(ConnectorId::from_uuid(id)),
                _ => return Err(bad("connector_id")),
            },
            reader: Reader::of(&row.reader_type, &row.reader).ok_or_else(|| bad("reader_type"))?,
            purpose: ReadPurpose::find(&row.purpose).ok_or_else(|| bad("purpose"))?,
            opened: row.opened,
            at: row.read_at,
        })
    }
}

pub(crate) async fn reads(
    pool: &PgPool,
    tenant: &TenantId,
    filter: &AccessFilter,
    page: &PageRequest,
) -> Result<Page<SecretRead>, StoreError> {
    let mut query = QueryBuilder::new(
        "SELECT tenant_id, read_id, method_id, connector_id, reader_type, reader, purpose, opened, read_at FROM vault.secret_reads \
         WHERE tenant_id = ",
    );
    query.push_bind(tenant.as_str().to_owned());
    if let Some(method) = filter.method {
        query.push(" AND method_id = ").push_bind(method.uuid());
    }
    if let Some(connector) = filter.connector {
        query.push(" AND connector_id = ").push_bind(connector.uuid());
    }
    if let Some(reader) = &filter.reader {
        query.push(" AND reader = ").push_bind(reader.clone());
    }
    if let Some(purpose) = filter.purpose {
        query.push(" AND purpose = ").push_bind(purpose.as_str());
    }
    if let Some(from) = filter.from {
        query.push(" AND read_at >= ").push_bind(from);
    }
    if let Some(until) = filter.until {
        query.push(" AND read_at < ").push_bind(until);
    }
    let (beyond, order) = match page.direction {
        Direction::Older => (" AND read_id < ", "DESC"),
        Direction::Newer => (" AND read_id > ", "ASC"),
    };
    if let Some(cursor) = page.cursor {
        query.push(beyond).push_bind(cursor.0);
    }
    query.push(" ORDER BY read_id ").push(order).push(" LIMIT ").push_bind(page.fetch());
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await.map_err(|error| read_error(&error))?;
    let reads = rows.into_iter().map(SecretRead::try_from).collect::<Result<_, _>>()?;
    Ok(Page::from_fetched(page, reads))
}
