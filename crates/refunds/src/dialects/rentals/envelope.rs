//! What the rentals document's client is answered.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tender_domain::kernel::Answer;
use tender_domain::refunds::{Refund, RefundRefusal, RefundStatus};
use tender_events::exact_amount;
use tender_http::storefront::rentals::{Envelope, Named, Refused};
use tender_http::{Problem, keep};
use utoipa::ToSchema;

use crate::{Presenter, RefundsError};

/// Under which key of its metadata a refund keeps the reason in the client's words.
pub(super) const REASON: &str = "reason";

/// How the dialect shows outcomes; ids get their numbers when they are shown.
pub(super) const PRESENTER: Presenter =
    Presenter { refund: processed, refusal: |refusal| refused(refusal).to_answer() };

/// A refund.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RentalsRefund)]
pub(super) struct RefundBody {
    /// Its number.
    #[schema(value_type = i64, example = 123)]
    pub(super) id: Named,
    /// The payment's number.
    #[schema(value_type = i64, example = 789)]
    pub(super) payment_id: Named,
    /// In major units, exact.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    amount: Decimal,
    /// ISO 4217 code.
    currency: String,
    /// Why, in the client's words.
    reason: String,
    /// `completed`, or `pending` while its outcome is not known.
    status: String,
    /// What the gateway calls it, once it is known.
    transaction_id: Option<String>,
    /// When it was asked for.
    created_at: DateTime<Utc>,
}

/// The refund of a request.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RentalsRefundData)]
pub(super) struct RefundData {
    /// The refund.
    pub(super) refund: RefundBody,
}

/// The answer to a request to refund, as it is kept: 200 done, 202 not known yet, 500 `REFUND_FAILED`.
fn processed(refund: &Refund) -> Answer {
    let data = |status: &str| RefundData {
        refund: RefundBody {
            id: Named::Id(refund.id.uuid()),
            payment_id: Named::Id(refund.intent_id.uuid()),
            amount: refund.amount.to_decimal(),
            currency: refund.amount.currency().code().to_owned(),
            reason: refund.metadata.entries().get(REASON).cloned().unwrap_or_default(),
            status: status.to_owned(),
            transaction_id: refund.gateway_reference().map(str::to_owned),
            created_at: refund.created_at,
        },
    };
    match refund.status() {
        RefundStatus::Succeeded => keep(200, &Envelope::success("Refund processed", data("completed"))),
        RefundStatus::Pending | RefundStatus::Processing | RefundStatus::RequiresAction => {
            let message = "The refund's outcome is not known yet; it is looked up until it is";
            keep(202, &Envelope::success(message, data("pending")))
        }
        RefundStatus::Failed | RefundStatus::Canceled => {
            let why = refund.failure().map_or("it was called off", |failure| &failure.message);
            Refused::of(500, "REFUND_FAILED", format!("Refund failed: {why}")).to_answer()
        }
    }
}

/// A refusal of business.
pub(super) fn refused(refusal: &RefundRefusal) -> Refused {
    let message = refusal.to_string();
    match refusal {
        RefundRefusal::ExceedsCharge { left, .. } if left.is_zero() => {
            Refused::of(400, "PAYMENT_NOT_REFUNDABLE", "nothing is left of this payment to refund")
        }
        RefundRefusal::ExceedsCharge { .. } => Refused::of(400, "REFUND_AMOUNT_EXCESSIVE", message),
        RefundRefusal::BadAmount(_) => Refused::invalid(message),
        _ => Refused::of(400, "PAYMENT_NOT_REFUNDABLE", message),
    }
}

/// There is no such payment.
pub(super) fn unknown() -> Refused {
    Refused::of(404, "PAYMENT_NOT_FOUND", "there is no such payment")
}

/// What the client may hear of an error.
pub(super) fn fault(error: RefundsError) -> Refused {
    match &error {
        RefundsError::NoSuchCharge => unknown(),
        RefundsError::NotCaptured => {
            let message = "no money was taken by this payment, so there is none to refund";
            Refused::of(400, "PAYMENT_NOT_REFUNDABLE", message)
        }
        RefundsError::Refused(refusal) => refused(refusal),
        _ => {
            let problem = Problem::from(error);
            if problem.status() >= 500 {
                tracing::error!(%problem, "a refund could not be processed");
            }
            problem.into()
        }
    }
}
