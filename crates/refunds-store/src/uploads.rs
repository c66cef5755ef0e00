//! Uploads and how long evidence is kept: tables, rows, reads.

use async_trait::async_trait;
use sqlx::PgPool;
use sqlx::types::Json;
use tender_domain::disputes::{DisputeRetention, ExpiredEvidence};
use tender_domain::kernel::{Save, StoreError, TenantId, Timestamp, UploadId};
use tender_domain::uploads::{Upload, UploadStore};
use tender_postgres::{Cell, Column, ColumnType, Rows, TableSpec, read_error};

use crate::PgRefundStore;
use crate::rows::{ExpiredRow, UploadRow};

/// What the retention is of.
const SCOPE: &str = "tenant";

pub(crate) static UPLOADS: TableSpec = TableSpec {
    name: "uploads",
    key: &[Column::new("upload_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("purpose", ColumnType::Text),
        Column::new("file_name", ColumnType::Text),
        Column::new("content_type", ColumnType::Text),
        Column::new("size_bytes", ColumnType::BigInt),
        Column::new("sha256", ColumnType::Text),
        Column::new("status", ColumnType::Text),
        Column::new("dispute_id", ColumnType::Uuid),
        Column::new("declared_by", ColumnType::Text),
        Column::new("expires_at", ColumnType::Timestamp),
        Column::new("created_at", ColumnType::Timestamp),
        Column::new("updated_at", ColumnType::Timestamp),
    ],
};

pub(crate) static RETENTION: TableSpec = TableSpec {
    name: "dispute_retention",
    key: &[Column::new("scope", ColumnType::Text)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("days", ColumnType::Int),
        Column::new("recorded_at", ColumnType::Timestamp),
    ],
};

pub(crate) fn upload_rows(save: &Save<Upload>, rows: &mut Rows) {
    match save.before.as_deref() {
        None => rows.insert(&UPLOADS, upload_cells(&save.after)),
        Some(before) => rows.update(&UPLOADS, before.version.number(), upload_cells(&save.after)),
    }
}

fn upload_cells(upload: &Upload) -> Vec<Cell> {
    vec![
        upload.id.uuid().into(),
        upload.version.number().into(),
        upload.purpose.as_str().into(),
        upload.file.name.as_str().into(),
        upload.file.file_type.as_str().into(),
        i64::try_from(upload.file.size).unwrap_or(i64::MAX).into(),
        upload.file.sha256.to_string().into(),
        upload.status.as_str().into(),
        upload.dispute.map(|id| id.uuid()).into(),
        upload.by.as_str().into(),
        upload.expires_at.into(),
        upload.created_at.into(),
        upload.updated_at.into(),
    ]
}

pub(crate) fn retention_cells(retention: &DisputeRetention) -> Vec<Cell> {
    vec![
        SCOPE.into(),
        retention.version.number().into(),
        i32::try_from(retention.days).unwrap_or(i32::MAX).into(),
        retention.recorded_at.into(),
    ]
}

/// Evidence that is there, of disputes that ended, with the day since which nothing happened to it. A tenant whose settings
/// are not known has no row in `dispute_retention`.
const EXPIRED: &str = "
SELECT jsonb_build_object('reply', to_jsonb(r), 'days', t.days)
FROM refunds.dispute_replies r
JOIN refunds.dispute_retention t ON t.tenant_id = r.tenant_id
JOIN refunds.disputes d ON d.tenant_id = r.tenant_id AND d.dispute_id = r.dispute_id
WHERE r.kind = 'evidence' AND r.evidence_removed_at IS NULL AND r.status <> 'telling'
  AND r.updated_at < $1 - (SELECT min(days) FROM refunds.dispute_retention) * interval '24 hours'
  AND d.status IN ('won', 'lost', 'accepted')
  AND greatest(d.decided_at, r.updated_at) + t.days * interval '24 hours' < $1
ORDER BY greatest(d.decided_at, r.updated_at), r.dispute_id, r.reply_number LIMIT $2";

pub(crate) async fn expired(
    pool: &PgPool,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<ExpiredEvidence>, StoreError> {
    let rows: Vec<Json<ExpiredRow>> = sqlx::query_scalar(EXPIRED)
        .bind(now)
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await
        .map_err(|error| read_error(&error))?;
    rows.into_iter().map(|row| row.0.try_into()).collect()
}

#[async_trait]
impl UploadStore for PgRefundStore {
    async fn upload(&self, tenant: &TenantId, id: UploadId) -> Result<Option<Upload>, StoreError> {
        Ok(self.uploads(tenant, &[id]).await?.pop())
    }

    async fn uploads(&self, tenant: &TenantId, ids: &[UploadId]) -> Result<Vec<Upload>, StoreError> {
        let rows: Vec<Json<UploadRow>> = sqlx::query_scalar(
            "SELECT to_jsonb(u) FROM refunds.uploads u WHERE tenant_id = $1 AND upload_id = ANY($2) \
             ORDER BY upload_id",
        )
        .bind(tenant.as_str())
        .bind(ids.iter().map(|id| id.uuid()).collect::<Vec<_>>())
        .fetch_all(self.pool())
        .await
        .map_err(|error| read_error(&error))?;
        rows.into_iter().map(|row| row.0.try_into()).collect()
    }

    async fn uploads_to_remove(
        &self,
        unused_since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Upload>, StoreError> {
        let rows: Vec<Json<UploadRow>> = sqlx::query_scalar(
            "SELECT to_jsonb(u) FROM refunds.uploads u WHERE status IN ('waiting', 'removing') \
             AND (status = 'removing' OR created_at < $1) ORDER BY updated_at, upload_id LIMIT $2",
        )
        .bind(unused_since)
        .bind(i64::from(limit))
        .fetch_all(self.pool())
        .await
        .map_err(|error| read_error(&error))?;
        rows.into_iter().map(|row| row.0.try_into()).collect()
    }
}
