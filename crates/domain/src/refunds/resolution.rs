//! What a person found a refund to have come to, where no gateway tells it.

use crate::kernel::{Money, RefundId, Timestamp};

use super::charge::wrong_status;
use super::{
    Recorded, Refund, RefundAction, RefundFailure, RefundOutcome, RefundPacing, RefundRefusal,
    RefundableCharge,
};

/// What a person found out, from the gateway's support or portal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResolvedRefund {
    /// It was done.
    Succeeded {
        /// What the gateway calls it.
        gateway_reference: String,
        /// How much was given back, in the refund's currency; none is what was asked for.
        amount: Option<Money>,
    },
    /// It was not done.
    Failed,
}

impl ResolvedRefund {
    /// The text form, as sent and audited.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Succeeded { .. } => "succeeded",
            Self::Failed => "failed",
        }
    }
}

impl Refund {
    /// Whether a person may say what became of it: its call got no definite answer, or one that contradicts what was asked.
    #[must_use]
    pub fn can_be_resolved(&self) -> bool {
        self.attempt().is_some_and(|attempt| attempt.checks > 0 || attempt.next_check_at.is_none())
    }
}

impl RefundableCharge {
    /// Settles a refund whose outcome no gateway tells as a person found it to be: by the same transition as the gateway's
    /// answer. Where less was given back than asked for, the refund is of that, and the rest is free again.
    ///
    /// # Errors
    /// When there is no such refund, its outcome is known or still on its way, or more is stated than was asked for.
    pub fn resolve_refund(
        &self,
        id: RefundId,
        found: &ResolvedRefund,
        now: Timestamp,
    ) -> Result<Recorded, RefundRefusal> {
        let refund = self.refund(id).ok_or(RefundRefusal::NoSuchRefund(id))?;
        if !refund.can_be_resolved() {
            return Err(RefundRefusal::NothingToResolve(refund.status()));
        }
        let (amount, outcome) = match found {
            ResolvedRefund::Succeeded { gateway_reference, amount } => {
                let amount = stated(refund, *amount)?;
                let gateway_reference = gateway_reference.clone();
                (amount, RefundOutcome::Done { gateway_reference, amount })
            }
            ResolvedRefund::Failed => (refund.amount, RefundOutcome::NotDone(not_refunded())),
        };
        let call = refund.call();
        // As if the gateway had answered just now.
        let mut open = self.clone();
        for refund in open.refunds.iter_mut().filter(|refund| refund.id == id) {
            refund.amount = amount;
            if let Some(attempt) = refund.attempt_mut() {
                attempt.conflict = None;
            }
        }
        match open.record(call, outcome, now, &RefundPacing::default())? {
            Recorded::AlreadyApplied => Err(wrong_status(refund, "resolved")),
            changed @ Recorded::Changed { .. } => Ok(changed),
        }
    }
}

/// What was given back: never more than was asked for.
fn stated(refund: &Refund, amount: Option<Money>) -> Result<Money, RefundRefusal> {
    let Some(stated) = amount else { return Ok(refund.amount) };
    let stated = Money::positive(stated.minor(), stated.currency())?;
    if stated.currency() != refund.amount.currency() || stated.minor() > refund.amount.minor() {
        return Err(RefundRefusal::ExceedsAsked { stated, asked: refund.amount });
    }
    Ok(stated)
}

fn not_refunded() -> RefundFailure {
    RefundFailure {
        reason: "gateway_error".to_owned(),
        message: "it was not refunded, as a person found out".to_owned(),
        network_code: None,
        actions: vec![RefundAction::Retry],
    }
}

#[cfg(test)]
#[path = "resolution_tests.rs"]
mod tests;
