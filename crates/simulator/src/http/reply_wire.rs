//! What the simulator is told of disputes, as it is sent.

use serde::{Deserialize, Serialize};
use tender_domain::disputes::{EvidenceKind, EvidenceText};
use tender_domain::kernel::TenantId;
use tender_domain::ports::{ReplyAnswer, ReplyTo};

use super::problem::Problem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplyBody {
    tenant: TenantId,
    reference: String,
    dispute_reference: String,
    #[serde(default)]
    evidence: Vec<EvidenceBody>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EvidenceBody {
    kind: String,
    text: String,
}

impl ReplyBody {
    /// To which dispute it is, and the evidence.
    pub(crate) fn into_call(self) -> Result<(ReplyTo, Vec<EvidenceText>), Problem> {
        let to = ReplyTo {
            tenant: self.tenant,
            reference: self.reference,
            dispute_reference: self.dispute_reference,
        };
        let text = |one: EvidenceBody| {
            let kind = EvidenceKind::find(&one.kind)
                .ok_or_else(|| Problem::bad_request(&"there is no such kind of evidence"))?;
            Ok(EvidenceText { kind, text: one.text })
        };
        Ok((to, self.evidence.into_iter().map(text).collect::<Result<_, Problem>>()?))
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
