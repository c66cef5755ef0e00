//! What an attestation is made of: scans of the schema's own tables, counts of reads, rights of the role.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};
use tender_domain::kernel::{SecretReadId, StoreError, TenantId, Timestamp};
use tender_domain::vault::{CardNumberScan, ReadCount, ReadPurpose, Reader, ScannedRow};
use tender_postgres::read_error;
use uuid::Uuid;

use crate::column::from_row;

/// How many blocks of 8 KiB one page of a scan has.
const PAGE_BLOCKS: u32 = 64;
/// The most readers that are counted.
const READERS_MAX: i64 = 100;

/// Every table with a tenant; of partitioned ones their partitions, which hold the rows.
pub(crate) async fn scanned_tables(pool: &PgPool) -> Result<Vec<String>, StoreError> {
    let query = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' \
         WHERE c.relnamespace = 'vault'::regnamespace AND c.relkind = 'r' AND NOT a.attisdropped \
         AND has_table_privilege(c.oid, 'SELECT') ORDER BY c.relname",
    );
    query.fetch_all(pool).await.map_err(|error| read_error(&error))
}

/// Every column that can hold a card number. Bytes are read as text: a number that was stored in the clear shows.
async fn columns(pool: &PgPool, table: &str) -> Result<Vec<(String, bool)>, StoreError> {
    let query = sqlx::query_as(
        "SELECT a.attname::text, coalesce(nullif(t.typbasetype, 0), t.oid) = 'bytea'::regtype \
         FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid \
         WHERE a.attrelid = to_regclass('vault.' || quote_ident($1)) AND a.attnum > 0 AND NOT a.attisdropped \
         AND coalesce(nullif(t.typbasetype, 0), t.oid) = ANY ('{text,varchar,jsonb,json,bytea,bigint,numeric}'::regtype[]) \
         ORDER BY a.attnum",
    );
    query.bind(table).fetch_all(pool).await.map_err(|error| read_error(&error))
}

#[derive(Debug)]
struct Row {
    tenant_id: String,
    place: String,
    texts: Vec<Option<String>>,
}

from_row!(Row { tenant_id, place, texts });

/// A page is a range of the table's blocks: every table has those, whatever its key. None when the table has no block so
/// far behind.
pub(crate) async fn scanned_page(
    pool: &PgPool,
    table: &str,
    page: u32,
) -> Result<Option<Vec<ScannedRow>>, StoreError> {
    let failed = |error| read_error(&error);
    let first = page.saturating_mul(PAGE_BLOCKS);
    let blocks: i64 = sqlx::query_scalar(
        "SELECT pg_relation_size(to_regclass('vault.' || quote_ident($1))) / current_setting('block_size')::bigint",
    )
    .bind(table)
    .fetch_one(pool)
    .await
    .map_err(failed)?;
    if i64::from(first) >= blocks {
        return Ok(None);
    }
    let columns = columns(pool, table).await?;
    let texts = columns.iter().map(|(column, is_bytes)| {
        let quoted = quoted(column);
        if *is_bytes {
            format!("regexp_replace(encode({quoted}, 'escape'), '\\\\[0-7]{{3}}', '.', 'g')")
        } else {
            format!("{quoted}::text")
        }
    });
    let texts = texts.collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT tenant_id::text AS tenant_id, ctid::text AS place, ARRAY[{texts}] AS texts FROM vault.{} \
         WHERE ctid >= $1::text::tid AND ctid < $2::text::tid",
        quoted(table)
    );
    let at = |block: u32| format!("({block},0)");
    let query =
        sqlx::query_as(AssertSqlSafe(sql)).bind(at(first)).bind(at(first.saturating_add(PAGE_BLOCKS)));
    let rows: Vec<Row> = query.fetch_all(pool).await.map_err(failed)?;
    let read = |row: Row| {
        let texts =
            columns.iter().zip(row.texts).filter_map(|((column, _), text)| Some((column.clone(), text?)));
        let tenant = row.tenant_id.parse();
        let tenant =
            tenant.map_err(|error| StoreError::corrupt("scanned", "tenant_id", &row.place, error))?;
        Ok(ScannedRow { tenant, place: row.place, texts: texts.collect() })
    };
    rows.into_iter().map(read).collect::<Result<_, StoreError>>().map(Some)
}

/// A name of the catalog, as SQL quotes it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

pub(crate) async fn keep_scans(pool: &PgPool, scans: &[CardNumberScan]) -> Result<(), StoreError> {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let findings =
        |scan: &CardNumberScan| serde_json::to_value(&scan.findings).unwrap_or(Value::Array(Vec::new()));
    let query = sqlx::query(
        "INSERT INTO vault.card_number_scans (tenant_id, started_at, finished_at, rows, found, findings) \
         SELECT unnest($1::text[]), unnest($2::timestamptz[]), unnest($3::timestamptz[]), unnest($4::bigint[]), \
         unnest($5::bigint[]), unnest($6::jsonb[]) ON CONFLICT DO NOTHING",
    );
    let query = query
        .bind(scans.iter().map(|scan| scan.tenant.as_str()).collect::<Vec<_>>())
        .bind(scans.iter().map(|scan| scan.started_at).collect::<Vec<_>>())
        .bind(scans.iter().map(|scan| scan.finished_at).collect::<Vec<_>>())
        .bind(scans.iter().map(|scan| number(scan.rows)).collect::<Vec<_>>())
        .bind(scans.iter().map(|scan| number(scan.found)).collect::<Vec<_>>())
        .bind(scans.iter().map(findings).collect::<Vec<_>>());
    query.execute(pool).await.map(|_| ()).map_err(|error| read_error(&error))
}

