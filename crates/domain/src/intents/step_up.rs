//! A soft decline: the issuer would approve, after the customer's authentication.

use crate::kernel::{AttemptId, CaptureId, Timestamp};
use crate::ports::{Decline, DeclineCode, GatewayAnswer, ScaRequest, ThreeDs};

use super::{Attempt, Intent, IntentStatus, Refusal, StartAttempt, Step};

impl Attempt {
    /// Whether this decline is answered by the same payment once more, with authentication. Once: that one forces it.
    #[must_use]
    pub fn steps_up_after(&self, decline: &Decline) -> bool {
        decline.code == DeclineCode::AuthenticationRequired
            && self.three_ds != ThreeDs::Force
            && !self.off_session
            && self.session.is_none()
    }
}

impl Intent {
    /// Records a soft decline, and begins in the same step the attempt `next` that forces authentication. Where there
    /// may be none (no attempt is left, a cancellation was asked for, it has expired) it is a decline like others.
    ///
    /// # Errors
    /// When the attempt does not wait for an answer.
    pub fn record_soft_decline(
        &self,
        id: AttemptId,
        decline: Decline,
        next: AttemptId,
        now: Timestamp,
    ) -> Result<Step, Refusal> {
        let steps_up = self.attempt(id).is_some_and(|attempt| attempt.steps_up_after(&decline));
        // A decline makes no capture.
        let unused = CaptureId::from_uuid(next.uuid());
        let step = self.record_answer(id, GatewayAnswer::Declined(decline), unused, now)?;
        if !steps_up || step.intent.status != IntentStatus::RequiresPaymentMethod {
            return Ok(step);
        }
        let Some(first) = step.intent.attempt(id) else { return Ok(step) };
        let start = StartAttempt {
            id: next,
            connector: first.connector.clone(),
            instrument: first.instrument.clone(),
            method: first.method.clone(),
            off_session: false,
            three_ds: ThreeDs::Force,
        };
        // All that was asked, but for the exemption that it did not get.
        let request = ScaRequest { exemption: None, ..first.sca_request.clone() };
        let ready = Self { status: IntentStatus::RequiresConfirmation, ..step.intent.clone() };
        let Ok(mut intent) = ready.start_attempt(start, now) else { return Ok(step) };
        // One commit, so one version.
        intent.version = step.intent.version;
        if let Some(attempt) = intent.attempts.last_mut() {
            attempt.sca_request = request;
        }
        Ok(Step { intent, events: step.events })
    }
}
