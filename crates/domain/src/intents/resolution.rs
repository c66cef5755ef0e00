//! What a person finds out where no gateway tells: the same transitions as a gateway's answer.

use crate::kernel::{AttemptId, CaptureId, Money, Timestamp};
use crate::ports::{Avs, Decline, DeclineCode, GatewayAnswer};

use super::{Attempt, AttemptStatus, CaptureStatus, Intent, IntentStatus, Refusal, Step, VoidState};

/// What a person found a call to have come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResolvedAs {
    /// It was done.
    Approved,
    /// It was refused.
    Declined,
    /// It never happened.
    NotDone,
}

impl ResolvedAs {
    /// Every outcome.
    pub const ALL: &'static [Self] = &[Self::Approved, Self::Declined, Self::NotDone];

    /// The text form, as stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Declined => "declined",
            Self::NotDone => "not_done",
        }
    }

    /// The outcome with this text form.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|outcome| outcome.as_str() == text).copied()
    }
}

/// How a person settled a call, as it is kept with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// What it was found to have come to.
    pub outcome: ResolvedAs,
    /// Who: the caller's subject, with who really acted behind it when somebody was impersonated.
    pub by: String,
    /// Why, in the person's words.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Which call a person settles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResolveCall {
    /// An attempt, or the void of what it holds.
    Attempt(AttemptId),
    /// A capture.
    Capture(CaptureId),
}

/// What a person says of a call.
#[derive(Debug, Clone)]
pub struct Resolve {
    /// Of which.
    pub call: ResolveCall,
    /// What it came to.
    pub outcome: ResolvedAs,
    /// What the gateway calls what was approved; empty where nothing was, or of a void.
    pub gateway_reference: String,
    /// How much was approved; none is what was asked for.
    pub amount: Option<Money>,
    /// Who says so.
    pub by: String,
    /// Why.
    pub reason: String,
    /// The capture that money taken with an authorization becomes.
    pub capture: CaptureId,
}

impl Resolve {
    fn resolution(&self, now: Timestamp) -> Resolution {
        let (by, reason) = (self.by.clone(), self.reason.clone());
        Resolution { outcome: self.outcome, by, reason, at: now }
    }

    fn decline(&self) -> Decline {
        let message = "the gateway declined it, as a person found out".to_owned();
        Decline { code: DeclineCode::CardDeclined, network_code: None, message, sca: None }
    }

    /// How much was approved: what was asked for unless another amount is stated, and never more than `at_most`.
    fn amount_of(&self, asked: Money, at_most: Money) -> Result<Money, Refusal> {
        if self.gateway_reference.is_empty() {
            return Err(Refusal::ReferenceRequired);
        }
        let amount = self.amount.unwrap_or(asked);
        let rest = at_most.checked_sub(amount)?;
        if amount.minor() <= 0 || rest.minor() < 0 {
            return Err(Refusal::ExceedsAsked { stated: amount, at_most });
        }
        Ok(amount)
    }

    fn approval(&self, amount: Money, captured: bool) -> GatewayAnswer {
        GatewayAnswer::Approved {
            gateway_reference: self.gateway_reference.clone(),
            amount,
            captured,
            response_code: None,
            acquirer: None,
            avs: Avs::default(),
            sca: None,
        }
    }
}

impl Intent {
    /// Settles what is unknown, in conflict or stuck in a void as a person found it to be.
    ///
    /// # Errors
    /// When its outcome is known, more is stated than was asked for, or the payment has gone on since, so that money of
    /// this call can have no place in it.
    pub fn resolve(&self, resolve: &Resolve, now: Timestamp) -> Result<Step, Refusal> {
        let mut step = match resolve.call {
            ResolveCall::Attempt(id) => self.resolve_attempt(id, resolve, now),
            ResolveCall::Capture(id) => self.resolve_capture(id, resolve, now),
        }?;
        let resolution = Some(resolve.resolution(now));
        match resolve.call {
            ResolveCall::Attempt(id) => {
                if let Some(attempt) = step.intent.attempts.iter_mut().find(|attempt| attempt.id == id) {
                    attempt.resolution = resolution;
                }
            }
            ResolveCall::Capture(id) => {
                if let Some(capture) = step.intent.captures.iter_mut().find(|capture| capture.id == id) {
                    capture.resolution = resolution;
                }
            }
        }
        Ok(step)
    }

    fn resolve_attempt(&self, id: AttemptId, resolve: &Resolve, now: Timestamp) -> Result<Step, Refusal> {
        let attempt = self.attempt(id).ok_or(Refusal::NothingToResolve)?;
        let void = attempt.authorization.as_ref().and_then(|authorization| authorization.void);
        match (attempt.status, void) {
            (AttemptStatus::Approved, Some(VoidState::Declined)) => self.resolve_void(id, resolve, now),
            (AttemptStatus::Approved, Some(VoidState::Started)) if attempt.checks > 0 => {
                self.resolve_void(id, resolve, now)
            }
            (AttemptStatus::Unknown, _) => self.settle_attempt(attempt, resolve, now),
            (AttemptStatus::Conflict, _) if self.waits_for(attempt) => {
                self.settle_attempt(attempt, resolve, now)
            }
            (AttemptStatus::Conflict, _) => self.settle_late(attempt, resolve, now),
            _ => Err(Refusal::NothingToResolve),
        }
    }

