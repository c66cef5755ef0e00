//! What the annex's client is answered.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use tender_domain::dispute_cases::CaseRefusal;
use tender_domain::kernel::Answer;
use tender_domain::refunds::{Refund, RefundRefusal, RefundStatus};
use tender_events::exact_amount;
pub(super) use tender_http::storefront::adventures::{ErrorBody, Refused};
use tender_http::{Problem, keep};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::dialects::annex::REASON;
use crate::{Presenter, RefundsError};

/// How the dialect shows outcomes.
pub(super) const PRESENTER: Presenter =
    Presenter { refund: shown, refusal: |refusal| refused(refusal).to_answer() };

/// A refund.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdventuresRefund)]
pub(super) struct RefundBody {
    /// The refund's UUID.
    refund_id: Uuid,
    /// The payment: the intent's UUID.
    payment_id: Uuid,
    /// In major units, with exactly the currency's places.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    amount: Decimal,
    /// Why, in the client's words.
    reason: String,
    /// What the gateway calls it, once it is known.
    gateway_ref: Option<String>,
    /// `PENDING`, `COMPLETED`, `FAILED` or `CANCELED`.
    #[schema(value_type = String)]
    status: &'static str,
    /// When it was asked for.
    created_at: DateTime<Utc>,
}

/// 201; 202 while the outcome is not known.
fn shown(refund: &Refund) -> Answer {
    let (code, status) = match refund.status() {
        RefundStatus::Pending | RefundStatus::Processing | RefundStatus::RequiresAction => (202, "PENDING"),
        RefundStatus::Succeeded => (201, "COMPLETED"),
        RefundStatus::Failed => (201, "FAILED"),
        RefundStatus::Canceled => (201, "CANCELED"),
    };
    let words = refund.metadata.entries().get(REASON).map(String::as_str);
    let body = RefundBody {
        refund_id: refund.id.uuid(),
        payment_id: refund.intent_id.uuid(),
        amount: refund.amount.to_decimal(),
        reason: words.unwrap_or(refund.reason.as_str()).to_owned(),
        gateway_ref: refund.gateway_reference().map(str::to_owned),
        status,
        created_at: refund.created_at,
    };
    keep(code, &body)
}

/// A refusal of business.
pub(in crate::dialects) fn refused(refusal: &RefundRefusal) -> Refused {
    let message = refusal.to_string();
    match refusal {
        RefundRefusal::ExceedsCharge { left, .. } if left.is_zero() => {
            Refused::of(409, "NOT_REFUNDABLE", "nothing is left of this payment to refund")
        }
        RefundRefusal::ExceedsCharge { .. } => {
            Refused::of(422, "REFUND_EXCEEDS_PAYMENT", message).at("amount")
        }
        RefundRefusal::BadAmount(_) => Refused::field("amount", message),
        _ => Refused::of(409, "NOT_REFUNDABLE", message),
    }
}

/// A refusal of the laws of disputes.
fn refused_case(refusal: &CaseRefusal) -> Refused {
    let message = refusal.to_string();
    match refusal {
        CaseRefusal::TierForbidden(_) => Refused::of(403, "TIER_FORBIDDEN", message),
        CaseRefusal::Resolved => Refused::of(409, "DISPUTE_RESOLVED", message),
        CaseRefusal::VersionConflict(_) => Refused::of(409, "VERSION_CONFLICT", message).at("version"),
        CaseRefusal::ProcessorDecides => Refused::of(409, "PROCESSOR_DECIDES", message).at("decision"),
        CaseRefusal::AmountRequired => Refused::of(422, "AMOUNT_REQUIRED", message).at("amount"),
        CaseRefusal::AmountContradicts(_)
        | CaseRefusal::BeyondRequest { .. }
        | CaseRefusal::BadAmount(_)
        | CaseRefusal::BadLimits => Refused::field("amount", message),
        CaseRefusal::TooManyNotes => Refused::of(422, "TOO_MANY_NOTES", message).at("add_note"),
        CaseRefusal::TooManyOpen => Refused::of(409, "TOO_MANY_DISPUTES", message),
    }
}

impl From<RefundsError> for Refused {
    fn from(error: RefundsError) -> Self {
        match &error {
            RefundsError::NoSuchCharge => Self::of(404, "PAYMENT_NOT_FOUND", "there is no such payment"),
            RefundsError::NoSuchDispute => Self::of(404, "DISPUTE_NOT_FOUND", "there is no such dispute"),
            RefundsError::Case(refusal) => refused_case(refusal),
            RefundsError::NotCaptured => Self::of(
                409,
                "NOT_REFUNDABLE",
                "no money was taken by this payment, so there is none to refund",
            ),
            RefundsError::Refused(refusal) => refused(refusal),
            RefundsError::Policy(refusal) => Self::of(422, "START_REQUIRED", refusal.to_string()),
            RefundsError::OtherRequest => {
                let message = "this idempotency key belongs to another request; a new refund needs a new key";
                Self::of(409, "IDEMPOTENCY_CONFLICT", message)
            }
            _ => Problem::from(error).into(),
        }
    }
}
