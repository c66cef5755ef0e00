//! What the simulator is told of disputes.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tender_domain::disputes::EvidenceText;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{DisputeReplies, GatewayError, ReplyAnswer, ReplyTo};

use super::adapter::HttpSimulatorGateway;

#[derive(Serialize)]
struct ReplyBody<'a> {
    tenant: &'a TenantId,
    reference: &'a str,
    dispute_reference: &'a str,
    /// Empty of giving in.
    evidence: Vec<EvidenceBody<'a>>,
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
        evidence: &[EvidenceText],
    ) -> Result<ReplyAnswer, GatewayError> {
        let body = ReplyBody {
            tenant: &to.tenant,
            reference: &to.reference,
            dispute_reference: &to.dispute_reference,
            evidence: evidence.iter().map(EvidenceBody::from).collect(),
        };
        Ok(match self.connection.call(call, &body).await? {
            ReplyAnswerBody::Taken => ReplyAnswer::Taken,
            ReplyAnswerBody::Refused { reason } => ReplyAnswer::Refused(reason),
        })
    }
}

#[async_trait]
impl DisputeReplies for HttpSimulatorGateway {
    async fn submit_evidence(
        &self,
        to: &ReplyTo,
        evidence: &[EvidenceText],
    ) -> Result<ReplyAnswer, GatewayError> {
        self.replied("disputes/evidence", to, evidence).await
    }

    async fn accept_dispute(&self, to: &ReplyTo) -> Result<ReplyAnswer, GatewayError> {
        self.replied("disputes/accept", to, &[]).await
    }
}
