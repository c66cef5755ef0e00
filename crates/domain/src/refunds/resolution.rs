//! What a person found a refund to have come to, where no gateway tells it.

use std::sync::Arc;

use crate::kernel::{Money, RefundId, Timestamp};

use super::charge::wrong_status;
use super::{
    Recorded, Refund, RefundAction, RefundConflict, RefundFailure, RefundOutcome, RefundPacing,
    RefundRefusal, RefundState, RefundStatus, RefundableCharge,
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

/// How a person settled a refund, as it is kept with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundResolution {
    /// What it was found to have come to: `succeeded` or `failed`.
    pub outcome: RefundStatus,
    /// Where it stood before.
    pub was: RefundStatus,
    /// Who: the caller's subject, with who really acted behind it when somebody was impersonated.
    pub by: String,
    /// Why, in the person's words.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// What a person says of a refund.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolveRefund {
    /// What it came to.
    pub found: ResolvedRefund,
    /// Who says so.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl ResolvedRefund {
    /// The status that it comes to.
    #[must_use]
    pub const fn status(&self) -> RefundStatus {
        match self {
            Self::Succeeded { .. } => RefundStatus::Succeeded,
            Self::Failed => RefundStatus::Failed,
        }
    }
}

impl Refund {
    /// Whether its call got no definite answer, or one that contradicts what was asked: a person may say what became of it.
    fn is_open_to_a_person(&self) -> bool {
        self.attempt().is_some_and(|attempt| attempt.checks > 0 || attempt.next_check_at.is_none())
    }
}

impl RefundableCharge {
    /// Settles a refund whose outcome no gateway tells as a person found it to be: by the same transition as the gateway's
    /// answer. Where less was given back than asked for, the refund is of that, and the rest is free again. One that is
    /// taken for not done counts from now on, as far as the charge still covers it.
    ///
    /// # Errors
    /// When there is no such refund, its outcome is known or still on its way, more is stated than was asked for or is left,
    /// or the name is another refund's.
    pub fn resolve_refund(
        &self,
        id: RefundId,
        resolve: &ResolveRefund,
        now: Timestamp,
    ) -> Result<Recorded, RefundRefusal> {
        let refund = self.refund(id).ok_or(RefundRefusal::NoSuchRefund(id))?;
        let recorded = if refund.is_open_to_a_person() {
            self.settle_open(refund, &resolve.found, now)?
        } else {
            self.settle_dead(refund, &resolve.found, now)?
        };
        let Recorded::Changed { charge, events } = recorded else {
            return Err(wrong_status(refund, "resolved"));
        };
        let mut next = Arc::unwrap_or_clone(charge);
        for settled in next.refunds.iter_mut().filter(|settled| settled.id == id) {
            settled.resolution = Some(RefundResolution {
                outcome: resolve.found.status(),
                was: refund.status(),
                by: resolve.by.clone(),
                reason: resolve.reason.clone(),
                at: now,
            });
        }
        Ok(Recorded::Changed { charge: Arc::new(next), events })
    }

    /// Keeps what a person found beside a refund that failed or was called off, where [`RefundableCharge::resolve_refund`] refused it because
    /// the charge does not cover it: it stands in the queue from then on. None when there is nothing new to keep.
    #[must_use]
    pub fn keep_what_was_found(
        &self,
        id: RefundId,
        found: &ResolvedRefund,
        now: Timestamp,
    ) -> Option<Recorded> {
        let ResolvedRefund::Succeeded { gateway_reference, amount } = found else { return None };
        let refund = self.refund(id)?;
        let gateway_reference = gateway_reference.clone();
        let found = RefundConflict { amount: amount.unwrap_or(refund.amount), gateway_reference };
        self.keep_found(refund, &found, now)
    }

    /// As if the gateway had answered just now.
    fn settle_open(
        &self,
        refund: &Refund,
        found: &ResolvedRefund,
        now: Timestamp,
    ) -> Result<Recorded, RefundRefusal> {
        let (amount, outcome) = match found {
            ResolvedRefund::Succeeded { gateway_reference, amount } => {
                let amount = stated(refund, *amount)?;
                self.is_named_alone(refund, gateway_reference)?;
                let gateway_reference = gateway_reference.clone();
                (amount, RefundOutcome::Done { gateway_reference, amount })
            }
            ResolvedRefund::Failed => (refund.amount, RefundOutcome::NotDone(not_refunded())),
        };
        let mut open = self.clone();
        for each in open.refunds.iter_mut().filter(|each| each.id == refund.id) {
            each.amount = amount;
            if let Some(attempt) = each.attempt_mut() {
                attempt.conflict = None;
            }
        }
        open.record(refund.call(), outcome, now, &RefundPacing::default())
    }

    /// One that is taken for not done: it was done; or what was said to have been done was not, and nobody has to look any
    /// more.
    fn settle_dead(
        &self,
        refund: &Refund,
        found: &ResolvedRefund,
        now: Timestamp,
    ) -> Result<Recorded, RefundRefusal> {
        match found {
            ResolvedRefund::Succeeded { gateway_reference, amount } if refund.may_have_been_done() => {
                let amount = stated(refund, *amount)?;
                let found = RefundConflict { amount, gateway_reference: gateway_reference.clone() };
                self.count_found(refund, &found, now)
            }
            ResolvedRefund::Failed if refund.conflict().is_some() => {
                let state = match &refund.state {
                    // It stays as who called it off was told.
                    RefundState::Canceled { at, .. } => RefundState::Canceled { found: None, at: *at },
                    _ => RefundState::Failed {
                        failure: not_refunded(),
                        gateway_reference: None,
                        found: None,
                        at: now,
                    },
                };
                Ok(self.recorded(refund.id, state, None, now))
            }
            _ => Err(RefundRefusal::NothingToResolve(refund.status())),
        }
    }

    /// That no other refund of the charge has this name: it would count twice.
    pub(super) fn is_named_alone(&self, refund: &Refund, name: &str) -> Result<(), RefundRefusal> {
        match self.refund_named(name).filter(|other| other.id != refund.id) {
            Some(other) => Err(RefundRefusal::NamedAlready(other.id)),
            None => Ok(()),
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
