//! One payment with all that is known of it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;
use tender_domain::intents::{RefundOfIntent, TransactionStanding};
use tender_domain::ports::Order;
use tender_domain::refunds::OpenRefund;
use tender_events::exact_amount;
use utoipa::ToSchema;

use super::body::{Status, method, transaction_id};
use super::history::{Kind, booking};
use crate::use_cases::ToldPayment;

/// The details of a request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RentalsDetailsData)]
pub(super) struct DetailsData {
    /// The details.
    pub(super) details: DetailsBody,
}

/// A payment with all that is known of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RentalsPaymentDetails)]
pub(super) struct DetailsBody {
    /// Its number.
    id: i64,
    /// The booking.
    booking_id: Option<i64>,
    /// Who paid: a number where users are known by number.
    #[schema(value_type = Object)]
    user_id: Value,
    /// Always `payment`.
    #[serde(rename = "type")]
    kind: Kind,
    /// In major units, exact.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    amount: Decimal,
    /// ISO 4217 code.
    #[schema(value_type = String)]
    currency: &'static str,
    /// Where it stands.
    status: Status,
    /// What kind of method was charged.
    method: String,
    /// The card's brand.
    card_brand: Option<String>,
    /// The card's last four digits.
    card_last4: Option<String>,
    /// What the gateway calls it.
    transaction_id: Option<String>,
    /// By what people name it.
    reference: String,
    /// What it is for.
    description: Option<String>,
    /// What the booking says beside.
    metadata: BTreeMap<&'static str, Value>,
    /// When it was begun.
    created_at: DateTime<Utc>,
    /// When it last changed.
    updated_at: DateTime<Utc>,
    /// The booking, as the ordering side has it.
    booking: Option<BookingBody>,
    /// Its refunds: oldest first, and then those whose outcome is not known.
    refunds: Vec<RefundBody>,
}

/// A booking.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RentalsBooking)]
struct BookingBody {
    /// Its number.
    id: Option<i64>,
    /// When it begins.
    #[schema(value_type = Option<String>, format = DateTime)]
    pickup_date: Option<Value>,
    /// When it ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    dropoff_date: Option<Value>,
    /// What is rented.
    #[schema(value_type = Option<i64>)]
    vehicle_id: Option<Value>,
}

/// A refund of a payment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RentalsPaymentRefund)]
struct RefundBody {
    /// Its number.
    id: i64,
    /// The payment.
    payment_id: i64,
    /// In major units, exact.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    amount: Decimal,
    /// ISO 4217 code.
    #[schema(value_type = String)]
    currency: &'static str,
    /// Why.
    reason: String,
    /// Where it stands.
    status: Status,
    /// What the gateway calls it.
    transaction_id: Option<String>,
    /// When it was asked for.
    created_at: DateTime<Utc>,
}

impl DetailsBody {
    /// The payment under its number, with its booking and its refunds under theirs.
    pub(super) fn of(
        (number, refund_numbers): (i64, &[i64]),
        (told, open): (&ToldPayment, &[OpenRefund]),
        order: Option<&Order>,
    ) -> Self {
        let intent = &*told.intent;
        let (known, unknown) = refund_numbers.split_at(told.refunds.len().min(refund_numbers.len()));
        let ended = told.refunds.iter().zip(known);
        let ended = ended.map(|(refund, own)| RefundBody::of((*own, number), refund));
        let untold = open.iter().zip(unknown);
        let untold = untold.map(|(refund, own)| RefundBody::untold((*own, number), refund));
        let customer = intent.customer_id.clone().unwrap_or_default();
        Self {
            id: number,
            booking_id: booking(intent),
            user_id: customer.parse::<i64>().map_or_else(|_| Value::from(customer), Value::from),
            kind: Kind::Payment,
            amount: intent.amount.to_decimal(),
            currency: intent.amount.currency().code(),
            status: Status::of(intent),
            method: method(intent),
            card_brand: intent.method.brand.as_deref().map(title_case),
            card_last4: intent.method.last4.clone(),
            transaction_id: transaction_id(intent),
            reference: format!("BOOK-{}-PAY", intent.order_ref.as_deref().unwrap_or_default()),
            description: intent.description.clone(),
            metadata: order.map(metadata).unwrap_or_default(),
            created_at: intent.created_at,
            updated_at: intent.updated_at,
            booking: order.map(BookingBody::from),
            refunds: ended.chain(untold).collect(),
        }
    }
}

impl RefundBody {
    fn of((id, payment_id): (i64, i64), refund: &RefundOfIntent) -> Self {
        Self {
            id,
            payment_id,
            amount: refund.amount.to_decimal(),
            currency: refund.amount.currency().code(),
            reason: refund.reason.clone(),
            status: TransactionStanding::of_refund(refund.status).into(),
            transaction_id: refund.gateway_reference.clone(),
            created_at: refund.created_at,
        }
    }

    fn untold((id, payment_id): (i64, i64), refund: &OpenRefund) -> Self {
        Self {
            id,
            payment_id,
            amount: refund.amount.to_decimal(),
            currency: refund.amount.currency().code(),
            reason: refund.reason.clone(),
            status: TransactionStanding::of_refund(refund.status).into(),
            transaction_id: refund.gateway_reference.clone(),
            created_at: refund.created_at,
        }
    }
}

impl From<&Order> for BookingBody {
    fn from(order: &Order) -> Self {
        let said = |name: &str| order.details.get(name).cloned();
        Self {
            id: order.reference.parse().ok(),
            pickup_date: said("pickup_date").or_else(|| order.starts_at.map(instant)),
            dropoff_date: said("dropoff_date"),
            vehicle_id: said("vehicle_id"),
        }
    }
}

/// What the booking says beside: when it begins, and the vehicle's name.
fn metadata(order: &Order) -> BTreeMap<&'static str, Value> {
    let begins = order.details.get("booking_date").or_else(|| order.details.get("pickup_date")).cloned();
    let begins = begins.or_else(|| order.starts_at.map(instant));
    let vehicle = order.details.get("vehicle").cloned();
    let said = [("booking_date", begins), ("vehicle", vehicle)];
    said.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn instant(at: DateTime<Utc>) -> Value {
    Value::from(at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}

/// `VISA` as the document writes it: `Visa`.
fn title_case(brand: &str) -> String {
    let mut letters = brand.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters.flat_map(char::to_lowercase)).collect()
    })
}
