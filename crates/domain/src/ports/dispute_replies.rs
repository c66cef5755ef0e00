use async_trait::async_trait;

use super::gateway_error::GatewayError;
use crate::disputes::EvidenceText;
use crate::kernel::TenantId;

/// To which dispute a gateway is told something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyTo {
    /// For which tenant.
    pub tenant: TenantId,
    /// Our reference (`dp_…/evidence/2`), the same for the same reply for ever: the gateway's idempotency key.
    pub reference: String,
    /// What the gateway calls the dispute.
    pub dispute_reference: String,
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
    /// Hands in evidence, which is final.
    async fn submit_evidence(
        &self,
        to: &ReplyTo,
        evidence: &[EvidenceText],
    ) -> Result<ReplyAnswer, GatewayError>;

    /// Gives in.
    async fn accept_dispute(&self, to: &ReplyTo) -> Result<ReplyAnswer, GatewayError>;
}
