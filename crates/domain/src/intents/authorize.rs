//! Confirming: from the start of an attempt to its outcome.

use crate::kernel::{AttemptId, CaptureId, FraudDecisionId, Money, RoutingRuleId, Timestamp, gateway_text};
use crate::ports::{Decline, DeclineCode, GatewayAnswer, ScaAnswer, ScaRequest, ThreeDs, UnknownOutcome};

use super::{
    Attempt, AttemptStatus, Authorization, CALL_DEADLINE, Capture, CaptureMode, CaptureOrigin, CaptureStatus,
    Challenge, Command, Instrument, Intent, IntentEvent, IntentStatus, MethodSummary, OpenCall, PaymentError,
    Refusal, Step,
};

/// What an attempt is begun with.
#[derive(Debug, Clone)]
pub struct StartAttempt {
    /// Its id.
    pub id: AttemptId,
    /// At which connector.
    pub connector: String,
    /// The routing rule that says so; none where none decided.
    pub rule: Option<RoutingRuleId>,
    /// What is charged.
    pub instrument: Instrument,
    /// What one may know of it.
    pub method: MethodSummary,
    /// Whether the customer is away.
    pub off_session: bool,
    /// Whether the customer must authenticate.
    pub three_ds: ThreeDs,
}

impl Intent {
    /// Begins an attempt: to be committed before the gateway is called.
    ///
    /// # Errors
    /// When the status does not permit it, or the intent has expired.
    pub fn start_attempt(&self, start: StartAttempt, now: Timestamp) -> Result<Self, Refusal> {
        self.permit(Command::Confirm)?;
        if self.expires_at.is_some_and(|expires_at| expires_at <= now) {
            return Err(Refusal::Expired);
        }
        let mut next = self.next(now);
        next.attempts.push(Attempt {
            id: start.id,
            number: u32::try_from(self.attempts.len()).unwrap_or(u32::MAX).saturating_add(1),
            connector: start.connector,
            rule: start.rule,
            instrument: start.instrument,
            method: start.method,
            amount: self.amount,
            capture: self.capture_mode == CaptureMode::Auto && self.capture_delay_seconds.is_none(),
            off_session: start.off_session,
            three_ds: start.three_ds,
            sca_request: ScaRequest::default(),
            sca: ScaAnswer::default(),
            session: None,
            status: AttemptStatus::Started,
            started_at: now,
            answered_at: None,
            decline: None,
            problem: None,
            challenge: None,
            authorization: None,
            capture_at: None,
            expires_at: None,
            checks: 0,
            next_check_at: Some(now + CALL_DEADLINE),
            queued_at: None,
            resolution: None,
        });
        next.status = IntentStatus::Processing;
        next.last_payment_error = None;
        Ok(next)
    }

    /// Goes on after a challenge: to be committed before the gateway is told the result. Says which attempt it is.
    ///
    /// # Errors
    /// When no challenge is open.
    pub fn start_challenge_completion(&self, now: Timestamp) -> Result<(Self, AttemptId), Refusal> {
        self.permit(Command::CompleteChallenge)?;
        let mut next = self.next(now);
        let attempt = next.attempts.iter_mut().find(|attempt| attempt.status == AttemptStatus::Challenge);
        let attempt = attempt.ok_or(Refusal::NotOpen)?;
        attempt.completing(now);
        let id = attempt.id;
        next.status = IntentStatus::Processing;
        Ok((next, id))
    }

