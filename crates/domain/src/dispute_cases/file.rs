//! A case with what belongs to it, as it is read.

use crate::disputes::{Dispute, DisputeStatus};
use crate::kernel::{Money, RefundId, Timestamp};
use crate::refund_policy::PolicyEvaluation;

use super::{CaseSource, CaseStatus, DecisionKind, DisputeCase};

/// A case, the chargeback it is of, and what the refund policy said when it was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFile {
    /// The case.
    pub case: DisputeCase,
    /// The chargeback; of a guest's dispute there is none.
    pub chargeback: Option<Dispute>,
    /// What the policy gives; of a chargeback it was not asked.
    pub evaluation: Option<PolicyEvaluation>,
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseEnd {
    /// Which way.
    pub decision: DecisionKind,
    /// How much the guest gets back by it; zero when it was denied.
    pub amount: Money,
    /// The refund; none when it was denied, or the bank has taken the money already.
    pub refund_id: Option<RefundId>,
    /// Why.
    pub reason: Option<String>,
    /// Who decided: a person, or the processor.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl CaseFile {
    /// Where it stands: a chargeback where its processor says.
    #[must_use]
    pub fn status(&self) -> CaseStatus {
        match self.chargeback.as_ref().map(|dispute| dispute.status) {
            Some(status) if !status.is_open() => CaseStatus::Resolved,
            Some(DisputeStatus::UnderReview) if self.case.status == CaseStatus::Open => {
                CaseStatus::UnderReview
            }
            _ => self.case.status,
        }
    }

    /// How it ended; none while it is open.
    #[must_use]
    pub fn end(&self) -> Option<CaseEnd> {
        if self.case.source == CaseSource::Guest {
            return self.case.decision.as_ref().map(|decided| CaseEnd {
                decision: decided.kind,
                amount: decided.amount,
                refund_id: decided.refund_id,
                reason: Some(decided.reason.clone()),
                by: decided.by.clone(),
                at: decided.at,
            });
        }
        let dispute = self.chargeback.as_ref()?;
        let resolution = dispute.resolution.as_ref()?;
        let (decision, amount) = match dispute.status {
            DisputeStatus::Won => (DecisionKind::Denied, Money::zero(dispute.told.amount.currency())),
            _ => (DecisionKind::FullRefund, dispute.told.amount),
        };
        Some(CaseEnd {
            decision,
            amount,
            refund_id: None,
            reason: resolution.reason.clone(),
            by: resolution.by.name.clone(),
            at: resolution.decided_at,
        })
    }

    /// Until when it is to be answered.
    #[must_use]
    pub fn due_at(&self) -> Timestamp {
        self.chargeback.as_ref().and_then(|dispute| dispute.evidence_due_by).unwrap_or(self.case.due_at)
    }

    /// When it or its chargeback changed last.
    #[must_use]
    pub fn updated_at(&self) -> Timestamp {
        let chargeback = self.chargeback.as_ref().map(|dispute| dispute.updated_at);
        chargeback.map_or(self.case.updated_at, |at| at.max(self.case.updated_at))
    }
}
