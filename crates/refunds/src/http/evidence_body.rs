//! Bodies of what a dispute is answered with.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::disputes::{DisputeReply, EvidenceFile, EvidenceKind, EvidenceText};
use tender_domain::kernel::{DisputeId, UploadId, UploadKind};
use tender_domain::uploads::FileType;
use tender_http::{IfMatch, Problem, parse_id};
use utoipa::ToSchema;

use super::dispute_request::seen;
use super::texts::{plain_text, text};
use crate::{FileLink, RepliesShown, SubmitEvidence, WantedFile};

/// What you answer a dispute with. A processor takes it once.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SubmitEvidence)]
pub(super) struct SubmitEvidenceBody {
    /// The texts, each of another kind and 40,000 characters together at most, and up to 10 files.
    #[schema(min_items = 1, max_items = 27)]
    evidence: Vec<EvidenceItemBody>,
    /// Something to write into the dispute's history beside it. The processor is not told.
    notes: Option<String>,
    /// The version you have seen; instead of `If-Match`.
    version: Option<i64>,
}

/// A text of evidence, or a file: one of `text`, `upload_id` and `url`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SubmitEvidenceItem)]
pub(super) struct EvidenceItemBody {
    /// What it is about: `product_description`, `customer_name`, `customer_email`, `customer_purchase_ip`,
    /// `billing_address`, `service_date`, `shipping_address`, `shipping_carrier`, `shipping_date`,
    /// `shipping_tracking_number`, `activity_log`, `cancellation_policy_disclosure`, `cancellation_rebuttal`,
    /// `refund_policy_disclosure`, `refund_refusal_explanation`, `duplicate_explanation` or `other`; `other` when it is not
    /// there.
    #[schema(example = "shipping_tracking_number")]
    kind: Option<String>,
    /// The text.
    #[schema(min_length = 1, max_length = 20000, example = "RB123456785GB")]
    text: Option<String>,
    /// The upload that has the file's content. It is used once.
    #[schema(example = "up_01h2xcejqtf2nbrexx3vqjhp41")]
    upload_id: Option<String>,
    /// The same, by the address that its content was put to. Nothing is fetched from any other.
    url: Option<String>,
    /// What the file is; it must be what was declared of the upload.
    #[serde(rename = "type")]
    file_type: Option<FileWord>,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = EvidenceFileType)]
enum FileWord {
    Pdf,
    Png,
    Jpeg,
    Text,
}

impl From<FileWord> for FileType {
    fn from(word: FileWord) -> Self {
        match word {
            FileWord::Pdf => Self::Pdf,
            FileWord::Png => Self::Png,
            FileWord::Jpeg => Self::Jpeg,
            FileWord::Text => Self::Text,
        }
    }
}

/// A text of evidence, or a file.
#[derive(Serialize, ToSchema)]
#[schema(as = EvidenceItem)]
pub(super) struct EvidenceShownBody {
    /// What it is about.
    #[schema(value_type = String, example = "shipping_tracking_number")]
    kind: &'static str,
    /// The text; `removed after retention` once it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "RB123456785GB")]
    text: Option<String>,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<EvidenceFileBody>,
}

/// A file of evidence.
#[derive(Serialize, ToSchema)]
#[schema(as = EvidenceFile)]
pub(super) struct EvidenceFileBody {
    /// The upload that has its content.
    #[schema(example = "up_01h2xcejqtf2nbrexx3vqjhp41")]
    upload_id: String,
    /// Its name; `removed after retention` once it was.
    #[schema(example = "receipt.pdf")]
    file_name: String,
    /// Its type.
    #[schema(value_type = String, example = "application/pdf")]
    content_type: &'static str,
    /// Its size in bytes.
    #[schema(example = 48_211)]
    size_bytes: u64,
    /// SHA-256 of its content, in hexadecimal digits.
    sha256: String,
    /// Where whoever has this address can read it, without a credential; there while the content is.
    download_url: Option<String>,
    /// Until then.
    download_expires_at: Option<DateTime<Utc>>,
}

/// What was replied to a dispute.
#[derive(Serialize, ToSchema)]
#[schema(as = DisputeReplies)]
pub(super) struct RepliesBody {
    /// The dispute.
    #[schema(example = "dp_01h2xcejqtf2nbrexx3vqjhp41")]
    dispute_id: String,
    /// The last 20, newest first.
    replies: Vec<ReplyBody>,
}

/// One reply to a dispute.
#[derive(Serialize, ToSchema)]
#[schema(as = DisputeReply)]
pub(super) struct ReplyBody {
    /// The number of the entry of the dispute's history that it began with.
    #[schema(example = 2)]
    number: u32,
    /// `evidence` or `acceptance`.
    #[schema(value_type = String, example = "evidence")]
    kind: &'static str,
    /// `telling` while the processor is being told, `told`, `refused`, or `by_hand`: then hand it in yourself, at the
    /// processor's own portal.
    #[schema(value_type = String, example = "told")]
    status: &'static str,
    /// Why it was refused, has to be handed in by hand, or has no answer yet.
    detail: Option<String>,
    /// The evidence; empty of an acceptance.
    evidence: Vec<EvidenceShownBody>,
    /// When the contents of the evidence were removed, as they were kept long enough.
    evidence_removed_at: Option<DateTime<Utc>>,
    /// Who replied.
    replied_by: String,
    /// How often it was sent without an answer.
    #[schema(example = 0)]
    tries: u32,
    /// When it is sent next; there while it is `telling`.
    next_try_at: Option<DateTime<Utc>>,
    /// When it was written down.
    created_at: DateTime<Utc>,
    /// When it changed last.
    updated_at: DateTime<Utc>,
}

