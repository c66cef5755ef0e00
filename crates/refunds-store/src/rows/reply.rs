//! Rows of `dispute_replies`, and what a dispute has of its last one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::disputes::{
    DisputeReply, Evidence, EvidenceKind, EvidenceText, LastReply, ReplyKind, ReplyStatus,
};
use tender_domain::kernel::{DisputeId, StoreError, Version};
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
    status: String,
    replied_by: String,
    tries: u32,
    next_try_at: Option<DateTime<Utc>>,
    detail: Option<String>,
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
        Ok(Self {
            tenant: row.tenant_id.parse().map_err(|error| place.corrupt("tenant_id", error))?,
            dispute: DisputeId::from_uuid(row.dispute_id),
            number: row.reply_number,
            version: Version::new(row.version),
            kind: place.word("kind", &row.kind, ReplyKind::find)?,
            evidence: Evidence::stored(texts),
            status: place.word("status", &row.status, ReplyStatus::find)?,
            by: row.replied_by,
            tries: row.tries,
            next_try_at: row.next_try_at,
            detail: row.detail,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
