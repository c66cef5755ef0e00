//! How a refund's calls are begun and what their ends do to the aggregate.

use std::sync::Arc;

use crate::kernel::{Money, RefundId, Timestamp};

use super::charge::{allow, wrong_status};
use super::{
    LookupSchedule, Refund, RefundAction, RefundAttempt, RefundCall, RefundConflict, RefundEvent,
    RefundFailure, RefundOutcome, RefundPacing, RefundRefusal, RefundRetry, RefundState, RefundStep,
    RefundableCharge,
};

/// What recording an outcome did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Recorded {
    /// The refund changed.
    Changed {
        /// The next state.
        charge: Arc<RefundableCharge>,
        /// What others are told.
        events: Vec<RefundEvent>,
    },
    /// The refund's outcome was known already, or waits for a person; nothing changes.
    AlreadyApplied,
}

/// What becomes of a refund whose time for another call has come.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Retried {
    /// The call may be made, once this is committed.
    Started(Arc<RefundableCharge>),
    /// Others took so much of the charge meanwhile that it would give back what is not left. It failed.
    Failed {
        /// The next state.
        charge: Arc<RefundableCharge>,
        /// What others are told.
        event: RefundEvent,
    },
}

impl RefundableCharge {
    /// Begins the next call of a refund that is pending, when its time has come.
    ///
    /// # Errors
    /// When there is no such refund, or no call of it is due.
    pub fn retry_refund(
        &self,
        id: RefundId,
        now: Timestamp,
        schedule: &LookupSchedule,
    ) -> Result<Retried, RefundRefusal> {
        let refund = self.refund(id).ok_or(RefundRefusal::NoSuchRefund(id))?;
        allow(refund, RefundStep::Start, "sent again")?;
        if refund.next_attempt_at().is_none_or(|at| now < at) {
            return Err(wrong_status(refund, "sent again before its time"));
        }
        // A chargeback that came meanwhile gives the payer the money, or a refund that was done after all; so would this.
        let missing = self.shortfall_with_found();
        if !missing.is_zero() {
            let failure = RefundFailure {
                reason: RefundFailure::EXCEEDS_CHARGE.to_owned(),
                message: format!("meanwhile {missing} more is taken of the charge than was captured of it"),
                network_code: None,
                actions: vec![RefundAction::ReconcileManually],
            };
            let state = RefundState::Failed { failure, gateway_reference: None, found: None, at: now };
            let charge = Arc::new(self.with_state(id, state, now));
            let event = RefundEvent::Failed { refund: id, after_success: false };
            return Ok(Retried::Failed { charge, event });
        }
        let state = RefundState::Processing(RefundAttempt::started(now, schedule));
        let mut next = self.with_state(id, state, now);
        for refund in next.refunds.iter_mut().filter(|refund| refund.id == id) {
            refund.attempts = refund.attempts.saturating_add(1);
        }
        Ok(Retried::Started(Arc::new(next)))
    }

    /// Records how a call of the gateway ended, or that this is not known yet. What is known to have had no effect for a
    /// reason that passes is tried again by another call, as long as the pacing has one. That it was done after it was taken
    /// for failed counts where the charge still covers it; else it is kept and told, and a person's.
    ///
    /// # Errors
    /// When there is no such refund, or its status does not allow it.
    pub fn record(
        &self,
        call: impl Into<RefundCall>,
        outcome: RefundOutcome,
        now: Timestamp,
        pacing: &RefundPacing,
    ) -> Result<Recorded, RefundRefusal> {
        let call = call.into();
        let id = call.refund;
        let refund = self.refund(id).ok_or(RefundRefusal::NoSuchRefund(id))?;
        let Some(attempt) = refund.attempt().filter(|_| call == refund.call()) else {
            return self.record_late(refund, outcome, now);
        };
        if attempt.conflict.is_some() {
            return Ok(Recorded::AlreadyApplied);
        }
        let (state, event) = match outcome {
            RefundOutcome::Done { gateway_reference, amount } => {
                return self.record_done(refund, gateway_reference, amount, now);
            }
            RefundOutcome::NotDone(failure) => failed(refund, failure, now)?,
            RefundOutcome::NotNow(failure) => {
                match pacing.retries.next_after(refund.attempts, now, pacing.chance) {
                    Some(next_attempt_at) => {
                        allow(refund, RefundStep::Postpone, "postponed")?;
                        (RefundState::Pending(RefundRetry { failure, next_attempt_at }), None)
                    }
                    None => failed(refund, failure, now)?,
                }
            }
            RefundOutcome::ActionRequired { url } => {
                let next_check_at = pacing.lookups.next_after(attempt.started_at, now);
                let given_up = attempt.next_check_at.is_some() && next_check_at.is_none();
                let attempt = RefundAttempt { next_check_at, ..asked_again(attempt, now) };
                (RefundState::RequiresAction { attempt, url }, given_up.then_some(RefundEvent::GivenUp(id)))
            }
            RefundOutcome::Unknown { ask_again_at } => {
                let scheduled = pacing.lookups.next_after(attempt.started_at, now);
                let next_check_at = scheduled.map(|at| ask_again_at.map_or(at, |sooner| sooner.min(at)));
                let given_up = attempt.next_check_at.is_some() && next_check_at.is_none();
                let attempt = RefundAttempt { next_check_at, ..asked_again(attempt, now) };
                (with_attempt(&refund.state, attempt), given_up.then_some(RefundEvent::GivenUp(id)))
            }
        };
        Ok(self.recorded(id, state, event, now))
    }

