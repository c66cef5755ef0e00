//! What the tickets document's client is answered.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use tender_domain::intents::{AttemptStatus, Intent, IntentStatus};
use tender_domain::kernel::Answer;
use tender_events::exact_amount;
use tender_http::keep;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::messages::Failure;
use crate::use_cases::Presenter;

/// How the dialect shows outcomes.
pub(super) const PRESENTER: Presenter = Presenter {
    intent: |intent, _| payment(intent),
    capture: |intent, _| payment(intent),
    refusal: |refusal| Some(refused(400, &format!("Order validation failed: {refusal}"))),
    error: |_| None,
};

/// The document's envelope.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TicketsAnswer)]
pub(super) struct Envelope {
    /// Whether the payment succeeded.
    success: bool,
    /// Why not, for a person.
    error_message: Option<String>,
    /// The payment, when there is one.
    payment: Option<PaymentBody>,
}

/// A payment.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TicketsPaymentBody)]
struct PaymentBody {
    /// The intent's UUID.
    id: Uuid,
    /// The order.
    order_id: Option<String>,
    /// The customer.
    customer_id: Option<String>,
    /// The reservation.
    reservation_id: Option<String>,
    /// In major units, exact.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    amount: Decimal,
    /// ISO 4217 code.
    #[schema(value_type = String)]
    currency: &'static str,
    /// `credit_card` …
    payment_method: String,
    /// `succeeded`, `failed` or `pending`.
    #[schema(value_type = String)]
    status: &'static str,
    /// Why it failed (`INSUFFICIENT_FUNDS`).
    error_code: Option<String>,
    /// Why it failed, for a person.
    error_message: Option<String>,
    /// What the gateway said.
    failure_reason: Option<String>,
    /// When it was begun.
    created_at: DateTime<Utc>,
    /// When its outcome came.
    processed_at: Option<DateTime<Utc>>,
    /// Whether no real money moved.
    is_simulated: bool,
    /// What the simulated gateway said.
    simulated_response: Option<String>,
}

/// A refusal without a payment.
pub(super) fn refused(status: u16, message: &str) -> Answer {
    keep(status, &Envelope { success: false, error_message: Some(message.to_owned()), payment: None })
}

/// A payment as it stands: 200 succeeded, 402 failed, 202 not known yet.
pub(super) fn payment(intent: &Intent) -> Answer {
    let attempt = intent.attempts.last();
    let failed =
        attempt.filter(|attempt| matches!(attempt.status, AttemptStatus::Declined | AttemptStatus::Error));
    let failure = failed.map(Failure::of).or_else(|| Failure::of_fraud(intent));
    let (status, code) = match intent.status {
        IntentStatus::Succeeded => ("succeeded", 200),
        IntentStatus::Failed | IntentStatus::Canceled | IntentStatus::RequiresPaymentMethod => {
            ("failed", 402)
        }
        _ => ("pending", 202),
    };
    let message = match (status, &failure) {
        ("succeeded", _) => None,
        ("failed", Some(failure)) => Some(format!("Payment failed: {}", failure.message)),
        ("failed", None) => Some("Payment failed".to_owned()),
        _ => {
            Some("The payment's outcome is not known yet; send the same request again to learn it".to_owned())
        }
    };
    let transaction =
        attempt.and_then(|attempt| attempt.authorization.as_ref()).map(|a| a.gateway_reference.clone());
    let simulated_response = match (&transaction, &failure) {
        (Some(transaction), _) => Some(format!("Success - TransactionId: {transaction}")),
        (None, Some(failure)) => Some(format!("Failed - {}", failure.code)),
        (None, None) => None,
    };
    let payment = PaymentBody {
        id: intent.id.uuid(),
        order_id: intent.order_ref.clone(),
        customer_id: intent.customer_id.clone(),
        reservation_id: intent.reservation_ref.clone(),
        amount: intent.amount.to_decimal(),
        currency: intent.amount.currency().code(),
        payment_method: intent.method.method_type.clone(),
        status,
        error_code: failure.as_ref().map(|failure| failure.code.clone()),
        error_message: failure.as_ref().map(|failure| failure.message.clone()),
        failure_reason: failure.map(|failure| failure.reason),
        created_at: intent.created_at,
        processed_at: attempt.and_then(|attempt| attempt.answered_at),
        is_simulated: !intent.livemode,
        simulated_response: simulated_response.filter(|_| !intent.livemode),
    };
    keep(code, &Envelope { success: status == "succeeded", error_message: message, payment: Some(payment) })
}
