//! Rows of `uploads`.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use tender_domain::kernel::{DisputeId, StoreError, UploadId, Version};
use tender_domain::uploads::{DeclaredFile, FileType, Upload, UploadPurpose, UploadStatus};
use uuid::Uuid;

use super::column::Place;

/// A row of `uploads`.
#[derive(Deserialize)]
pub(crate) struct UploadRow {
    tenant_id: String,
    upload_id: Uuid,
    version: i64,
    purpose: String,
    file_name: String,
    content_type: String,
    size_bytes: u64,
    sha256: String,
    status: String,
    dispute_id: Option<Uuid>,
    declared_by: String,
    expires_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<UploadRow> for Upload {
    type Error = StoreError;

    fn try_from(row: UploadRow) -> Result<Self, StoreError> {
        let place = Place { table: "uploads", row: row.upload_id };
        let file = DeclaredFile {
            name: row.file_name,
            file_type: place.word("content_type", &row.content_type, FileType::find)?,
            size: row.size_bytes,
            sha256: row.sha256.parse().map_err(|error| place.corrupt("sha256", error))?,
        };
        Ok(Self {
            tenant: row.tenant_id.parse().map_err(|error| place.corrupt("tenant_id", error))?,
            id: UploadId::from_uuid(row.upload_id),
            version: Version::new(row.version),
            purpose: place.word("purpose", &row.purpose, UploadPurpose::find)?,
            file,
            status: place.word("status", &row.status, UploadStatus::find)?,
            dispute: row.dispute_id.map(DisputeId::from_uuid),
            by: row.declared_by,
            expires_at: row.expires_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
