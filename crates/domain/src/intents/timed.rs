//! What time does to an intent: delayed captures, expiry, challenges that nobody meets.

use std::time::Duration;

use crate::kernel::{AttemptId, CaptureId, Timestamp};
use crate::ports::{Decline, DeclineCode, GatewayAnswer, UnknownOutcome};

use super::{
    Attempt, AttemptStatus, CALL_DEADLINE, CancelStep, CaptureMode, CaptureStatus, Intent, IntentStatus,
    OpenCall, PaymentError, Refusal, StartCapture, Step,
};

/// How long an authorization holds when its gateway says nothing else: the shortest that card networks promise.
pub const AUTHORIZATION_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);

/// The longest delay of a capture of our own: a day before the shortest authorization ends.
pub const CAPTURE_DELAY_SECONDS_MAX: u32 = 6 * 24 * 3600;

/// How long before the end of an authorization a delayed capture is made at the latest.
const BEFORE_THE_END: Duration = Duration::from_secs(3600);

/// The problem of a challenge whose payment was canceled.
pub(super) const STILL_OPEN: &str = "it was canceled while the customer may be paying";

/// When a delayed capture that failed is tried again.
const CAPTURE_AGAIN_AFTER: Duration = Duration::from_secs(3600);

/// Something that is to be done since its time has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timed {
    /// It can no longer be confirmed: to be canceled.
    Expired,
    /// Nobody met its challenge.
    Abandoned(AttemptId),
    /// What is held is let go by itself: to be voided, so that it is known.
    AuthorizationExpired,
    /// Our own capture is due.
    CaptureDue,
}

/// What the expiry of an authorization comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum ExpiryStep {
    /// Part of it was taken: what was left cannot be any more.
    Closed(Intent),
    /// Nothing was taken: the void is begun, the gateway is to be called.
    VoidStarted {
        /// The intent as it is to be.
        intent: Intent,
        /// The attempt whose authorization is voided.
        attempt: AttemptId,
    },
}

impl Intent {
    /// When it is canceled because it can no longer be confirmed; none while that must not be: an outcome is open, the
    /// customer may be paying in a session, or it is beyond confirming.
    #[must_use]
    pub fn closes_at(&self) -> Option<Timestamp> {
        use IntentStatus as S;
        let waits =
            matches!(self.status, S::RequiresPaymentMethod | S::RequiresConfirmation | S::RequiresAction);
        self.expires_at.filter(|_| waits && !self.is_queued() && self.open_session().is_none())
    }

    /// What is to be done since its time has come. A challenge counts as abandoned when it was asked for before
    /// `challenged_before`.
    #[must_use]
    pub fn timed(&self, now: Timestamp, challenged_before: Timestamp) -> Option<Timed> {
        let expired = self.closes_at().is_some_and(|at| at <= now);
        let abandoned = |attempt: &&Attempt| {
            let long_ago = attempt.answered_at.is_some_and(|at| at <= challenged_before);
            attempt.status == AttemptStatus::Challenge && (expired || long_ago)
        };
        // Before anything else: the customer may have met it, or be about to.
        if let Some(attempt) = self.attempts.iter().find(abandoned) {
            return Some(Timed::Abandoned(attempt.id));
        }
        if expired {
            return Some(Timed::Expired);
        }
        let held = self.approved_attempt().filter(|_| !self.is_capturing())?;
        if held.expires_at.is_some_and(|at| at <= now) {
            return Some(Timed::AuthorizationExpired);
        }
        held.capture_at.is_some_and(|at| at <= now).then_some(Timed::CaptureDue)
    }

    /// Ends what can no longer be confirmed.
    ///
    /// # Errors
    /// When its time has not come, an outcome is open, or a challenge is: what became of that is asked first.
    pub fn expire(&self, now: Timestamp) -> Result<Step, Refusal> {
        if self.closes_at().is_none_or(|at| at > now) {
            return Err(Refusal::NotOpen);
        }
        match self.cancel("expired", now)? {
            CancelStep::Canceled(step) => Ok(step),
            // Nothing is held in the statuses in which it closes.
            CancelStep::VoidStarted { .. } | CancelStep::Requested(_) | CancelStep::ChallengeOpen { .. } => {
                Err(Refusal::NotOpen)
            }
        }
    }

