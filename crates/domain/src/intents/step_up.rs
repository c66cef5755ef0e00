//! A soft decline: the issuer would approve, after the customer's authentication.

use crate::kernel::{AttemptId, CaptureId, Timestamp};
use crate::ports::{Decline, DeclineCode, GatewayAnswer, ScaRequest, ThreeDs};

use super::{Attempt, Intent, NextTry, NoEffect, Refusal, Step};

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
        let first = self.attempt(id).filter(|attempt| attempt.steps_up_after(&decline));
        let Some(first) = first else {
            // A decline makes no capture.
            let unused = CaptureId::from_uuid(next.uuid());
            return self.record_answer(id, GatewayAnswer::Declined(decline), unused, now);
        };
        let next = NextTry {
            id: next,
            connector: first.connector.clone(),
            three_ds: ThreeDs::Force,
            // All that was asked, but for the exemption that it did not get.
            sca_request: ScaRequest { exemption: None, ..first.sca_request.clone() },
        };
        self.record_and_try_again(id, NoEffect::Declined(decline), next, now)
    }
}
