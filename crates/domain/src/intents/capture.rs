//! Taking what is held.

use crate::kernel::{AttemptId, CaptureId, Money, Timestamp, gateway_text};
use crate::ports::{GatewayAnswer, UnknownOutcome};

use super::{
    CALL_DEADLINE, CaptureOrigin, CaptureStatus, Command, Intent, IntentEvent, IntentStatus, Refusal,
    Resolution, Step,
};

/// One capture of a charge: the effect that the ledger posts once, by its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// Its id; our reference at the gateway when it is a call of its own.
    pub id: CaptureId,
    /// Of which attempt's authorization.
    pub attempt: AttemptId,
    /// Who asked the gateway for it.
    pub origin: CaptureOrigin,
    /// How much.
    pub amount: Money,
    /// Whether the rest is let go.
    pub is_final: bool,
    /// What became of it.
    pub status: CaptureStatus,
    /// What the gateway calls it.
    pub gateway_reference: Option<String>,
    /// Why it failed, or what is known of an unknown outcome.
    pub problem: Option<String>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When its answer came.
    pub answered_at: Option<Timestamp>,
    /// How often its outcome was pursued.
    pub checks: u32,
    /// When its outcome is pursued next; none when it is known, or a person's.
    pub next_check_at: Option<Timestamp>,
    /// Since when a person has to settle it: its outcome was not to be had, or is in conflict.
    pub queued_at: Option<Timestamp>,
    /// How a person settled it, the last time.
    pub resolution: Option<Resolution>,
}

/// What a capture is begun with.
#[derive(Debug, Clone)]
pub struct StartCapture {
    /// Its id.
    pub id: CaptureId,
    /// How much; none is all that is left.
    pub amount: Option<Money>,
    /// Whether the rest is let go.
    pub is_final: bool,
}

impl Intent {
    /// Begins a capture: to be committed before the gateway is called.
    ///
    /// # Errors
    /// When the status does not permit it, a cancellation was asked for, or more than is left was asked for.
    pub fn start_capture(&self, start: &StartCapture, now: Timestamp) -> Result<Self, Refusal> {
        self.permit(Command::Capture)?;
        if self.cancellation_reason.is_some() {
            return Err(Refusal::CancelRequested);
        }
        let capturable = self.amount_capturable();
        let asked = start.amount.unwrap_or(capturable);
        let rest = capturable.checked_sub(asked)?;
        let attempt = self.approved_attempt().ok_or(Refusal::NotOpen)?.id;
        if asked.minor() <= 0 || rest.minor() < 0 {
            return Err(Refusal::ExceedsCapturable { asked, capturable });
        }
        let mut next = self.next(now);
        next.captures.push(Capture {
            id: start.id,
            attempt,
            origin: CaptureOrigin::Tender,
            amount: asked,
            is_final: start.is_final || rest.is_zero(),
            status: CaptureStatus::Pending,
            gateway_reference: None,
            problem: None,
            created_at: now,
            answered_at: None,
            checks: 0,
            next_check_at: Some(now + CALL_DEADLINE),
            queued_at: None,
            resolution: None,
        });
        Ok(next)
    }

    /// Records the gateway's definite answer to a capture. That it was done after it was taken for failed is kept in
    /// words and told, for money moved; it stays failed until a person settles it.
    ///
    /// # Errors
    /// When the capture does not wait for an answer.
    pub fn record_capture(
        &self,
        id: CaptureId,
        answer: GatewayAnswer,
        now: Timestamp,
    ) -> Result<Step, Refusal> {
        if let GatewayAnswer::Approved { gateway_reference, amount, .. } = &answer
            && let Some(step) = self.late_capture(id, gateway_reference, *amount, now)
        {
            return Ok(step);
        }
        let (mut next, place) = self.open_capture(id, now)?;
        let capture = &mut next.captures[place];
        match answer {
            GatewayAnswer::Approved { gateway_reference, amount, .. } if amount == capture.amount => {
                capture.status = CaptureStatus::Succeeded;
                capture.gateway_reference = Some(gateway_reference);
                capture.answered_at = Some(now);
                capture.next_check_at = None;
                capture.queued_at = None;
                capture.problem = None;
                if capture.is_final {
                    next.status = IntentStatus::Succeeded;
                    next.nothing_held();
                }
                Ok(Step { intent: next, events: vec![IntentEvent::Captured { capture: id }] })
            }
            GatewayAnswer::Approved { gateway_reference, amount, .. } => {
                // Never silently accepted: it stays pending, is pursued no more, and a person is told.
                capture.problem = Some(format!(
                    "asked for {}, the gateway captured {amount} ({gateway_reference})",
                    capture.amount
                ));
                capture.next_check_at = None;
                capture.queued_at = Some(now);
                let attempt = capture.attempt;
                Ok(Step { intent: next, events: vec![IntentEvent::AnswerConflicted { attempt }] })
            }
            GatewayAnswer::Declined(decline) => Ok(next.failed_capture(place, &decline.message, now)),
            GatewayAnswer::Challenge { .. } => {
                Ok(next.failed_capture(place, "the gateway asked for a challenge", now))
            }
        }
    }

