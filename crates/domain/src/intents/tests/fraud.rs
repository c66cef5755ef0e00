//! What fraud's decisions do to an intent.

use uuid::Uuid;

use super::fixtures::{at, in_status};
use crate::fraud::{FraudAction, FraudDecision, FraudVerdict, Occasion};
use crate::intents::{Command, Intent, IntentEvent, IntentStatus, Refusal};
use crate::kernel::{FraudDecisionId, Version};

fn denial(intent: &Intent) -> FraudDecision {
    FraudDecision {
        id: FraudDecisionId::from_uuid(Uuid::from_u128(5)),
        tenant: intent.tenant.clone(),
        intent: intent.id,
        occasion: Occasion::Confirm,
        verdict: FraudVerdict { score: 90, action: FraudAction::Deny, reasons: Vec::new() },
        rules_version: Version::FIRST,
        created_at: at(10),
    }
}

#[test]
fn a_denial_ends_what_could_be_confirmed_or_paid_on_a_page_for_good_and_is_refused_elsewhere() {
    for status in IntentStatus::ALL {
        let before = in_status(*status);
        let decision = denial(&before);
        let denied = before.deny_by_fraud(&decision, at(10));
        if !status.permits(Command::Confirm) && !status.permits(Command::StartSession) {
            let refusal = Refusal::WrongStatus { status: *status, command: Command::StartSession };
            assert_eq!(denied, Err(refusal), "{status:?}");
            continue;
        }
        let step = denied.expect("it could be begun");
        assert_eq!((step.intent.status, step.events), (IntentStatus::Failed, vec![IntentEvent::FraudDenied]));
        assert_eq!(step.intent.version, before.version.next());
        let error = step.intent.last_payment_error.expect("it says why");
        assert_eq!((error.fraud, error.attempt, error.decline), (Some(decision.id), None, None));
        assert_eq!(step.intent.risk.decision, Some(decision.summary()));
        assert_eq!(step.intent.attempts, before.attempts, "nothing was tried");
    }
}
