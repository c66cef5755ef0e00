//! What is known not to have happened, tried once more: at another connector, or with the customer's authentication.
//!
//! The end of the one attempt and the start of the next are one commit. So an intent never has two attempts that may
//! both have moved money: the next is there only where the one before is known to have moved none.

use crate::kernel::{AttemptId, CaptureId, Timestamp};
use crate::ports::{Decline, GatewayAnswer, ScaRequest, ThreeDs};

use super::{Attempt, Intent, IntentStatus, Refusal, StartAttempt, Step};

/// How an attempt ended that moved no money. An outcome that is not known is none of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoEffect {
    /// The gateway said no.
    Declined(Decline),
    /// It is known not to have happened, and why.
    NotDone(String),
}

/// The try that follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextTry {
    /// Its id.
    pub id: AttemptId,
    /// At which connector.
    pub connector: String,
    /// Whether the customer must authenticate.
    pub three_ds: ThreeDs,
    /// What it asks of authentication.
    pub sca_request: ScaRequest,
}

impl Attempt {
    /// Whether it may be tried at another connector, once it is known to have moved no money. An agreement is the gateway's
    /// that keeps it; and what the customer was sent to, a challenge or a session's page, is the customer's own.
    #[must_use]
    pub fn can_fail_over(&self) -> bool {
        self.sca_request.agreement.is_none() && self.challenge.is_none()
    }

    /// The same try at another connector.
    #[must_use]
    pub fn at_another(&self, id: AttemptId, connector: String) -> NextTry {
        NextTry { id, connector, three_ds: self.three_ds, sca_request: self.sca_request.clone() }
    }
}

impl Intent {
    /// Records how an attempt ended, and begins the next one in the same step. Where there may be none (no attempt is
    /// left, a cancellation was asked for, it has expired) only the end is recorded.
    ///
    /// # Errors
    /// When the attempt does not wait for an answer.
    pub fn record_and_try_again(
        &self,
        id: AttemptId,
        ended: NoEffect,
        next: NextTry,
        now: Timestamp,
    ) -> Result<Step, Refusal> {
        let step = match ended {
            NoEffect::Declined(decline) => {
                // A decline makes no capture.
                let unused = CaptureId::from_uuid(next.id.uuid());
                self.record_answer(id, GatewayAnswer::Declined(decline), unused, now)?
            }
            NoEffect::NotDone(problem) => self.record_not_done(id, &problem, now)?,
        };
        if step.intent.status != IntentStatus::RequiresPaymentMethod {
            return Ok(step);
        }
        let Some(first) = step.intent.attempt(id) else { return Ok(step) };
        let start = StartAttempt {
            id: next.id,
            connector: next.connector,
            // The same rule named both.
            rule: first.rule,
            instrument: first.instrument.clone(),
            method: first.method.clone(),
            off_session: first.off_session,
            three_ds: next.three_ds,
        };
        let ready = Self { status: IntentStatus::RequiresConfirmation, ..step.intent.clone() };
        let Ok(mut intent) = ready.start_attempt(start, now) else { return Ok(step) };
        // One commit, so one version.
        intent.version = step.intent.version;
        let session = first.session.clone();
        if let Some(attempt) = intent.attempts.last_mut() {
            attempt.sca_request = next.sca_request;
            attempt.session = session;
        }
        Ok(Step { intent, events: step.events })
    }
}
