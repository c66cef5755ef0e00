//! Rows of `dispute_replies`, and what a dispute has of its last one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::disputes::{
    DisputeReply, Evidence, EvidenceFile, EvidenceKind, EvidenceText, ExpiredEvidence, LastReply, ReplyKind,
    ReplyStatus,
};
use tender_domain::kernel::{DisputeId, StoreError, UploadId, Version};
use tender_domain::uploads::{DeclaredFile, FileType};
use uuid::Uuid;

use super::column::Place;

/// A text of evidence, as the column has it.
#[derive(Serialize, Deserialize)]
pub(crate) struct EvidenceJson {
    kind: String,
    text: String,
}

impl From<&EvidenceText> for EvidenceJson {
    fn from(one: &EvidenceText) -> Self {
        Self { kind: one.kind.as_str().to_owned(), text: one.text.clone() }
    }
}

/// A file of evidence, as the column has it.
#[derive(Serialize, Deserialize)]
pub(crate) struct FileJson {
    kind: String,
    upload_id: Uuid,
    file_name: String,
    content_type: String,
    size_bytes: u64,
    sha256: String,
}

impl From<&EvidenceFile> for FileJson {
    fn from(one: &EvidenceFile) -> Self {
        Self {
            kind: one.kind.as_str().to_owned(),
            upload_id: one.upload.uuid(),
            file_name: one.file.name.clone(),
            content_type: one.file.file_type.as_str().to_owned(),
            size_bytes: one.file.size,
            sha256: one.file.sha256.to_string(),
        }
    }
}

impl FileJson {
    fn file(self, place: Place) -> Result<EvidenceFile, StoreError> {
        let file = DeclaredFile {
            name: self.file_name,
            file_type: place.word("files", &self.content_type, FileType::find)?,
            size: self.size_bytes,
            sha256: self.sha256.parse().map_err(|error| place.corrupt("files", error))?,
        };
        let kind = place.word("files", &self.kind, EvidenceKind::find)?;
        Ok(EvidenceFile { kind, upload: UploadId::from_uuid(self.upload_id), file })
    }
}

/// A reply and for how many days its evidence was to be kept.
#[derive(Deserialize)]
pub(crate) struct ExpiredRow {
    reply: ReplyRow,
    days: u32,
}

impl TryFrom<ExpiredRow> for ExpiredEvidence {
    type Error = StoreError;

    fn try_from(row: ExpiredRow) -> Result<Self, StoreError> {
        Ok(Self { reply: row.reply.try_into()?, days: row.days })
    }
}

/// The last reply's columns of a dispute: all of them, or none.
#[derive(Debug, Deserialize)]
pub(super) struct LastReplyColumns {
    reply_number: Option<u32>,
    reply_kind: Option<String>,
    reply_status: Option<String>,
}

impl LastReplyColumns {
    pub(super) fn reply(&self, place: Place) -> Result<Option<LastReply>, StoreError> {
        let (Some(number), Some(kind), Some(status)) =
            (self.reply_number, &self.reply_kind, &self.reply_status)
        else {
            return Ok(None);
        };
        Ok(Some(LastReply {
            number,
            kind: place.word("reply_kind", kind, ReplyKind::find)?,
            status: place.word("reply_status", status, ReplyStatus::find)?,
        }))
    }
}

/// A row of `dispute_replies`.
#[derive(Deserialize)]
pub(crate) struct ReplyRow {
    tenant_id: String,
    dispute_id: Uuid,
    reply_number: u32,
    version: i64,
    kind: String,
    evidence: Vec<EvidenceJson>,
    files: Vec<FileJson>,
    status: String,
    replied_by: String,
    tries: u32,
    next_try_at: Option<DateTime<Utc>>,
    detail: Option<String>,
    evidence_removed_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TryFrom<ReplyRow> for DisputeReply {
    type Error = StoreError;

    fn try_from(row: ReplyRow) -> Result<Self, StoreError> {
        let place = Place { table: "dispute_replies", row: row.dispute_id };
        let text = |one: EvidenceJson| {
            let kind = place.word("evidence", &one.kind, EvidenceKind::find)?;
            Ok(EvidenceText { kind, text: one.text })
        };
        let texts = row.evidence.into_iter().map(text).collect::<Result<_, StoreError>>()?;
        let files = row.files.into_iter().map(|one| one.file(place)).collect::<Result<_, StoreError>>()?;
        Ok(Self {
            tenant: row.tenant_id.parse().map_err(|error| place.corrupt("tenant_id", error))?,
            dispute: DisputeId::from_uuid(row.dispute_id),
            number: row.reply_number,
            version: Version::new(row.version),
            kind: place.word("kind", &row.kind, ReplyKind::find)?,
            evidence: Evidence::stored(texts, files),
            status: place.word("status", &row.status, ReplyStatus::find)?,
            by: row.replied_by,
            tries: row.tries,
            next_try_at: row.next_try_at,
            detail: row.detail,
            removed_at: row.evidence_removed_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
