use std::fmt;

use async_trait::async_trait;

use super::gateway_error::GatewayError;
use crate::disputes::{DisputeReason, EvidenceFile, EvidenceKind, EvidenceText};
use crate::kernel::{TenantId, UploadId};
use crate::uploads::FileType;

/// To which dispute a gateway is told something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyTo {
    /// For which tenant.
    pub tenant: TenantId,
    /// Our reference (`dp_…/evidence/2`), the same for the same reply for ever: the gateway's idempotency key.
    pub reference: String,
    /// What the gateway calls the dispute.
    pub dispute_reference: String,
    /// Why the payer disputes: some gateways want to be told on which ground it is answered.
    pub reason: DisputeReason,
    /// How often it was told before without an answer.
    pub tries: u32,
}

/// A file of evidence with what is in it. It is personal data: it does not print.
#[derive(Clone, PartialEq, Eq)]
pub struct FileToSend {
    /// What it is about.
    pub kind: EvidenceKind,
    /// The upload that it was, the same for the same file for ever: with the reply's reference, the gateway's idempotency
    /// key.
    pub upload: UploadId,
    /// Its type.
    pub file_type: FileType,
    /// What is in it.
    pub content: Vec<u8>,
}

impl fmt::Debug for FileToSend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} of {} bytes", self.kind.as_str(), self.file_type.as_str(), self.content.len())
    }
}

/// Evidence as it is handed in.
#[derive(Debug, Clone, Copy)]
pub struct HandedIn<'a> {
    /// The texts, at most one of each kind.
    pub texts: &'a [EvidenceText],
    /// The files, all of which the gateway admits.
    pub files: &'a [FileToSend],
}

/// A definite answer of a gateway to a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplyAnswer {
    /// It has it.
    Taken,
    /// It does not take it, and will not take the same again: the dispute is decided, or was answered before. Why, in the
    /// gateway's own words, without anybody's data.
    Refused(String),
}

/// A gateway that can be told what the merchant replies to a dispute. Every method is one call with a deadline of its own,
/// made outside any transaction, and idempotent by its reference.
///
/// # Errors
/// See [`GatewayError`]: what is no definite answer is `Unknown`; `NotDone` says that it was not done and may be tried
/// again (bad credentials, too many requests, no connection).
#[async_trait]
pub trait DisputeReplies: Send + Sync {
    /// Whether the gateway takes all of these texts, by their lengths and what they are written in; else why not, for the
    /// person who hands them in then. Nothing is asked of it.
    fn admit_texts(&self, _texts: &[EvidenceText]) -> Result<(), String> {
        Ok(())
    }

    /// Whether the gateway takes all of these files, by their kinds, types and sizes, which bounds what has to be held of
    /// them; else why not, for the person who hands them in then. Nothing is asked of it.
    fn admit_files(&self, files: &[EvidenceFile]) -> Result<(), String>;

    /// Hands in evidence, which is final.
    async fn submit_evidence(
        &self,
        to: &ReplyTo,
        evidence: HandedIn<'_>,
    ) -> Result<ReplyAnswer, GatewayError>;

    /// Gives in.
    async fn accept_dispute(&self, to: &ReplyTo) -> Result<ReplyAnswer, GatewayError>;
}
