//! Where a payment stands in the annex's words, and how it came there.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::intents::{
    Attempt, AttemptStatus, CaptureStatus, Intent, IntentFilter, IntentStatus, RefundOfIntent, RefundedPart,
};
use tender_domain::refunds::RefundStatus;
use utoipa::ToSchema;

use crate::messages::Failure;

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = AdventuresPaymentStatus)]
pub(super) enum PaymentStatus {
    /// Being worked on, or its outcome is not known yet.
    Pending,
    /// Held.
    Authorized,
    /// Taken.
    Completed,
    /// Declined, or known not to have happened.
    Failed,
    /// Given up before money moved.
    Canceled,
    /// Taken, and some of it given back.
    PartiallyRefunded,
    /// Taken, and all of it given back.
    Refunded,
    /// Taken, and disputed.
    Disputed,
}

impl PaymentStatus {
    pub(super) fn of(intent: &Intent) -> Self {
        match intent.status {
            IntentStatus::Succeeded if intent.amount_disputed().minor() > 0 => Self::Disputed,
            IntentStatus::Succeeded => {
                Self::taken(intent.amount_refunded.minor(), intent.amount_captured().minor())
            }
            IntentStatus::Authorized | IntentStatus::RequiresCapture => Self::Authorized,
            IntentStatus::Failed | IntentStatus::RequiresPaymentMethod => Self::Failed,
            IntentStatus::Canceled => Self::Canceled,
            IntentStatus::RequiresConfirmation | IntentStatus::RequiresAction | IntentStatus::Processing => {
                Self::Pending
            }
        }
    }

    const fn taken(refunded: i64, captured: i64) -> Self {
        if refunded <= 0 {
            Self::Completed
        } else if refunded < captured {
            Self::PartiallyRefunded
        } else {
            Self::Refunded
        }
    }

    /// The filter of a list that shows payments that stand so.
    pub(super) fn narrow(self, filter: IntentFilter) -> IntentFilter {
        use IntentStatus as S;
        let (statuses, refunded) = match self {
            Self::Pending => (vec![S::RequiresConfirmation, S::RequiresAction, S::Processing], None),
            Self::Authorized => (vec![S::Authorized, S::RequiresCapture], None),
            Self::Completed => (vec![S::Succeeded], Some(RefundedPart::Nothing)),
            Self::Failed => (vec![S::Failed, S::RequiresPaymentMethod], None),
            Self::Canceled => (vec![S::Canceled], None),
            Self::PartiallyRefunded => (vec![S::Succeeded], Some(RefundedPart::Part)),
            Self::Refunded => (vec![S::Succeeded], Some(RefundedPart::All)),
            Self::Disputed => (vec![S::Succeeded], None),
        };
        let is_taken = statuses == [S::Succeeded];
        let disputed = is_taken.then_some(self == Self::Disputed);
        IntentFilter { statuses, refunded, disputed, ..filter }
    }
}

/// One step of a payment's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AdventuresPaymentStep)]
pub(super) struct StepBody {
    /// Where it stood from then on.
    status: PaymentStatus,
    /// When.
    at: DateTime<Utc>,
    /// Why, when there is more to say.
    reason: Option<String>,
}

/// How a payment came to where it stands, oldest first: from its attempts, captures and refunds as they are kept.
pub(super) fn history(intent: &Intent, refunds: &[RefundOfIntent]) -> Vec<StepBody> {
    let step = |status, at, reason| StepBody { status, at, reason };
    let mut steps = vec![step(PaymentStatus::Pending, intent.created_at, None)];
    for attempt in &intent.attempts {
        let answered = attempt.answered_at.unwrap_or(attempt.started_at);
        match attempt.status {
            AttemptStatus::Approved if !attempt.capture => {
                steps.push(step(PaymentStatus::Authorized, answered, None));
            }
            AttemptStatus::Declined | AttemptStatus::Error => {
                steps.push(step(PaymentStatus::Failed, answered, Some(why_failed(attempt))));
            }
            _ => {}
        }
    }
    let taken = intent.captures.iter().filter(|capture| capture.status == CaptureStatus::Succeeded);
    steps.extend(taken.map(|capture| {
        step(PaymentStatus::Completed, capture.answered_at.unwrap_or(capture.created_at), None)
    }));
    if let Some(denied) = Failure::of_fraud(intent) {
        // With nothing tried there is nothing later than it.
        steps.push(step(PaymentStatus::Failed, intent.updated_at, Some(denied.message)));
    }
    if let Some(at) = intent.canceled_at {
        steps.push(step(PaymentStatus::Canceled, at, intent.cancellation_reason.clone()));
    }
    let mut done: Vec<&RefundOfIntent> =
        refunds.iter().filter(|refund| refund.status == RefundStatus::Succeeded).collect();
    done.sort_by_key(|refund| refund.ended_at);
    let mut sum = 0_i64;
    for refund in done {
        sum = sum.saturating_add(refund.amount.minor());
        let status = PaymentStatus::taken(sum, intent.amount_captured().minor());
        steps.push(step(status, refund.ended_at, Some(refund.reason.clone())));
    }
    steps.sort_by_key(|step| step.at);
    steps
}

/// Why an attempt failed, for a person.
fn why_failed(attempt: &Attempt) -> String {
    attempt.decline.as_ref().map_or_else(
        || "the payment gateway could not process the payment; nothing was charged".to_owned(),
        |decline| decline.message.clone(),
    )
}