    /// Records that the gateway is known not to have captured.
    ///
    /// # Errors
    /// When the capture does not wait for an answer.
    pub fn record_capture_not_done(
        &self,
        id: CaptureId,
        problem: &str,
        now: Timestamp,
    ) -> Result<Step, Refusal> {
        let (next, place) = self.open_capture(id, now)?;
        Ok(next.failed_capture(place, problem, now))
    }

    /// Records that the outcome of a capture is not known: it is pursued as its gateway permits, at last by a person.
    ///
    /// # Errors
    /// When the capture does not wait for an answer.
    pub fn record_capture_unknown(
        &self,
        id: CaptureId,
        problem: &str,
        how: UnknownOutcome,
        now: Timestamp,
    ) -> Result<Step, Refusal> {
        let (mut next, place) = self.open_capture(id, now)?;
        let events = next.captures[place].unanswered(problem, how, now);
        Ok(Step { intent: next, events })
    }

    /// Refuses a capture of less than what is held, at a gateway that captures all or nothing.
    ///
    /// # Errors
    /// [`Refusal::PartialCapture`] when it asks for less.
    pub fn refuse_part(&self, start: &StartCapture) -> Result<(), Refusal> {
        let Some(asked) = start.amount else { return Ok(()) };
        match self.approved_attempt() {
            Some(attempt) if asked.minor() < attempt.amount.minor() => {
                let connector = attempt.connector.clone();
                Err(Refusal::PartialCapture { connector, held: attempt.amount })
            }
            _ => Ok(()),
        }
    }

    /// Refuses to leave a rest, for a gateway that lets it go with the first part.
    ///
    /// # Errors
    /// When a rest is to stay held.
    pub fn refuse_rest(&self, start: &StartCapture) -> Result<(), Refusal> {
        match self.approved_attempt() {
            Some(attempt) if !start.is_final => {
                Err(Refusal::OneCapture { connector: attempt.connector.clone() })
            }
            _ => Ok(()),
        }
    }

    fn late_capture(&self, id: CaptureId, reference: &str, amount: Money, now: Timestamp) -> Option<Step> {
        let failed = |capture: &Capture| capture.id == id && capture.status == CaptureStatus::Failed;
        let place = self.captures.iter().position(failed)?;
        let mut next = self.next(now);
        let capture = &mut next.captures[place];
        capture.problem = Some(format!(
            "taken for failed, and then the gateway said that it had captured {amount} ({reference})"
        ));
        capture.queued_at = Some(now);
        let attempt = capture.attempt;
        Some(Step { intent: next, events: vec![IntentEvent::AnswerConflicted { attempt }] })
    }

    pub(super) fn open_capture(&self, id: CaptureId, now: Timestamp) -> Result<(Self, usize), Refusal> {
        let open = |capture: &Capture| capture.id == id && capture.status == CaptureStatus::Pending;
        let place = self.captures.iter().position(open);
        Ok((self.next(now), place.ok_or(Refusal::NotOpen)?))
    }

    /// A capture failed: what it would have taken can be captured again.
    pub(super) fn failed_capture(mut self, place: usize, problem: &str, now: Timestamp) -> Step {
        let capture = &mut self.captures[place];
        capture.status = CaptureStatus::Failed;
        capture.problem = Some(gateway_text(problem));
        capture.answered_at = Some(now);
        capture.next_check_at = None;
        capture.queued_at = None;
        self.capture_later_again(now);
        Step { intent: self, events: Vec::new() }
    }
}
