//! What is told of the orders and reservations that payments are for.

use chrono::NaiveTime;
use tender_domain::hotels::{HotelReservation, ReservationStatus};
use tender_domain::intents::{Intent, StoredOrder};
use tender_domain::kernel::{IntentId, Message, Timestamp};
use tender_domain::ports::{Ids, OrderStatus};
use tender_events::{Envelope, OrderChanged, PublicEvent};

/// What is given back of the payments of a reservation or an order, and why, as refund policies name it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum GivenBack<'a> {
    /// Of these, because the guest gave it up.
    Cancellation(&'a [IntentId]),
    /// Of these, because they came after it had been given up.
    PaidAfterCancellation(&'a [IntentId]),
}

impl<'a> GivenBack<'a> {
    const fn parts(self) -> (&'a [IntentId], &'static str) {
        match self {
            Self::Cancellation(payments) => (payments, "GUEST_CANCELLATION"),
            Self::PaidAfterCancellation(payments) => (payments, "PAID_AFTER_CANCELLATION"),
        }
    }
}

/// That a reservation stands otherwise now.
pub(crate) fn order_changed(
    ids: &(dyn Ids + 'static),
    reservation: &HotelReservation,
    refund: GivenBack<'_>,
) -> Message {
    let booking = &reservation.booking;
    let total = booking.total;
    let (refund, reason) = refund.parts();
    let event = OrderChanged {
        order_id: reservation.id.clone(),
        kind: "reservation".to_owned(),
        status: match reservation.status {
            ReservationStatus::Pending => OrderStatus::Pending,
            ReservationStatus::Confirmed => OrderStatus::Confirmed,
            ReservationStatus::Cancelled => OrderStatus::Canceled,
        }
        .as_str()
        .to_owned(),
        amount: total.to_decimal(),
        amount_minor: total.minor(),
        currency: total.currency(),
        paid_by: reservation.paid.clone(),
        refund: refund.to_vec(),
        refund_reason: (!refund.is_empty()).then(|| reason.to_owned()),
        starts_at: Some(booking.arrival.and_time(NaiveTime::MIN).and_utc()),
        product_type: None,
        rate_plan: booking.rate_plan.clone(),
        tenant_id: reservation.tenant.clone(),
        version: reservation.version,
        changed_at: reservation.updated_at,
    };
    event.into_message(Envelope { id: ids.event(), traceparent: tender_http::current_traceparent() })
}

/// That an order of the built-in directory was given up, by what it was paid, and of which of that the refund policy gives
/// something back.
pub(crate) fn order_given_up(
    ids: &(dyn Ids + 'static),
    stored: &StoredOrder,
    paid_by: &[IntentId],
    refund: GivenBack<'_>,
) -> Message {
    let order = &stored.order;
    let (refund, reason) = refund.parts();
    let event = OrderChanged {
        order_id: order.reference.clone(),
        kind: "order".to_owned(),
        status: order.status.as_str().to_owned(),
        amount: order.amount.to_decimal(),
        amount_minor: order.amount.minor(),
        currency: order.amount.currency(),
        paid_by: paid_by.to_vec(),
        refund: refund.to_vec(),
        refund_reason: (!refund.is_empty()).then(|| reason.to_owned()),
        starts_at: order.starts_at,
        product_type: order.product_type.clone(),
        rate_plan: order.rate_plan.clone(),
        tenant_id: stored.tenant.clone(),
        version: stored.version,
        changed_at: stored.updated_at,
    };
    event.into_message(Envelope { id: ids.event(), traceparent: tender_http::current_traceparent() })
}

/// That an order, which its ordering side keeps, was paid, or waits for its payment again since that was taken back.
pub(crate) fn order_of_payment_changed(
    ids: &(dyn Ids + 'static),
    (order, intent): (&str, &Intent),
    status: OrderStatus,
    now: Timestamp,
) -> Message {
    let event = OrderChanged {
        order_id: order.to_owned(),
        kind: "order".to_owned(),
        status: status.as_str().to_owned(),
        amount: intent.amount.to_decimal(),
        amount_minor: intent.amount.minor(),
        currency: intent.amount.currency(),
        paid_by: if status == OrderStatus::Confirmed { vec![intent.id] } else { Vec::new() },
        refund: Vec::new(),
        refund_reason: None,
        starts_at: None,
        product_type: None,
        rate_plan: None,
        tenant_id: intent.tenant.clone(),
        version: intent.version,
        changed_at: now,
    };
    event.into_message(Envelope { id: ids.event(), traceparent: tender_http::current_traceparent() })
}
