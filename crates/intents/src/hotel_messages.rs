//! What hotels, and programs of theirs, are told of a payment that ended.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use tender_domain::hotels::{HotelPayment, PaymentEnd};
use tender_domain::intents::{Attempt, AttemptStatus, Intent};
use tender_domain::kernel::Timestamp;
use tender_events::exact_amount;
use uuid::Uuid;

use crate::messages::Failure;

/// A payment that ended, as its `notification_url` is told: `POST`, signed as Standard Webhooks has it (`v1a`).
#[derive(Debug, Serialize)]
struct PaymentNotification {
    /// `payment.completed`, `payment.failed` or `payment.cancelled`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The payment.
    payment_id: Uuid,
    /// The reservation.
    reservation_id: Option<String>,
    /// The hotel.
    hotel_id: String,
    /// By what the booking system names the booking.
    booking_reference: Option<String>,
    /// `GUEST_BOOKING`, `PAYMENT_LINK` or `AGENT`.
    channel: &'static str,
    /// `COMPLETED`, `FAILED` or `CANCELLED`.
    status: &'static str,
    /// In major units, with exactly the currency's places.
    #[serde(with = "exact_amount")]
    amount: Decimal,
    /// ISO 4217 code.
    currency: &'static str,
    /// What the gateway calls it, once it has approved it.
    gateway_ref: Option<String>,
    /// Why it was not paid.
    error_message: Option<String>,
    /// When it ended.
    occurred_at: DateTime<Utc>,
}

/// The JSON of a payment that ended.
pub(crate) fn webhook_of(intent: &Intent, kept: &HotelPayment, end: PaymentEnd, at: Timestamp) -> String {
    let authorization = intent.attempts.last().and_then(|attempt| attempt.authorization.as_ref());
    let body = PaymentNotification {
        kind: match end {
            PaymentEnd::Completed => "payment.completed",
            PaymentEnd::Failed => "payment.failed",
            PaymentEnd::Cancelled => "payment.cancelled",
        },
        payment_id: intent.id.uuid(),
        reservation_id: intent.order_ref.clone(),
        hotel_id: kept.hotel_id.clone(),
        booking_reference: kept.booking_reference.clone(),
        channel: kept.channel.as_str(),
        status: end.as_str(),
        amount: intent.amount.to_decimal(),
        currency: intent.amount.currency().code(),
        gateway_ref: authorization.map(|authorization| authorization.gateway_reference.clone()),
        error_message: error_message(intent),
        occurred_at: at,
    };
    serde_json::to_string(&body).expect("a struct of texts has a JSON form")
}

/// Subject and text of the e-mail to the hotel.
pub(crate) fn mail_of(intent: &Intent, kept: &HotelPayment, end: PaymentEnd) -> (String, String) {
    let booking = kept.booking_reference.as_deref().or(intent.order_ref.as_deref()).unwrap_or("a booking");
    let happened = match end {
        PaymentEnd::Completed => "was paid",
        PaymentEnd::Failed => "was not paid",
        PaymentEnd::Cancelled => "was given up",
    };
    let guest = kept.guest.name.as_deref().unwrap_or("not named");
    let why = error_message(intent).map(|why| format!("Why: {why}\n")).unwrap_or_default();
    let text = format!(
        "{amount} for booking {booking} {happened}.\n\nHotel: {}\nGuest: {guest}\n{why}Payment: {}\n",
        kept.hotel_id,
        intent.id.uuid(),
        amount = intent.amount,
    );
    (format!("{} for {booking} {happened}", intent.amount), text)
}

/// Why a payment that ended was not paid, for a person; none of one that was.
pub(crate) fn error_message(intent: &Intent) -> Option<String> {
    if matches!(PaymentEnd::of(intent), None | Some(PaymentEnd::Completed)) {
        return None;
    }
    let ended = |attempt: &&Attempt| matches!(attempt.status, AttemptStatus::Declined | AttemptStatus::Error);
    let failure = intent.attempts.last().filter(ended).map(Failure::of);
    let failure = failure.or_else(|| Failure::of_fraud(intent)).map(|failure| failure.message);
    failure.or_else(|| intent.last_payment_error.as_ref().map(|error| error.message.clone()))
}
