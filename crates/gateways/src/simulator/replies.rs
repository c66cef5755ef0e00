//! What the simulator is told of disputes.

use async_trait::async_trait;
use data_encoding::BASE64;
use serde::{Deserialize, Serialize};
use tender_domain::disputes::{EvidenceFile, EvidenceText};
use tender_domain::kernel::{TenantId, UploadId};
use tender_domain::ports::{DisputeReplies, FileToSend, GatewayError, HandedIn, ReplyAnswer, ReplyTo};
use tender_domain::simulator::admit_files;

use super::adapter::HttpSimulatorGateway;

#[derive(Serialize)]
struct ReplyBody<'a> {
    tenant: &'a TenantId,
    reference: &'a str,
    dispute_reference: &'a str,
    /// Empty of giving in.
    evidence: Vec<EvidenceBody<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<FileBody>,
}

#[derive(Serialize)]
struct EvidenceBody<'a> {
    kind: &'static str,
    text: &'a str,
}

impl<'a> From<&'a EvidenceText> for EvidenceBody<'a> {
    fn from(one: &'a EvidenceText) -> Self {
        Self { kind: one.kind.as_str(), text: &one.text }
    }
}

#[derive(Serialize)]
struct FileBody {
    kind: &'static str,
    upload: UploadId,
    content_type: &'static str,
    /// In base64.
    content: String,
}

impl From<&FileToSend> for FileBody {
    fn from(one: &FileToSend) -> Self {
        Self {
            kind: one.kind.as_str(),
            upload: one.upload,
            content_type: one.file_type.as_str(),
            content: BASE64.encode(&one.content),
        }
    }
}

#[derive(Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
enum ReplyAnswerBody {
    Taken,
    Refused { reason: String },
}

impl HttpSimulatorGateway {
    async fn replied(
        &self,
        call: &'static str,
        to: &ReplyTo,
        evidence: HandedIn<'_>,
    ) -> Result<ReplyAnswer, GatewayError> {
        let body = ReplyBody {
            tenant: &to.tenant,
            reference: &to.reference,
            dispute_reference: &to.dispute_reference,
            evidence: evidence.texts.iter().map(EvidenceBody::from).collect(),
            files: evidence.files.iter().map(FileBody::from).collect(),
        };
        Ok(match self.connection.call(call, &body).await? {
            ReplyAnswerBody::Taken => ReplyAnswer::Taken,
            ReplyAnswerBody::Refused { reason } => ReplyAnswer::Refused(reason),
        })
    }
}

#[async_trait]
impl DisputeReplies for HttpSimulatorGateway {
    fn admit_files(&self, files: &[EvidenceFile]) -> Result<(), String> {
        admit_files(files)
    }

    async fn submit_evidence(
        &self,
        to: &ReplyTo,
        evidence: HandedIn<'_>,
    ) -> Result<ReplyAnswer, GatewayError> {
        self.replied("disputes/evidence", to, evidence).await
    }

    async fn accept_dispute(&self, to: &ReplyTo) -> Result<ReplyAnswer, GatewayError> {
        self.replied("disputes/accept", to, HandedIn { texts: &[], files: &[] }).await
    }
}
