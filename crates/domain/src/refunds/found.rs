//! A refund that was taken for not done, and is found to have been done after all: by a gateway's late word, or by a
//! person who sees it in the gateway's dashboard.
//!
//! Its money moved, so it counts, from then on, as any refund that succeeded, once: where the charge still covers it.
//! Where others have taken its money meanwhile it cannot count, for the sum of ours would exceed what was captured: then it
//! stays failed or called off, with what was found beside, until a person settles it.

use std::sync::Arc;

use crate::kernel::{Money, RefundId, Timestamp};

use super::{
    Recorded, Refund, RefundAction, RefundConflict, RefundEvent, RefundFailure, RefundMethod, RefundOrigin,
    RefundRefusal, RefundState, RefundStep, RefundTold, RefundableCharge,
};

impl Refund {
    /// Whether it is one that may have been done although it is taken for not done: ours, by a gateway, and never taken
    /// back. What a gateway took back is known to have ended so.
    #[must_use]
    pub fn may_have_been_done(&self) -> bool {
        let is_taken_for_not_done = match &self.state {
            RefundState::Failed { gateway_reference, .. } => gateway_reference.is_none(),
            RefundState::Canceled { .. } => true,
            _ => false,
        };
        is_taken_for_not_done
            && self.origin == RefundOrigin::Tender
            && self.method == RefundMethod::OriginalPaymentMethod
    }

    /// What the gateway calls what gave the money back, as far as that was said and not taken back.
    pub(super) fn said_to_be_done_as(&self) -> Option<&str> {
        match &self.state {
            RefundState::Succeeded { gateway_reference, .. } => gateway_reference.as_deref(),
            RefundState::Failed { found, .. } | RefundState::Canceled { found, .. } => {
                found.as_ref().map(|found| found.gateway_reference.as_str())
            }
            _ => None,
        }
    }
}

impl RefundableCharge {
    /// The refund that the gateway calls so, whether that is accepted or is a person's to settle.
    #[must_use]
    pub fn refund_named(&self, gateway_reference: &str) -> Option<&Refund> {
        self.refunds.iter().find(|refund| {
            let said = refund.conflict().map(|said| said.gateway_reference.as_str());
            refund.gateway_reference().or(said) == Some(gateway_reference)
        })
    }

    /// What was found to have been given back by refunds that are taken for not done, but for this one, in minor units.
    pub(super) fn found_of_others(&self, but: Option<RefundId>) -> i64 {
        let others = self.refunds.iter().filter(|refund| Some(refund.id) != but);
        let found = others.filter_map(|refund| match &refund.state {
            RefundState::Failed { found: Some(found), .. }
            | RefundState::Canceled { found: Some(found), .. } => Some(found.amount),
            _ => None,
        });
        found.fold(0_i64, |sum, found| {
            // Nobody here knows the rate.
            let is_ours = found.currency() == self.currency();
            sum.saturating_add(if is_ours { found.minor() } else { i64::MAX })
        })
    }

    /// What refunds and disputes take beyond what was captured, with what refunds were found to have given back that are
    /// taken for failed; zero when they do not.
    pub(super) fn shortfall_with_found(&self) -> Money {
        let taken = self.disputed().minor().saturating_add(self.refunded().minor());
        let taken = taken.saturating_add(self.found_of_others(None));
        Money::new(taken.saturating_sub(self.captured().minor()).max(0), self.currency())
    }

    /// That a refund that is taken for not done gave back so much, under this name: it has succeeded from now on, of that
    /// amount.
    ///
    /// # Errors
    /// When it cannot have been done, another refund has the name, or less is left of the charge.
    pub(super) fn count_found(
        &self,
        refund: &Refund,
        found: &RefundConflict,
        now: Timestamp,
    ) -> Result<Recorded, RefundRefusal> {
        if !refund.may_have_been_done() || refund.status().after(RefundStep::Find).is_none() {
            return Err(RefundRefusal::NothingToResolve(refund.status()));
        }
        self.is_named_alone(refund, &found.gateway_reference)?;
        let left = self.left_beside(Some(refund.id));
        if found.amount.minor() > left.minor() {
            return Err(RefundRefusal::NotCovered { found: found.amount, left });
        }
        let gateway_reference = Some(found.gateway_reference.clone());
        let mut next = self.with_state(refund.id, RefundState::Succeeded { gateway_reference, at: now }, now);
        for each in next.refunds.iter_mut().filter(|each| each.id == refund.id) {
            each.amount = found.amount;
        }
        Ok(Recorded::Changed { charge: Arc::new(next), events: vec![RefundEvent::Processed(refund.id)] })
    }

    /// Keeps beside a refund that failed or was called off that it was done after all, where that cannot count; none when it
    /// is known, or cannot be kept.
    pub(super) fn keep_found(
        &self,
        refund: &Refund,
        found: &RefundConflict,
        now: Timestamp,
    ) -> Option<Recorded> {
        let conflicted = Some(RefundEvent::Conflicted(refund.id));
        let (failure, at) = match &refund.state {
            RefundState::Failed { failure, gateway_reference: None, found: None, at } => (failure, at),
            RefundState::Canceled { found: None, at } => {
                let state = RefundState::Canceled { found: Some(found.clone()), at: *at };
                return Some(self.recorded(refund.id, state, conflicted, now));
            }
            _ => return None,
        };
        let failure = RefundFailure {
            message: format!(
                "taken for failed, and then found to have given back {} ({})",
                found.amount, found.gateway_reference
            ),
            actions: vec![RefundAction::ReconcileManually],
            ..failure.clone()
        };
        let state =
            RefundState::Failed { failure, gateway_reference: None, found: Some(found.clone()), at: *at };
        Some(self.recorded(refund.id, state, conflicted, now))
    }

    /// That the gateway says so by itself: it counts when it is what was asked for and is covered; else it is kept for a
    /// person.
    pub(super) fn found_done(&self, refund: &Refund, found: RefundConflict, now: Timestamp) -> Recorded {
        let is_as_asked = found.amount == refund.amount;
        let is_same = refund.conflict().is_none_or(|known| *known == found);
        if is_as_asked
            && is_same
            && let Ok(counted) = self.count_found(refund, &found, now)
        {
            return counted;
        }
        self.keep_found(refund, &found, now).unwrap_or(Recorded::AlreadyApplied)
    }

    /// The same, as a callback tells it: what can neither count nor be kept beside it is told to a person.
    pub(super) fn told_done_after_all(
        &self,
        refund: &Refund,
        (amount, name): (Money, &str),
        now: Timestamp,
    ) -> Result<RefundTold, RefundRefusal> {
        let found = RefundConflict { amount, gateway_reference: name.to_owned() };
        let told = self.found_done(refund, found.clone(), now);
        // An older word of what was taken back since.
        let is_known = refund.gateway_reference().is_some() || refund.conflict() == Some(&found);
        if told == Recorded::AlreadyApplied && !is_known {
            return Ok(super::told::contradicts(refund, &format!("that {amount} was given back as {name}")));
        }
        Ok(told.into())
    }
}

#[cfg(test)]
#[path = "found_tests.rs"]
mod tests;
