//! What fraud's decisions do to an intent.

use crate::fraud::{FraudDecision, IntentRisk};
use crate::kernel::Timestamp;

use super::{Command, Intent, IntentEvent, IntentStatus, PaymentError, Refusal, Step};

impl Intent {
    /// With what is newly known of its risk.
    #[must_use]
    pub fn with_risk(&self, risk: IntentRisk, now: Timestamp) -> Self {
        let mut next = self.next(now);
        next.risk = risk;
        next
    }

    /// Ends it because fraud denied it: no gateway is asked, and it cannot be tried again (contract §4).
    ///
    /// # Errors
    /// When the status permits nothing to be begun, neither with a method nor on a gateway's page.
    pub fn deny_by_fraud(&self, decision: &FraudDecision, now: Timestamp) -> Result<Step, Refusal> {
        // All that can be confirmed can be paid in a session, which needs no method besides.
        self.permit(Command::StartSession)?;
        let mut next = self.next(now);
        next.risk.decision = Some(decision.summary());
        next.status = IntentStatus::Failed;
        next.last_payment_error = Some(PaymentError::fraud_denied(decision.id));
        Ok(Step { intent: next, events: vec![IntentEvent::FraudDenied] })
    }
}