    /// The end of a call that is open no more, because another way told of it first. Only that it was done is news.
    fn record_late(
        &self,
        refund: &Refund,
        outcome: RefundOutcome,
        now: Timestamp,
    ) -> Result<Recorded, RefundRefusal> {
        let RefundOutcome::Done { gateway_reference, amount } = outcome else {
            return Ok(Recorded::AlreadyApplied);
        };
        let conflicted = Some(RefundEvent::Conflicted(refund.id));
        let state = match &refund.state {
            // No other call is open, and none must follow.
            RefundState::Pending(_) => return self.record_done(refund, gateway_reference, amount, now),
            RefundState::Failed { .. } | RefundState::Canceled { .. } => {
                return Ok(self.found_done(refund, RefundConflict { amount, gateway_reference }, now));
            }
            // An older call was done after all, and this one may be done too.
            RefundState::Processing(attempt) | RefundState::RequiresAction { attempt, .. }
                if attempt.conflict.is_none() =>
            {
                with_attempt(&refund.state, conflicting(attempt, amount, gateway_reference, now))
            }
            _ => return Ok(Recorded::AlreadyApplied),
        };
        Ok(self.recorded(refund.id, state, conflicted, now))
    }

    fn record_done(
        &self,
        refund: &Refund,
        gateway_reference: String,
        amount: Money,
        now: Timestamp,
    ) -> Result<Recorded, RefundRefusal> {
        let id = refund.id;
        if amount == refund.amount {
            allow(refund, RefundStep::Succeed, "completed")?;
            let state = RefundState::Succeeded { gateway_reference: Some(gateway_reference), at: now };
            return Ok(self.recorded(id, state, Some(RefundEvent::Processed(id)), now));
        }
        let last = RefundAttempt {
            started_at: refund.updated_at,
            checks: 0,
            last_check_at: None,
            next_check_at: None,
            conflict: None,
        };
        let attempt = conflicting(refund.attempt().unwrap_or(&last), amount, gateway_reference, now);
        Ok(self.recorded(id, with_attempt(&refund.state, attempt), Some(RefundEvent::Conflicted(id)), now))
    }

    pub(super) fn recorded(
        &self,
        id: RefundId,
        state: RefundState,
        event: Option<RefundEvent>,
        now: Timestamp,
    ) -> Recorded {
        let charge = Arc::new(self.with_state(id, state, now));
        Recorded::Changed { charge, events: event.into_iter().collect() }
    }
}

fn failed(
    refund: &Refund,
    failure: RefundFailure,
    now: Timestamp,
) -> Result<(RefundState, Option<RefundEvent>), RefundRefusal> {
    allow(refund, RefundStep::Fail, "failed")?;
    let event = RefundEvent::Failed { refund: refund.id, after_success: false };
    let state = RefundState::Failed { failure, gateway_reference: None, found: None, at: now };
    Ok((state, Some(event)))
}

fn asked_again(attempt: &RefundAttempt, now: Timestamp) -> RefundAttempt {
    RefundAttempt { checks: attempt.checks.saturating_add(1), last_check_at: Some(now), ..attempt.clone() }
}

/// The attempt with what the gateway says it did instead: a person's from now on.
fn conflicting(
    attempt: &RefundAttempt,
    amount: Money,
    gateway_reference: String,
    now: Timestamp,
) -> RefundAttempt {
    let conflict = Some(RefundConflict { amount, gateway_reference });
    RefundAttempt { next_check_at: None, conflict, ..asked_again(attempt, now) }
}

/// The same open state with another attempt: what is not known does not change where a refund stands.
fn with_attempt(state: &RefundState, attempt: RefundAttempt) -> RefundState {
    match state {
        RefundState::RequiresAction { url, .. } => RefundState::RequiresAction { attempt, url: url.clone() },
        _ => RefundState::Processing(attempt),
    }
}

#[cfg(test)]
#[path = "recorded_fixtures.rs"]
pub(super) mod fixtures;

#[cfg(test)]
#[path = "recorded_tests.rs"]
mod tests;