    /// Whether the intent stands still for this attempt in conflict. One that was taken for declined before, it has
    /// gone on from.
    fn waits_for(&self, attempt: &Attempt) -> bool {
        let last = self.attempts.last().is_some_and(|last| last.id == attempt.id);
        last && self.status == IntentStatus::Processing
    }

    /// As if the gateway had answered just now.
    fn settle_attempt(&self, attempt: &Attempt, resolve: &Resolve, now: Timestamp) -> Result<Step, Refusal> {
        let amount = match resolve.outcome {
            ResolvedAs::Approved => {
                resolve.amount_of(attempt.amount, smaller(attempt.amount, self.amount))?
            }
            _ => attempt.amount,
        };
        let mut open = self.clone();
        for each in open.attempts.iter_mut().filter(|each| each.id == attempt.id) {
            each.status = AttemptStatus::Unknown;
            each.amount = amount;
        }
        match resolve.outcome {
            ResolvedAs::Approved => {
                let answer = resolve.approval(amount, attempt.capture);
                open.record_answer(attempt.id, answer, resolve.capture, now)
            }
            ResolvedAs::Declined => {
                let answer = GatewayAnswer::Declined(resolve.decline());
                open.record_answer(attempt.id, answer, resolve.capture, now)
            }
            ResolvedAs::NotDone => {
                open.record_not_done(attempt.id, "it never happened, as a person found out", now)
            }
        }
    }

    /// The approval of an attempt that was taken for not approved: it counts if the payment can still take it; else
    /// what was told before stays.
    fn settle_late(&self, attempt: &Attempt, resolve: &Resolve, now: Timestamp) -> Result<Step, Refusal> {
        if resolve.outcome == ResolvedAs::Approved {
            let waits = matches!(
                self.status,
                IntentStatus::RequiresPaymentMethod | IntentStatus::RequiresConfirmation
            );
            if !waits {
                return Err(Refusal::WentOn { status: self.status });
            }
            let mut step = self.settle_attempt(attempt, resolve, now)?;
            step.intent.last_payment_error = None;
            return Ok(step);
        }
        let mut next = self.next(now);
        for each in next.attempts.iter_mut().filter(|each| each.id == attempt.id) {
            each.queued_at = None;
            let declined = each.decline.is_some();
            each.status = if declined { AttemptStatus::Declined } else { AttemptStatus::Error };
        }
        Ok(Step { intent: next, events: Vec::new() })
    }

    /// A void that is stuck: done, to be tried again, or impossible, so that what is held stays and can be captured.
    fn resolve_void(&self, id: AttemptId, resolve: &Resolve, now: Timestamp) -> Result<Step, Refusal> {
        let mut next = self.clone();
        let attempt = next.attempts.iter_mut().find(|attempt| attempt.id == id);
        let attempt = attempt.ok_or(Refusal::NothingToResolve)?;
        let authorization = attempt.authorization.as_mut().ok_or(Refusal::NothingToResolve)?;
        authorization.void = Some(VoidState::Started);
        match resolve.outcome {
            ResolvedAs::Approved => return next.record_voided(id, now),
            ResolvedAs::NotDone => {
                authorization.void_at = Some(now);
                attempt.checks = 0;
                attempt.next_check_at = Some(now);
            }
            ResolvedAs::Declined => next = next.without_void(id),
        }
        for attempt in next.attempts.iter_mut().filter(|attempt| attempt.id == id) {
            attempt.queued_at = None;
        }
        Ok(Step { intent: next.next(now), events: Vec::new() })
    }

    fn resolve_capture(&self, id: CaptureId, resolve: &Resolve, now: Timestamp) -> Result<Step, Refusal> {
        let place = self.captures.iter().position(|capture| capture.id == id);
        let place = place.ok_or(Refusal::NothingToResolve)?;
        let capture = &self.captures[place];
        let unknown = capture.status == CaptureStatus::Pending && capture.checks > 0;
        if !unknown && capture.queued_at.is_none() {
            return Err(Refusal::NothingToResolve);
        }
        if resolve.outcome != ResolvedAs::Approved {
            return Ok(self.next(now).failed_capture(
                place,
                "it was not captured, as a person found out",
                now,
            ));
        }
        let late = capture.status == CaptureStatus::Failed;
        let voids = self.attempt(capture.attempt).and_then(|attempt| attempt.authorization.as_ref());
        if late && (voids.is_none_or(|held| held.void.is_some()) || self.cancellation_reason.is_some()) {
            return Err(Refusal::WentOn { status: self.status });
        }
        let amount = resolve.amount_of(capture.amount, self.room_for(place)?)?;
        let mut open = self.clone();
        open.captures[place].status = CaptureStatus::Pending;
        open.captures[place].amount = amount;
        open.record_capture(id, resolve.approval(amount, true), now)
    }

    /// The most that a capture can have taken: what it asked for, and no more than the others leave of what is held.
    fn room_for(&self, place: usize) -> Result<Money, Refusal> {
        let asked = self.captures[place].amount;
        let held = self.approved_attempt().ok_or(Refusal::NothingToResolve)?.amount;
        let others = self
            .captures
            .iter()
            .enumerate()
            .filter(|(other, capture)| *other != place && capture.status != CaptureStatus::Failed);
        let left =
            others.map(|(_, capture)| capture.amount).try_fold(held, |left, part| left.checked_sub(part))?;
        Ok(smaller(left, asked))
    }
}

/// Of two amounts in one currency.
const fn smaller(one: Money, other: Money) -> Money {
    if one.minor() < other.minor() { one } else { other }
}