    /// Records the gateway's definite answer to an attempt. `capture` names the capture that an answer with money
    /// taken becomes. An approval of an attempt that was taken for not approved is a conflict: kept and told, for money
    /// may have moved. One of an attempt whose challenge is open ends that.
    ///
    /// # Errors
    /// When the attempt does not wait for an answer: it came before, by another way.
    pub fn record_answer(
        &self,
        id: AttemptId,
        mut answer: GatewayAnswer,
        capture: CaptureId,
        now: Timestamp,
    ) -> Result<Step, Refusal> {
        if let GatewayAnswer::Approved { gateway_reference, amount, .. } = &answer
            && let Some(step) = self.late_approval(id, gateway_reference, *amount, now)
        {
            return Ok(step);
        }
        // Met after all, by a completion that was on its way when the challenge was found open.
        let is_challenge = |attempt: &Attempt| attempt.status == AttemptStatus::Challenge;
        if matches!(answer, GatewayAnswer::Approved { .. }) && self.attempt(id).is_some_and(is_challenge) {
            return self.record_challenge(id, answer, capture, now);
        }
        let (mut next, place) = self.open_attempt(id, now)?;
        let attempt = &mut next.attempts[place];
        let before = attempt.answered_at.replace(now);
        attempt.next_check_at = None;
        attempt.queued_at = None;
        attempt.problem = None;
        attempt.learn(&mut answer);
        match answer {
            GatewayAnswer::Approved { gateway_reference, amount, captured, .. }
                if amount != attempt.amount || captured != attempt.capture =>
            {
                let verb = |capture| if capture { "take" } else { "hold" };
                attempt.status = AttemptStatus::Conflict;
                attempt.queued_at = Some(now);
                attempt.problem = Some(format!(
                    "asked to {} {}, the gateway says that it was to {} {amount} ({gateway_reference})",
                    verb(attempt.capture),
                    attempt.amount,
                    verb(captured)
                ));
                // The intent stays in processing: a person decides what the money is.
                Ok(Step { intent: next, events: vec![IntentEvent::AnswerConflicted { attempt: id }] })
            }
            GatewayAnswer::Approved { gateway_reference, response_code, acquirer, avs, .. } => {
                attempt.status = AttemptStatus::Approved;
                attempt.authorization = Some(Authorization {
                    gateway_reference,
                    response_code,
                    acquirer,
                    avs,
                    void: None,
                    void_at: None,
                });
                next.approved(id, capture, now)
            }
            GatewayAnswer::Challenge { url, challenge_reference, creq } => {
                let known = attempt.challenge.take().filter(|known| url.is_empty() || known.url == url);
                match (&known, before) {
                    // Still open: it is met where it was, its time runs on, and the call that asked is over.
                    (Some(_), Some(before)) => {
                        attempt.answered_at = Some(before);
                        attempt.started_at = attempt.started_at.min(before);
                    }
                    _ => attempt.answered_at = Some(now.max(attempt.started_at)),
                }
                let new = Challenge { url, reference: challenge_reference, creq };
                attempt.challenge = Some(known.unwrap_or(new));
                if next.cancellation_reason.is_some() {
                    return Ok(next.awaiting_customer(place, now));
                }
                next.attempts[place].status = AttemptStatus::Challenge;
                next.status = IntentStatus::RequiresAction;
                Ok(Step { intent: next, events: Vec::new() })
            }
            GatewayAnswer::Declined(decline) => {
                let decline = Decline { message: gateway_text(&decline.message), ..decline };
                attempt.status = AttemptStatus::Declined;
                attempt.decline = Some(decline.clone());
                let message = decline.message.clone();
                Ok(next.failed_attempt(PaymentError::of_attempt(id, Some(decline), message), now))
            }
        }
    }

    /// Records that the gateway is known not to have done it.
    ///
    /// # Errors
    /// When the attempt does not wait for an answer.
    pub fn record_not_done(&self, id: AttemptId, problem: &str, now: Timestamp) -> Result<Step, Refusal> {
        let (mut next, place) = self.open_attempt(id, now)?;
        let attempt = &mut next.attempts[place];
        attempt.status = AttemptStatus::Error;
        attempt.answered_at = Some(now);
        attempt.next_check_at = None;
        attempt.queued_at = None;
        attempt.problem = Some(gateway_text(problem));
        let message = "the payment gateway could not process the payment; nothing was charged".to_owned();
        Ok(next.failed_attempt(PaymentError::of_attempt(id, None, message), now))
    }

    /// Records that the outcome is not known: it is pursued as its gateway permits, at last by a person.
    ///
    /// # Errors
    /// When the attempt does not wait for an answer.
    pub fn record_unknown(
        &self,
        id: AttemptId,
        problem: &str,
        how: UnknownOutcome,
        now: Timestamp,
    ) -> Result<Step, Refusal> {
        let (mut next, place) = self.open_attempt(id, now)?;
        let attempt = &mut next.attempts[place];
        attempt.status = AttemptStatus::Unknown;
        let events = attempt.unanswered(OpenCall::Attempt(id), problem, how, now);
        Ok(Step { intent: next, events })
    }