    /// Ends a challenge that nobody met, and that nobody can meet any more, as a failed attempt.
    ///
    /// # Errors
    /// When the challenge is not open, or its completion was sent.
    pub fn abandon_challenge(&self, id: AttemptId, now: Timestamp) -> Result<Step, Refusal> {
        let place = self.unmet(id)?;
        let mut next = self.next(now);
        next.attempts[place].next_check_at = None;
        next.attempts[place].queued_at = None;
        if next.cancellation_reason.is_some() {
            next.attempts[place].status = AttemptStatus::Challenge;
            return Ok(next.give_up(now));
        }
        let message = "the customer did not authenticate in time".to_owned();
        let code = DeclineCode::AuthenticationAbandoned;
        let decline = Decline { code, network_code: None, message: message.clone(), sca: None };
        let attempt = &mut next.attempts[place];
        attempt.status = AttemptStatus::Declined;
        attempt.decline = Some(decline.clone());
        attempt.answered_at = Some(now);
        attempt.problem = None;
        Ok(next.failed_attempt(PaymentError::of_attempt(id, Some(decline), message), now))
    }

    /// It is not known whether a challenge was met: what became of it is pursued like any other outcome.
    ///
    /// # Errors
    /// When the challenge is not open, or its completion was sent.
    pub fn challenge_unanswered(
        &self,
        id: AttemptId,
        problem: &str,
        how: UnknownOutcome,
        now: Timestamp,
    ) -> Result<Step, Refusal> {
        let place = self.unmet(id)?;
        let mut next = self.next(now);
        let attempt = &mut next.attempts[place];
        if attempt.status == AttemptStatus::Challenge {
            attempt.status = AttemptStatus::Unknown;
            attempt.checks = 0;
        }
        let events = attempt.unanswered(OpenCall::Attempt(id), problem, how, now);
        next.status = IntentStatus::Processing;
        Ok(Step { intent: next, events })
    }

    /// The customer met a challenge, as the gateway says: to be committed before it is told to go on.
    ///
    /// # Errors
    /// When the challenge is not open, or its completion was sent.
    pub fn challenge_met(&self, id: AttemptId, now: Timestamp) -> Result<Self, Refusal> {
        let place = self.unmet(id)?;
        let mut next = self.next(now);
        next.attempts[place].completing(now);
        next.status = IntentStatus::Processing;
        Ok(next)
    }

    /// Records what the gateway says of a challenge that was asked about.
    ///
    /// # Errors
    /// When the challenge is not open, or its completion was sent.
    pub fn record_challenge(
        &self,
        id: AttemptId,
        answer: GatewayAnswer,
        capture: CaptureId,
        now: Timestamp,
    ) -> Result<Step, Refusal> {
        let place = self.unmet(id)?;
        let mut open = self.clone();
        open.attempts[place].status = AttemptStatus::Unknown;
        open.status = IntentStatus::Processing;
        open.record_answer(id, answer, capture, now)
    }

    /// A cancellation while the customer may be meeting a challenge: what became of it is asked before anything ends.
    pub(super) fn ask_of_challenge(&mut self, now: Timestamp) -> Option<AttemptId> {
        let open = self.attempts.iter_mut().find(|attempt| attempt.status == AttemptStatus::Challenge)?;
        open.status = AttemptStatus::Unknown;
        open.checks = 0;
        open.next_check_at = Some(now + CALL_DEADLINE);
        open.problem = Some(STILL_OPEN.to_owned());
        self.status = IntentStatus::Processing;
        Some(open.id)
    }

    /// The place of an attempt with a challenge of which only the customer can have made something.
    fn unmet(&self, id: AttemptId) -> Result<usize, Refusal> {
        let unmet = |attempt: &Attempt| {
            let asked = attempt.status == AttemptStatus::Unknown && attempt.awaits_customer();
            attempt.id == id && (attempt.status == AttemptStatus::Challenge || asked)
        };
        self.attempts.iter().position(unmet).ok_or(Refusal::NotOpen)
    }

