//! A capture that a person made in the gateway's own dashboard: adopted, for the money has moved.
//!
//! The gateway tells it from ours by not repeating a reference of ours; what it calls the capture is its name, under
//! which it is adopted once. While a capture of ours, the void or the authorization itself has no end, nobody knows what
//! is left to be taken, and nothing is decided: what is open ends first, by its gateway or by a person. A void that was
//! refused ends by the capture that made it impossible.

use crate::kernel::{AttemptId, CaptureId, Money, Timestamp, gateway_text};
use crate::ports::{Decline, OutsideCapture};

use super::told::contradiction;
use super::{
    Attempt, AttemptStatus, Capture, CaptureOrigin, CaptureStatus, Intent, IntentEvent, IntentStatus,
    Refusal, Step, Told, VoidState,
};

const VOID_OPEN: &str = "the void of its authorization has no end yet";

impl Intent {
    /// A capture of this attempt's authorization that we did not ask for. `capture` names what it becomes here.
    ///
    /// # Errors
    /// `NotOpen` when the intent has no such attempt.
    pub fn told_captured_outside(
        &self,
        id: AttemptId,
        told: &OutsideCapture,
        capture: CaptureId,
        now: Timestamp,
    ) -> Result<Told, Refusal> {
        let attempt = self.attempt(id).ok_or(Refusal::NotOpen)?;
        let of_attempt = || self.captures.iter().filter(|capture| capture.attempt == id);
        let named = Some(told.gateway_reference.as_str());
        if let Some(known) = of_attempt().find(|capture| capture.gateway_reference.as_deref() == named) {
            return self.told_outside_again(known, told, now);
        }
        if let Some(open) = open_before(attempt, of_attempt()) {
            return Ok(Told::NotYet(open.to_owned()));
        }
        if attempt.void() == Some(VoidState::Declined) {
            return self.told_why_void_was_refused(id, told, capture, now);
        }
        self.adopt(attempt, told, capture, now)
    }

    /// The void was refused, and now a capture is told. One that leaves nothing held says why, and the payment ends as
    /// what it is: taken. One that leaves a rest, or did not last, decides nothing: a person has the void.
    fn told_why_void_was_refused(
        &self,
        id: AttemptId,
        told: &OutsideCapture,
        capture: CaptureId,
        now: Timestamp,
    ) -> Result<Told, Refusal> {
        let held = self.without_void(id);
        let attempt = held.attempt(id).ok_or(Refusal::NotOpen)?;
        match held.adopt(attempt, told, capture, now)? {
            Told::News(step) if step.intent.status == IntentStatus::Succeeded => Ok(Told::News(step)),
            contradicted @ Told::Contradiction(_) => Ok(contradicted),
            _ => Ok(Told::NotYet(VOID_OPEN.to_owned())),
        }
    }

    fn adopt(
        &self,
        attempt: &Attempt,
        told: &OutsideCapture,
        capture: CaptureId,
        now: Timestamp,
    ) -> Result<Told, Refusal> {
        if let Some(problem) = self.no_place_for(attempt, told) {
            // What did not last moved nothing.
            let moved = told.taken_back.is_none();
            return Ok(if moved { contradiction(&problem, &described(told)) } else { Told::Known });
        }
        let rest = self.amount_capturable().checked_sub(told.amount)?;
        let mut next = self.next(now);
        next.captures.push(adopted(attempt, told, (capture, rest), now));
        if told.taken_back.is_some() {
            // Kept, so that an older word of its success finds it.
            return Ok(Told::News(Box::new(Step { intent: next, events: Vec::new() })));
        }
        if told.is_final || rest.is_zero() {
            next.status = IntentStatus::Succeeded;
            next.nothing_held();
        }
        Ok(Told::News(Box::new(Step { intent: next, events: vec![IntentEvent::Captured { capture }] })))
    }

    /// The gateway's word of a capture that we know by its name.
    fn told_outside_again(
        &self,
        known: &Capture,
        told: &OutsideCapture,
        now: Timestamp,
    ) -> Result<Told, Refusal> {
        match (known.status, &told.taken_back) {
            (CaptureStatus::Succeeded, Some(why)) => {
                let step = self.record_capture_reversed(known.id, &why.message, now)?;
                Ok(Told::News(Box::new(step)))
            }
            (CaptureStatus::Succeeded, None) if told.amount != known.amount => {
                Ok(contradiction(&format!("captured {}", known.amount), &described(told)))
            }
            _ => Ok(Told::Known),
        }
    }

    /// Why such a capture can have no place in this payment; none when it has one.
    fn no_place_for(&self, attempt: &Attempt, told: &OutsideCapture) -> Option<String> {
        let Some(held) = attempt.authorization.as_ref().filter(|_| attempt.status == AttemptStatus::Approved)
        else {
            return Some(format!("an authorization that is {}", attempt.status.as_str()));
        };
        if let Some(other) = told.payment_reference.as_ref().filter(|named| **named != held.gateway_reference)
        {
            return Some(format!("{} for the authorization and not {other}", held.gateway_reference));
        }
        if attempt.capture {
            return Some(format!("taken {} with its authorization", attempt.amount));
        }
        if held.void == Some(VoidState::Done) {
            return Some(format!("let go {}", attempt.amount));
        }
        let left = self.amount_capturable();
        let fits = |amount: Money| {
            amount.currency() == left.currency() && (1..=left.minor()).contains(&amount.minor())
        };
        (!fits(told.amount)).then(|| format!("{left} left to be captured"))
    }
}

/// What has no end yet and decides what is left to be taken, in words.
fn open_before<'a>(
    attempt: &Attempt,
    mut captures: impl Iterator<Item = &'a Capture>,
) -> Option<&'static str> {
    if matches!(
        attempt.status,
        AttemptStatus::Started | AttemptStatus::Unknown | AttemptStatus::Challenge | AttemptStatus::Conflict
    ) {
        return Some("its authorization has no end yet");
    }
    if attempt.is_voiding() {
        return Some(VOID_OPEN);
    }
    let open = |capture: &Capture| capture.status == CaptureStatus::Pending || capture.queued_at.is_some();
    captures.any(open).then_some("a capture that we asked for has no end yet")
}

/// The capture as it is kept; `rest` is what it leaves of what is held.
fn adopted(
    attempt: &Attempt,
    told: &OutsideCapture,
    (id, rest): (CaptureId, Money),
    now: Timestamp,
) -> Capture {
    let problem = |why: &Decline| gateway_text(&format!("taken back before it was known: {}", why.message));
    Capture {
        id,
        attempt: attempt.id,
        origin: CaptureOrigin::Gateway,
        amount: told.amount,
        is_final: told.is_final || rest.is_zero(),
        status: if told.taken_back.is_some() { CaptureStatus::Failed } else { CaptureStatus::Succeeded },
        gateway_reference: Some(told.gateway_reference.clone()),
        problem: told.taken_back.as_ref().map(problem),
        created_at: now,
        answered_at: Some(now),
        checks: 0,
        next_check_at: None,
        queued_at: None,
        resolution: None,
    }
}

fn described(told: &OutsideCapture) -> String {
    format!("that {} was captured in its dashboard ({})", told.amount, told.gateway_reference)
}