    /// The attempt in conflict, if it ended as declined or not done and the gateway now says that it was approved.
    fn late_approval(&self, id: AttemptId, reference: &str, amount: Money, now: Timestamp) -> Option<Step> {
        let ended = |attempt: &Attempt| {
            attempt.id == id && matches!(attempt.status, AttemptStatus::Declined | AttemptStatus::Error)
        };
        let place = self.attempts.iter().position(ended)?;
        let mut next = self.next(now);
        let attempt = &mut next.attempts[place];
        attempt.problem = Some(format!(
            "taken for {}, and then the gateway said that it had approved {amount} ({reference})",
            attempt.status.as_str()
        ));
        attempt.status = AttemptStatus::Conflict;
        attempt.answered_at = Some(now);
        attempt.queued_at = Some(now);
        Some(Step { intent: next, events: vec![IntentEvent::AnswerConflicted { attempt: id }] })
    }

    fn open_attempt(&self, id: AttemptId, now: Timestamp) -> Result<(Self, usize), Refusal> {
        let place = self.attempts.iter().position(|attempt| attempt.id == id && attempt.is_open());
        Ok((self.next(now), place.ok_or(Refusal::NotOpen)?))
    }

    /// The attempt was approved: money is held or taken. What a cancellation was asked for meanwhile is not kept: its
    /// void begins with the same commit, so that no crash can part the two.
    fn approved(mut self, id: AttemptId, capture: CaptureId, now: Timestamp) -> Result<Step, Refusal> {
        let approved = self.attempt(id).map(|attempt| (attempt.capture, attempt.amount));
        let (taken, amount) = approved.ok_or(Refusal::NotOpen)?;
        if !taken {
            self.hold(id, now);
            if self.cancellation_reason.is_some() {
                self.begin_void(now)?;
            }
            return Ok(Step { intent: self, events: vec![IntentEvent::Authorized { attempt: id }] });
        }
        self.captures.push(Capture {
            id: capture,
            attempt: id,
            origin: CaptureOrigin::Tender,
            amount,
            is_final: true,
            status: CaptureStatus::Succeeded,
            gateway_reference: self
                .attempt(id)
                .and_then(|a| a.authorization.as_ref())
                .map(|a| a.gateway_reference.clone()),
            problem: None,
            created_at: now,
            answered_at: Some(now),
            checks: 0,
            next_check_at: None,
            queued_at: None,
            resolution: None,
        });
        self.status = IntentStatus::Succeeded;
        // Too late to cancel: the money was taken with the authorization.
        self.cancellation_reason = None;
        Ok(Step { intent: self, events: vec![IntentEvent::Captured { capture }] })
    }

    pub(super) fn failed_attempt(mut self, error: PaymentError, now: Timestamp) -> Step {
        let failed = error.attempt.map(|attempt| IntentEvent::AttemptFailed { attempt });
        self.last_payment_error = Some(error);
        if self.cancellation_reason.is_some() {
            let mut step = self.give_up(now);
            step.events.splice(0..0, failed);
            return step;
        }
        let attempts = u32::try_from(self.attempts.len()).unwrap_or(u32::MAX);
        let expired = self.expires_at.is_some_and(|expires_at| expires_at <= now);
        self.status = if attempts >= self.max_attempts || expired {
            IntentStatus::Failed
        } else {
            IntentStatus::RequiresPaymentMethod
        };
        Step { intent: self, events: failed.into_iter().collect() }
    }
}

impl PaymentError {
    /// Why an attempt failed.
    #[must_use]
    pub const fn of_attempt(attempt: AttemptId, decline: Option<Decline>, message: String) -> Self {
        Self { attempt: Some(attempt), decline, fraud: None, message }
    }

    /// Why there was no attempt: fraud denied it.
    #[must_use]
    pub fn fraud_denied(decision: FraudDecisionId) -> Self {
        let message = "the payment was refused before it was tried; nothing was charged".to_owned();
        Self { attempt: None, decline: None, fraud: Some(decision), message }
    }

    /// The decline of an attempt whose challenge cannot be met.
    #[must_use]
    pub fn authentication_required(attempt: AttemptId, amount: Money) -> Self {
        let message = format!("the payment of {amount} needs the customer's authentication");
        let decline = Decline {
            code: DeclineCode::AuthenticationRequired,
            network_code: None,
            message: message.clone(),
            sca: None,
        };
        Self::of_attempt(attempt, Some(decline), message)
    }
}
