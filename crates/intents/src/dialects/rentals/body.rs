//! A payment as the rentals document's client sees it.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tender_domain::intents::{AttemptStatus, Intent, TransactionStanding};
use tender_domain::kernel::Answer;
use tender_domain::ports::SessionRequest;
use tender_events::exact_amount;
use tender_http::keep;
use tender_http::storefront::rentals::{Envelope, Named, Refused};
use utoipa::ToSchema;

use crate::messages::Failure;
use crate::use_cases::Presenter;

/// How the dialect shows outcomes; ids get their numbers when they are shown.
pub(super) const PRESENTER: Presenter = Presenter {
    intent: |intent, _| processed(intent),
    capture: |intent, _| processed(intent),
    refusal: |refusal| Some(Refused::invalid(refusal.to_string()).to_answer()),
    error: |_| None,
};

/// Where a transaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = RentalsStatus)]
pub(super) enum Status {
    /// Being worked on, or its outcome is not known yet.
    Pending,
    /// Done.
    Completed,
    /// Declined, given up, or known not to have happened.
    Failed,
}

impl Status {
    pub(super) fn of(intent: &Intent) -> Self {
        TransactionStanding::of_payment(intent.status).into()
    }
}

impl From<TransactionStanding> for Status {
    fn from(standing: TransactionStanding) -> Self {
        match standing {
            TransactionStanding::Pending => Self::Pending,
            TransactionStanding::Completed => Self::Completed,
            TransactionStanding::Failed => Self::Failed,
        }
    }
}

impl From<Status> for TransactionStanding {
    fn from(status: Status) -> Self {
        match status {
            Status::Pending => Self::Pending,
            Status::Completed => Self::Completed,
            Status::Failed => Self::Failed,
        }
    }
}

/// A payment that was processed.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RentalsPayment)]
pub(super) struct PaymentBody {
    /// Its number.
    #[schema(value_type = i64, example = 789)]
    pub(super) id: Named,
    /// In major units, exact.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    amount: Decimal,
    /// ISO 4217 code.
    currency: String,
    /// Where it stands.
    status: Status,
    /// What the gateway calls it, once it has approved it.
    transaction_id: Option<String>,
    /// When it was begun.
    created_at: DateTime<Utc>,
}

/// The payment of a request.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RentalsPaymentData)]
pub(super) struct PaymentData {
    /// The payment.
    pub(super) payment: PaymentBody,
}

/// What the gateway calls a payment.
pub(super) fn transaction_id(intent: &Intent) -> Option<String> {
    let authorization = intent.attempts.last()?.authorization.as_ref()?;
    Some(authorization.gateway_reference.clone())
}

/// What kind of method was charged, in the document's words.
pub(super) fn method(intent: &Intent) -> String {
    match &*intent.method.method_type {
        SessionRequest::CARD => "credit_card".to_owned(),
        other => other.to_owned(),
    }
}

/// The answer to a request to pay, as it is kept: 200 done, 202 not known yet, 500 `PAYMENT_FAILED`.
fn processed(intent: &Intent) -> Answer {
    let status = Status::of(intent);
    let data = || PaymentData {
        payment: PaymentBody {
            id: Named::Id(intent.id.uuid()),
            amount: intent.amount.to_decimal(),
            currency: intent.amount.currency().code().to_owned(),
            status,
            transaction_id: transaction_id(intent),
            created_at: intent.created_at,
        },
    };
    match status {
        Status::Completed => keep(200, &Envelope::success("Payment processed", data())),
        Status::Pending => {
            let message = "The payment's outcome is not known yet; send the same request again to learn it";
            keep(202, &Envelope::success(message, data()))
        }
        Status::Failed => failed(intent).to_answer(),
    }
}

fn failed(intent: &Intent) -> Refused {
    Refused::of(500, "PAYMENT_FAILED", format!("Payment failed: {}", failure_message(intent)))
}

/// Why a payment failed, for a person.
pub(super) fn failure_message(intent: &Intent) -> String {
    let attempt = intent.attempts.last();
    let failed =
        attempt.filter(|attempt| matches!(attempt.status, AttemptStatus::Declined | AttemptStatus::Error));
    match failed.map(Failure::of).or_else(|| Failure::of_fraud(intent)) {
        Some(failure) => format!("{} ({})", failure.message, failure.code),
        None => "it was given up".to_owned(),
    }
}
