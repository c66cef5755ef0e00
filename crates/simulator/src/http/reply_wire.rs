//! What the simulator is told of disputes, as it is sent.

use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use tender_domain::disputes::{DisputeReason, EvidenceKind, EvidenceText};
use tender_domain::kernel::{TenantId, UploadId};
use tender_domain::ports::{FileToSend, ReplyAnswer, ReplyTo};
use tender_domain::uploads::FileType;

use super::problem::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplyBody {
    tenant: TenantId,
    reference: String,
    dispute_reference: String,
    #[serde(default)]
    evidence: Vec<EvidenceBody>,
    #[serde(default)]
    files: Vec<FileBody>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EvidenceBody {
    kind: String,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileBody {
    kind: String,
    upload: UploadId,
    content_type: String,
    /// In base64.
    content: String,
}

fn kind(name: &str) -> Result<EvidenceKind, Problem> {
    EvidenceKind::find(name).ok_or_else(|| Problem::bad_request(&"there is no such kind of evidence"))
}

impl FileBody {
    fn into_file(self) -> Result<FileToSend, Problem> {
        let file_type = FileType::find(&self.content_type)
            .ok_or_else(|| Problem::bad_request(&"there is no such type of files"))?;
        let content = BASE64.decode(self.content.as_bytes());
        let content = content.map_err(|error| Problem::bad_request(&error))?;
        Ok(FileToSend { kind: kind(&self.kind)?, upload: self.upload, file_type, content })
    }
}

impl ReplyBody {
    /// To which dispute it is, and the evidence.
    pub(crate) fn into_call(self) -> Result<(ReplyTo, Vec<EvidenceText>, Vec<FileToSend>), Problem> {
        let to = ReplyTo {
            tenant: self.tenant,
            reference: self.reference,
            dispute_reference: self.dispute_reference,
            // Evidence decides by what is in it, whatever the dispute is about.
            reason: DisputeReason::Other,
            tries: 0,
        };
        let text = |one: EvidenceBody| Ok(EvidenceText { kind: kind(&one.kind)?, text: one.text });
        let texts = self.evidence.into_iter().map(text).collect::<Result<_, Problem>>()?;
        let files = self.files.into_iter().map(FileBody::into_file).collect::<Result<_, Problem>>()?;
        Ok((to, texts, files))
    }
}

#[derive(Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub(crate) enum ReplyAnswerBody {
    Taken,
    Refused { reason: String },
}

impl From<ReplyAnswer> for ReplyAnswerBody {
    fn from(answer: ReplyAnswer) -> Self {
        match answer {
            ReplyAnswer::Taken => Self::Taken,
            ReplyAnswer::Refused(reason) => Self::Refused { reason },
        }
    }
}
