//! What PayU tells by its notifications: of an order or of a refund. All of the body is signed; nothing in it is an id of
//! the notification, so that what it tells is one.

use chrono::DateTime;
use tender_domain::kernel::{TenantId, Timestamp, mask_card_numbers};
use tender_domain::ports::{CallKind, CallbackRefusal, GatewayEvent, GatewayFact, OutsideRefund};

use super::answer::refund_canceled;
use super::request::money;
use super::token::is_id;
use super::wire::{Notification, Order, Refund};
use crate::name::{Kind, Name};
use crate::said::{approved, ended, pending, taken_back};

/// The connector's name.
pub(super) const PROCESSOR: &str = "payu";
/// The event of an order that waits to be confirmed.
pub(super) const WAITING: &str = "order.WAITING_FOR_CONFIRMATION";

/// Reads a body whose signature was checked.
pub(super) fn parse(body: &[u8]) -> Result<GatewayEvent, CallbackRefusal> {
    let malformed = |problem: &str| CallbackRefusal::Malformed(mask_card_numbers(problem));
    let told: Notification = serde_json::from_slice(body).map_err(|error| malformed(&error.to_string()))?;
    let event = match told {
        Notification { order: Some(order), local_receipt_date_time, .. } => {
            of_order(&order, local_receipt_date_time.as_deref())
        }
        Notification { refund: Some(refund), order_id: Some(order_id), ext_order_id, .. } => {
            of_refund(&refund, &order_id, ext_order_id.as_deref())
        }
        _ => return Err(malformed("it tells neither of an order nor of a refund of one")),
    };
    event.ok_or_else(|| malformed("an id or a time of it is none"))
}

fn of_order(order: &Order, received: Option<&str>) -> Option<GatewayEvent> {
    if !is_id(&order.order_id) {
        return None;
    }
    let name = order.ext_order_id.as_deref().and_then(Name::find);
    let fact = name.as_ref().and_then(|name| order_fact(order, name)).unwrap_or(GatewayFact::Other);
    Some(GatewayEvent {
        id: format!("order/{}/{}", order.order_id, short(&order.status)),
        event_type: format!("order.{}", short(&order.status)),
        // The same in each repetition; not when this status began, which it does not tell.
        occurred_at: instant(received.or(order.order_create_date.as_deref())?)?,
        tenant: name.map(|name| name.tenant),
        gateway_reference: Some(order.order_id.clone()),
        fact,
    })
}

/// What an order tells of a payment of ours; none for what has no meaning to us.
fn order_fact(order: &Order, name: &Name) -> Option<GatewayFact> {
    let is_sale = match name.kind {
        Kind::Sale => true,
        Kind::Hold => false,
        Kind::Capture | Kind::Void | Kind::Refund => return None,
    };
    let authorize = CallKind::Authorize;
    let amount = || money(&order.total_amount, &order.currency_code);
    match (order.status.as_str(), is_sale) {
        ("NEW" | "PENDING", _) => Some(pending(authorize, &name.reference)),
        ("WAITING_FOR_CONFIRMATION", false) => {
            Some(ended(authorize, &name.reference, approved(&order.order_id, amount()?, false)))
        }
        // It is confirmed by us.
        ("WAITING_FOR_CONFIRMATION", true) => Some(pending(authorize, &name.reference)),
        ("COMPLETED", true) => {
            Some(ended(authorize, &name.reference, approved(&order.order_id, amount()?, true)))
        }
        // Of what was held before: nothing is held, whoever let it go. Of what was not, nothing will be.
        ("CANCELED", _) => {
            let void = format!("{}/void", name.reference);
            Some(ended(CallKind::Void, &void, approved(&order.order_id, amount()?, false)))
        }
        // Money was taken of a hold: by whom and how much it does not say.
        _ => None,
    }
}

fn of_refund(refund: &Refund, order_id: &str, ext_order_id: Option<&str>) -> Option<GatewayEvent> {
    if !is_id(order_id) || refund.refund_id.is_empty() || refund.refund_id.len() > 64 {
        return None;
    }
    Some(GatewayEvent {
        id: format!("refund/{order_id}/{}/{}", refund.refund_id, short(&refund.status)),
        event_type: format!("refund.{}", short(&refund.status)),
        occurred_at: instant(refund.status_date_time.as_deref()?)?,
        tenant: ext_order_id.and_then(Name::find).map(|name| name.tenant),
        gateway_reference: Some(order_id.to_owned()),
        fact: refund_fact(refund, order_id).unwrap_or(GatewayFact::Other),
    })
}

/// What a refund tells: one of ours by our reference, else one that a person made.
pub(super) fn refund_fact(refund: &Refund, order_id: &str) -> Option<GatewayFact> {
    let amount = refund.currency_code.as_deref().and_then(|currency| money(&refund.amount, currency));
    let failed = match refund.status.as_str() {
        "FINALIZED" => None,
        "CANCELED" => Some(refund_canceled(refund)),
        _ => return None,
    };
    match (ours(refund), failed) {
        (Some(name), None) => {
            Some(ended(CallKind::Refund, &name.reference, approved(&refund.refund_id, amount?, false)))
        }
        (Some(name), Some(why)) => {
            Some(taken_back(CallKind::Refund, &name.reference, &refund.refund_id, why))
        }
        (None, taken_back) => Some(GatewayFact::RefundedOutside(Box::new(OutsideRefund {
            charge_reference: order_id.to_owned(),
            gateway_reference: refund.refund_id.clone(),
            amount: amount?,
            taken_back,
        }))),
    }
}

/// Our name of a refund.
pub(super) fn ours(refund: &Refund) -> Option<Name> {
    refund.ext_refund_id.as_deref().and_then(Name::find).filter(|name| name.kind == Kind::Refund)
}

/// Whose an order is, by the name that it repeats.
pub(super) fn owner(order: &Order) -> Option<TenantId> {
    order.ext_order_id.as_deref().and_then(Name::find).map(|name| name.tenant)
}

/// A word of PayU's, as long as one of them.
fn short(word: &str) -> String {
    word.chars().take(40).collect()
}

/// `2026-01-03T14:58:17.443+01:00`, or milliseconds since 1970.
fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(millis) = text.parse::<i64>() {
        return Timestamp::from_timestamp_millis(millis);
    }
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_either_form() {
        let utc: Timestamp = "2026-01-03T13:58:17.443Z".parse().expect("a time");
        assert_eq!(instant("2026-01-03T14:58:17.443+01:00"), Some(utc));
        assert_eq!(instant("1767448697443"), Some(utc));
        assert_eq!(instant("yesterday"), None);
    }
}