impl SubmitEvidenceBody {
    /// The command, with the version that was seen.
    pub(super) fn into_wanted(self, if_match: IfMatch) -> Result<SubmitEvidence, Problem> {
        let note = self.notes.map(|notes| text("/notes", notes)).transpose()?;
        let seen = seen(if_match, self.version);
        let mut wanted = SubmitEvidence { texts: Vec::new(), files: Vec::new(), note, seen };
        for (place, one) in self.evidence.into_iter().enumerate() {
            match one.into_item(&format!("/evidence/{place}"))? {
                Item::Text(text) => wanted.texts.push(text),
                Item::File(file) => wanted.files.push(file),
            }
        }
        Ok(wanted)
    }
}

/// What an item of evidence is.
enum Item {
    Text(EvidenceText),
    File(WantedFile),
}

impl EvidenceItemBody {
    fn into_item(self, place: &str) -> Result<Item, Problem> {
        let kind = match &self.kind {
            None => EvidenceKind::Other,
            Some(word) => EvidenceKind::find(word).ok_or_else(|| {
                let words: Vec<&str> = EvidenceKind::ALL.iter().map(|word| word.as_str()).collect();
                let detail = format!("evidence is of a kind: one of {}", words.join(", "));
                Problem::bad_request("invalid_evidence", detail).pointer(format!("{place}/kind"), "not known")
            })?,
        };
        let file_type = self.file_type.map(FileType::from);
        let upload = match (self.text, self.upload_id, self.url) {
            (Some(text), None, None) if file_type.is_none() => {
                let text = plain_text(&format!("{place}/text"), text)?;
                return Ok(Item::Text(EvidenceText { kind, text }));
            }
            (None, Some(upload), None) => parse_id::<UploadKind>(&upload)?,
            (None, None, Some(url)) => named_by(&url).ok_or_else(|| {
                let detail = "declare the file with POST /v1/payments/uploads, and give the address that you put it to";
                Problem::bad_request("invalid_evidence", detail)
                    .pointer(format!("{place}/url"), "is no address of an upload")
            })?,
            _ => {
                let detail = "an item of evidence has either `text`, or `upload_id` or `url`, beside which `type` may be";
                return Err(
                    Problem::bad_request("invalid_evidence", detail).pointer(place, "needs one of them")
                );
            }
        };
        Ok(Item::File(WantedFile { kind, upload, file_type }))
    }
}

/// The upload whose content has this address, here or in a bucket: a part of the path.
fn named_by(url: &str) -> Option<UploadId> {
    let path = url.split(['?', '#']).next()?;
    path.split('/').find_map(|part| part.parse().ok())
}

impl RepliesBody {
    pub(super) fn of(id: DisputeId, shown: &RepliesShown) -> Self {
        let reply = |reply: &DisputeReply| ReplyBody::of(reply, shown);
        Self { dispute_id: id.to_string(), replies: shown.replies.iter().map(reply).collect() }
    }
}

impl ReplyBody {
    fn of(reply: &DisputeReply, shown: &RepliesShown) -> Self {
        let text = |one: &EvidenceText| EvidenceShownBody {
            kind: one.kind.as_str(),
            text: Some(one.text.clone()),
            file: None,
        };
        let file = |one: &EvidenceFile| EvidenceShownBody {
            kind: one.kind.as_str(),
            text: None,
            file: Some(EvidenceFileBody::of(one, shown.links.get(&one.upload))),
        };
        let (texts, files) = (reply.evidence.texts().iter(), reply.evidence.files().iter());
        Self {
            number: reply.number,
            kind: reply.kind.as_str(),
            status: reply.status.as_str(),
            detail: reply.detail.clone(),
            evidence: texts.map(text).chain(files.map(file)).collect(),
            evidence_removed_at: reply.removed_at,
            replied_by: reply.by.clone(),
            tries: reply.tries,
            next_try_at: reply.next_try_at,
            created_at: reply.created_at,
            updated_at: reply.updated_at,
        }
    }
}

impl EvidenceFileBody {
    fn of(one: &EvidenceFile, link: Option<&FileLink>) -> Self {
        Self {
            upload_id: one.upload.to_string(),
            file_name: one.file.name.clone(),
            content_type: one.file.file_type.as_str(),
            size_bytes: one.file.size,
            sha256: one.file.sha256.to_string(),
            download_url: link.map(|link| link.request.url.clone()),
            download_expires_at: link.map(|link| link.expires_at),
        }
    }
}