type ScanRow = (DateTime<Utc>, DateTime<Utc>, i64, i64, Value);

pub(crate) async fn last_scan(
    pool: &PgPool,
    tenant: &TenantId,
) -> Result<Option<CardNumberScan>, StoreError> {
    let query = sqlx::query_as::<_, ScanRow>(
        "SELECT started_at, finished_at, rows, found, findings FROM vault.card_number_scans WHERE tenant_id = $1 \
         ORDER BY started_at DESC LIMIT 1",
    );
    let row = query.bind(tenant.as_str()).fetch_optional(pool).await.map_err(|error| read_error(&error))?;
    let Some((started_at, finished_at, rows, found, findings)) = row else { return Ok(None) };
    let bad = |column| StoreError::corrupt("card_number_scans", column, tenant, "breaks a law of scans");
    Ok(Some(CardNumberScan {
        tenant: tenant.clone(),
        started_at,
        finished_at,
        rows: u64::try_from(rows).map_err(|_| bad("rows"))?,
        found: u64::try_from(found).map_err(|_| bad("found"))?,
        findings: serde_json::from_value(findings).map_err(|_| bad("findings"))?,
    }))
}

pub(crate) async fn last_scanned(pool: &PgPool) -> Result<Option<Timestamp>, StoreError> {
    let query = sqlx::query_scalar(
        "SELECT max(finished_at) FROM vault.card_number_scans WHERE finished_at IS NOT NULL",
    );
    query.fetch_one(pool).await.map_err(|error| read_error(&error))
}

/// The first id of that time: ids of lines are in the order of time, so the primary key leads to them.
fn first_id(since: Timestamp) -> Uuid {
    let millis = u128::try_from(since.timestamp_millis()).unwrap_or_default();
    Uuid::from_u128(millis << 80)
}

pub(crate) async fn read_counts(
    pool: &PgPool,
    tenant: &TenantId,
    since: Timestamp,
) -> Result<Vec<ReadCount>, StoreError> {
    let query = sqlx::query_as::<_, (String, String, String, i64, DateTime<Utc>)>(
        "SELECT reader_type, reader, purpose, count(*), max(read_at) FROM vault.secret_reads \
         WHERE tenant_id = $1 AND read_id >= $2 AND read_at >= $3 GROUP BY reader_type, reader, purpose \
         ORDER BY count(*) DESC, reader, purpose LIMIT $4",
    );
    let query = query.bind(tenant.as_str()).bind(first_id(since)).bind(since).bind(READERS_MAX);
    let rows = query.fetch_all(pool).await.map_err(|error| read_error(&error))?;
    let read = |(kind, name, purpose, reads, last_at): (String, String, String, i64, DateTime<Utc>)| {
        let bad = |column| StoreError::corrupt("secret_reads", column, tenant, "breaks a law of the log");
        Ok(ReadCount {
            reader: Reader::of(&kind, &name).ok_or_else(|| bad("reader_type"))?,
            purpose: ReadPurpose::find(&purpose).ok_or_else(|| bad("purpose"))?,
            reads: u64::try_from(reads).unwrap_or_default(),
            last_at,
        })
    };
    rows.into_iter().map(read).collect()
}

pub(crate) async fn lines_there(
    pool: &PgPool,
    tenant: &TenantId,
    lines: &[SecretReadId],
) -> Result<u64, StoreError> {
    let query = sqlx::query_scalar::<_, i64>(
        "SELECT count(*) FROM vault.secret_reads WHERE tenant_id = $1 AND read_id = ANY ($2)",
    );
    let query = query.bind(tenant.as_str()).bind(lines.iter().map(|line| line.uuid()).collect::<Vec<_>>());
    let there = query.fetch_one(pool).await.map_err(|error| read_error(&error))?;
    Ok(u64::try_from(there).unwrap_or_default())
}

pub(crate) async fn last_rotation(pool: &PgPool, tenant: &TenantId) -> Result<Option<Timestamp>, StoreError> {
    let query = sqlx::query_scalar(
        "SELECT max(finished_at) FROM vault.key_rotations WHERE tenant_id = $1 AND failures = '[]'::jsonb",
    );
    query.bind(tenant.as_str()).fetch_one(pool).await.map_err(|error| read_error(&error))
}

pub(crate) async fn can_change_the_log(pool: &PgPool) -> Result<bool, StoreError> {
    let query =
        sqlx::query_scalar("SELECT has_table_privilege('vault.secret_reads', 'UPDATE, DELETE, TRUNCATE')");
    query.fetch_one(pool).await.map_err(|error| read_error(&error))
}