    /// Begins our own capture: to be committed before the gateway is called.
    ///
    /// # Errors
    /// When it is not due, another capture is on its way, or there is nothing left to take.
    pub fn start_scheduled_capture(&self, id: CaptureId, now: Timestamp) -> Result<Self, Refusal> {
        let due = self.approved_attempt().and_then(|attempt| attempt.capture_at).is_some_and(|at| at <= now);
        if !due || self.is_capturing() {
            return Err(Refusal::NotOpen);
        }
        let mut next = self.start_capture(&StartCapture { id, amount: None, is_final: true }, now)?;
        if let Some(attempt) = next.held_mut() {
            attempt.capture_at = None;
        }
        Ok(next)
    }

    /// Ends an authorization whose time is over: what it holds is voided, and the intent canceled when that is done.
    ///
    /// # Errors
    /// When its time is not over, or a capture is on its way.
    pub fn expire_authorization(&self, now: Timestamp) -> Result<ExpiryStep, Refusal> {
        let over = self.approved_attempt().and_then(|attempt| attempt.expires_at).is_some_and(|at| at <= now);
        if !over || self.is_capturing() {
            return Err(Refusal::NotOpen);
        }
        let mut next = self.next(now);
        if !self.amount_captured().is_zero() {
            next.nothing_held();
            next.status = IntentStatus::Succeeded;
            return Ok(ExpiryStep::Closed(next));
        }
        next.cancellation_reason = Some("authorization_expired".to_owned());
        let attempt = next.begin_void(now)?;
        Ok(ExpiryStep::VoidStarted { intent: next, attempt })
    }

    /// With the end of what an attempt holds as its gateway has it. Our own capture comes before that.
    #[must_use]
    pub fn holding_for(mut self, id: AttemptId, life: Duration, since: Timestamp) -> Self {
        for attempt in
            self.attempts.iter_mut().filter(|attempt| attempt.id == id && attempt.expires_at.is_some())
        {
            let end = since + life;
            attempt.expires_at = Some(end);
            attempt.capture_at = attempt.capture_at.map(|at| at.min(end - BEFORE_THE_END).max(since));
        }
        self
    }

    /// An attempt was approved and holds money: until it is captured by the merchant, or by us after the delay.
    pub(super) fn hold(&mut self, id: AttemptId, now: Timestamp) {
        let delay = self.capture_delay_seconds.filter(|_| self.capture_mode == CaptureMode::Auto);
        let capture_at = delay.map(|seconds| now + Duration::from_secs(seconds.into()));
        self.status =
            if capture_at.is_some() { IntentStatus::Authorized } else { IntentStatus::RequiresCapture };
        for attempt in self.attempts.iter_mut().filter(|attempt| attempt.id == id) {
            attempt.capture_at = capture_at;
            attempt.expires_at = Some(now + AUTHORIZATION_LIFE);
        }
    }

    /// Nothing is held any more: there is nothing to capture, and nothing to expire.
    pub(super) fn nothing_held(&mut self) {
        if let Some(attempt) = self.held_mut() {
            attempt.capture_at = None;
            attempt.expires_at = None;
        }
    }

    /// After a capture failed: one of our own is tried again, as long as it holds.
    pub(super) fn capture_later_again(&mut self, now: Timestamp) {
        if self.status != IntentStatus::Authorized {
            return;
        }
        if let Some(attempt) = self.held_mut() {
            attempt.capture_at.get_or_insert(now + CAPTURE_AGAIN_AFTER);
        }
    }

    fn held_mut(&mut self) -> Option<&mut Attempt> {
        self.attempts.iter_mut().find(|attempt| attempt.status == AttemptStatus::Approved)
    }

    fn is_capturing(&self) -> bool {
        self.captures.iter().any(|capture| capture.status == CaptureStatus::Pending)
    }
}
