//! Giving up: at once when nothing is held, by a void when something is, later when it is not known.

use crate::kernel::{AttemptId, Timestamp, gateway_text};
use crate::ports::UnknownOutcome;

use super::{
    AttemptStatus, CALL_DEADLINE, CaptureStatus, Command, Intent, IntentEvent, IntentStatus, OpenCall,
    Refusal, Step, VoidState,
};

/// What a cancellation comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum CancelStep {
    /// Nothing is held: it is canceled.
    Canceled(Step),
    /// Something is held: the void is begun, the gateway is to be called.
    VoidStarted {
        /// The intent as it is to be.
        intent: Intent,
        /// The attempt whose authorization is voided.
        attempt: AttemptId,
    },
    /// It is not known what is held: the wish is kept until it is.
    Requested(Intent),
    /// The customer may be meeting a challenge: the wish is kept, and the gateway is to be asked.
    ChallengeOpen {
        /// The intent as it is to be.
        intent: Intent,
        /// The attempt whose challenge is open.
        attempt: AttemptId,
    },
}

impl Intent {
    /// Gives the intent up.
    ///
    /// # Errors
    /// When the status does not permit it, money was taken already, or a capture is on its way.
    pub fn cancel(&self, reason: &str, now: Timestamp) -> Result<CancelStep, Refusal> {
        self.permit(Command::Cancel)?;
        if self.cancellation_reason.is_some() {
            return Err(Refusal::CancelRequested);
        }
        // What was taken cannot be given up but refunded, and what may have been taken must be known first.
        let taken = |status| matches!(status, CaptureStatus::Succeeded | CaptureStatus::Pending);
        if self.captures.iter().any(|capture| taken(capture.status)) {
            return Err(Refusal::WrongStatus { status: self.status, command: Command::Cancel });
        }
        let mut next = self.next(now);
        next.cancellation_reason = Some(reason.to_owned());
        match self.status {
            IntentStatus::Processing => Ok(CancelStep::Requested(next)),
            IntentStatus::RequiresCapture | IntentStatus::Authorized => {
                let attempt = next.begin_void(now)?;
                Ok(CancelStep::VoidStarted { intent: next, attempt })
            }
            _ => match next.ask_of_challenge(now) {
                Some(attempt) => Ok(CancelStep::ChallengeOpen { intent: next, attempt }),
                None => Ok(CancelStep::Canceled(next.give_up(now))),
            },
        }
    }

    /// Records that the gateway let go what it held.
    ///
    /// # Errors
    /// When no void is on its way.
    pub fn record_voided(&self, id: AttemptId, now: Timestamp) -> Result<Step, Refusal> {
        let (mut next, place) = self.open_void(id, now)?;
        next.attempts[place].next_check_at = None;
        next.attempts[place].queued_at = None;
        if let Some(authorization) = &mut next.attempts[place].authorization {
            authorization.void = Some(VoidState::Done);
        }
        Ok(next.give_up(now))
    }

    /// Records that the outcome of a void is not known, or that it could not be sent: it is sent again at every gateway, at
    /// last by a person. A void moves no money and is idempotent by what it is about, so trying again is safe.
    ///
    /// # Errors
    /// When no void is on its way.
    pub fn record_void_pending(&self, id: AttemptId, problem: &str, now: Timestamp) -> Result<Step, Refusal> {
        let (mut next, place) = self.open_void(id, now)?;
        let how = UnknownOutcome::AGAIN;
        let events = next.attempts[place].unanswered(OpenCall::Void(id), problem, how, now);
        Ok(Step { intent: next, events })
    }

    /// Records that the gateway refused to let go what it held: it is held still, and a person is told.
    ///
    /// # Errors
    /// When no void is on its way.
    pub fn record_void_declined(
        &self,
        id: AttemptId,
        problem: &str,
        now: Timestamp,
    ) -> Result<Step, Refusal> {
        let (mut next, place) = self.open_void(id, now)?;
        let attempt = &mut next.attempts[place];
        attempt.problem = Some(gateway_text(problem));
        attempt.next_check_at = None;
        attempt.queued_at = Some(now);
        if let Some(authorization) = &mut attempt.authorization {
            authorization.void = Some(VoidState::Declined);
        }
        Ok(Step { intent: next, events: vec![IntentEvent::VoidDeclined { attempt: id }] })
    }

    /// Ends it as canceled; an open challenge ends with it.
    pub(super) fn give_up(mut self, now: Timestamp) -> Step {
        for attempt in &mut self.attempts {
            if attempt.status == AttemptStatus::Challenge {
                attempt.status = AttemptStatus::Error;
                attempt.problem = Some("the payment was canceled before the challenge was met".to_owned());
                attempt.answered_at = Some(now);
            }
        }
        self.status = IntentStatus::Canceled;
        self.canceled_at = Some(now);
        Step { intent: self, events: vec![IntentEvent::Canceled] }
    }

    /// Begins the void of what is held: the gateway is to be called once this is committed.
    pub(super) fn begin_void(&mut self, now: Timestamp) -> Result<AttemptId, Refusal> {
        let approved = |attempt: &&mut super::Attempt| attempt.status == AttemptStatus::Approved;
        let attempt = self.attempts.iter_mut().find(approved).ok_or(Refusal::NotOpen)?;
        attempt.next_check_at = Some(now + CALL_DEADLINE);
        attempt.checks = 0;
        attempt.capture_at = None;
        attempt.expires_at = None;
        let id = attempt.id;
        let authorization = attempt.authorization.as_mut().ok_or(Refusal::NotOpen)?;
        authorization.void = Some(VoidState::Started);
        authorization.void_at = Some(now);
        self.status = IntentStatus::Processing;
        Ok(id)
    }

    /// With a refused void on its way once more; the same version, for what comes of it is one commit.
    pub(super) fn voiding_again(&self, id: AttemptId) -> Self {
        let mut again = self.clone();
        let of_attempt = again.attempts.iter_mut().filter(|attempt| attempt.id == id);
        for authorization in of_attempt.filter_map(|attempt| attempt.authorization.as_mut()) {
            authorization.void = Some(VoidState::Started);
        }
        again
    }

    /// As if no void had been asked for: what the attempt holds can be captured. The same version, for what comes of it
    /// is one commit.
    pub(super) fn without_void(&self, id: AttemptId) -> Self {
        let mut held = self.clone();
        held.cancellation_reason = None;
        held.status = IntentStatus::RequiresCapture;
        for attempt in held.attempts.iter_mut().filter(|attempt| attempt.id == id) {
            attempt.next_check_at = None;
            attempt.queued_at = None;
            if let Some(authorization) = &mut attempt.authorization {
                authorization.void = None;
                authorization.void_at = None;
            }
        }
        held
    }

    pub(super) fn open_void(&self, id: AttemptId, now: Timestamp) -> Result<(Self, usize), Refusal> {
        let voiding = |attempt: &super::Attempt| attempt.id == id && attempt.is_voiding();
        let place = self.attempts.iter().position(voiding);
        Ok((self.next(now), place.ok_or(Refusal::NotOpen)?))
    }
}
