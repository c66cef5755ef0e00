//! What Worldpay tells by its events. All of the body is signed.

use tender_domain::disputes::{DisputeReason, DisputeStatus, ToldChargeback, ToldDispute};
use tender_domain::kernel::{Currency, Money, Timestamp, mask_card_numbers};
use tender_domain::ports::{
    CallEnd, CallKind, CallbackRefusal, Decline, DeclineCode, GatewayEvent, GatewayFact, OutsideRefund,
};

use super::answer::refused_payment;
use super::wire::{Details, Event, EventAmount};
use crate::minor_units::{from_gateway, iso};
use crate::name::{Kind, Name};
use crate::said::{approved, decline, declined, ended, of_network, pending, taken_back};

/// The connector's name.
pub(super) const PROCESSOR: &str = "worldpay";
/// The longest id of an event.
const ID_CHARS_MAX: usize = 255;

/// Reads a body whose signature was checked.
pub(super) fn parse(body: &[u8]) -> Result<GatewayEvent, CallbackRefusal> {
    let malformed = |problem: &str| CallbackRefusal::Malformed(mask_card_numbers(problem));
    let event: Event = serde_json::from_slice(body).map_err(|error| malformed(&error.to_string()))?;
    if event.event_id.is_empty() || event.event_id.chars().count() > ID_CHARS_MAX {
        return Err(malformed("an event's id has 1 to 255 characters"));
    }
    let at = instant(&event.event_timestamp).ok_or_else(|| malformed("the event's time is none"))?;
    let details = &event.event_details;
    let reference = details.transaction_reference.as_deref();
    let name = reference.and_then(Name::find);
    let known = reference.zip(name.as_ref());
    let fact = known.and_then(|(text, name)| fact(details, text, name, (&event.event_id, at)));
    Ok(GatewayEvent {
        id: event.event_id,
        event_type: format!("{}.{}", details.classification, details.kind),
        occurred_at: at,
        tenant: name.as_ref().map(|name| name.tenant.clone()),
        gateway_reference: details.transaction_reference.clone(),
        fact: fact.unwrap_or(GatewayFact::Other),
    })
}

/// What an event tells of a payment of ours, which Worldpay calls `text`; none for what has no meaning to us.
fn fact(details: &Details, text: &str, name: &Name, (event, at): (&str, Timestamp)) -> Option<GatewayFact> {
    let is_sale = match name.kind {
        Kind::Sale => true,
        Kind::Hold => false,
        Kind::Capture | Kind::Void | Kind::Refund => return None,
    };
    let authorize = CallKind::Authorize;
    let amount = || details.amount.as_ref().and_then(amount);
    match (details.classification.as_str(), details.kind.as_str()) {
        ("chargeback", "chargedBack") | ("payment", "chargedBack") => disputed(text, amount()?, at),
        ("payment", "sentForAuthorization") => Some(pending(authorize, &name.reference)),
        // Of a sale it comes first, and the money is not taken yet.
        ("payment", "authorized") if is_sale => Some(pending(authorize, &name.reference)),
        ("payment", "authorized") => {
            Some(ended(authorize, &name.reference, approved(text, amount()?, false)))
        }
        ("payment", "refused") => Some(ended(authorize, &name.reference, refused_payment(text))),
        ("payment", "cancelledByCustomer") => Some(ended(
            authorize,
            &name.reference,
            declined(DeclineCode::CustomerCanceled, "the customer went back without paying"),
        )),
        ("payment", "requestExpired") => Some(ended(
            authorize,
            &name.reference,
            declined(DeclineCode::AuthenticationAbandoned, "the customer did not finish the payment"),
        )),
        ("payment", "error") => {
            let end = CallEnd::NotDone("the payment was not completed at Worldpay".to_owned());
            Some(GatewayFact::Ended { kind: authorize, reference: name.reference.clone(), end })
        }
        ("payment", "sentForSettlement") => settlement(details, text, name, is_sale),
        ("payment", "settlementFailed") => settlement_failed(details, text, name, is_sale),
        ("payment", "cancelled") => {
            let void = format!("{}/void", name.reference);
            Some(ended(CallKind::Void, &void, approved(text, amount()?, false)))
        }
        ("payment", "sentForRefund") => refund(details, text, event),
        ("payment", "refundFailed") => refund_failed(details, text, name),
        _ => None,
    }
}

/// Money is taken: with the authorization, by a capture of ours, or by a person.
fn settlement(details: &Details, text: &str, name: &Name, is_sale: bool) -> Option<GatewayFact> {
    let amount = details.amount.as_ref().and_then(amount)?;
    if is_sale {
        return Some(ended(CallKind::Authorize, &name.reference, approved(text, amount, true)));
    }
    match details.reference.as_deref() {
        Some(ours) if ours.starts_with("cap_") => {
            Some(ended(CallKind::Capture, ours, approved(ours, amount, true)))
        }
        _ => Some(GatewayFact::Outside {
            kind: CallKind::Capture,
            authorization: name.reference.clone(),
            amount,
        }),
    }
}

fn settlement_failed(details: &Details, text: &str, name: &Name, is_sale: bool) -> Option<GatewayFact> {
    let why = decline(DeclineCode::CardDeclined, None, "the settlement failed at Worldpay");
    if is_sale {
        return Some(taken_back(CallKind::Authorize, &name.reference, text, why));
    }
    let ours = details.reference.as_deref().filter(|ours| ours.starts_with("cap_"))?;
    Some(taken_back(CallKind::Capture, ours, ours, why))
}

/// A refund of ours, or one that a person made. Where the person gave it no name Worldpay has none for it either: then it is
/// the one that this event tells.
fn refund(details: &Details, text: &str, event: &str) -> Option<GatewayFact> {
    let amount = details.amount.as_ref().and_then(amount)?;
    let theirs = match details.reference.as_deref() {
        Some(ours) if ours.starts_with("rf_") => {
            return Some(ended(CallKind::Refund, ours, approved(ours, amount, false)));
        }
        Some(theirs) => theirs.to_owned(),
        None => format!("{text}/{event}"),
    };
    Some(refunded_outside(text, theirs, amount, None))
}

/// What became of a refund afterwards. Which one of those without a name it was nobody says: a person is told.
fn refund_failed(details: &Details, text: &str, name: &Name) -> Option<GatewayFact> {
    let why = refused_refund(details);
    match details.reference.as_deref() {
        Some(ours) if ours.starts_with("rf_") => Some(taken_back(CallKind::Refund, ours, ours, why)),
        Some(theirs) => {
            let amount = details.amount.as_ref().and_then(amount)?;
            Some(refunded_outside(text, theirs.to_owned(), amount, Some(why)))
        }
        None => Some(GatewayFact::Outside {
            kind: CallKind::Refund,
            authorization: name.reference.clone(),
            amount: details.amount.as_ref().and_then(amount)?,
        }),
    }
}

fn refunded_outside(text: &str, theirs: String, amount: Money, taken_back: Option<Decline>) -> GatewayFact {
    GatewayFact::RefundedOutside(Box::new(OutsideRefund {
        charge_reference: text.to_owned(),
        gateway_reference: theirs,
        amount,
        taken_back,
    }))
}

fn refused_refund(details: &Details) -> Decline {
    let refusal = details.refund.as_ref().and_then(|refund| refund.refusal.as_ref());
    let code = refusal.and_then(|refusal| refusal.code.as_deref());
    let said = refusal.and_then(|refusal| refusal.description.as_deref());
    let ours = code.and_then(of_network).unwrap_or(DeclineCode::CardDeclined);
    decline(ours, code, said.unwrap_or("the refund failed at Worldpay"))
}

/// Worldpay tells of a chargeback and of nothing after it: how it ends a person says.
fn disputed(text: &str, amount: Money, at: Timestamp) -> Option<GatewayFact> {
    let dispute = ToldDispute {
        processor: PROCESSOR.to_owned(),
        // It has no name of its own.
        processor_reference: Some(text.to_owned()),
        amount,
        fee_minor: None,
        network: None,
        network_reason_code: None,
        reason: DisputeReason::Other,
        received_at: at,
        respond_by: None,
    };
    let standing = DisputeStatus::NeedsResponse;
    let gateway_reference = text.to_owned();
    Some(GatewayFact::Disputed(Box::new(ToldChargeback {
        gateway_reference,
        dispute,
        standing,
        at,
        only_if_known: false,
    })))
}

fn amount(told: &EventAmount) -> Option<Money> {
    let currency: Currency = told.currency_code.parse().ok()?;
    from_gateway(told.value, currency, iso(currency)?)
}

/// Worldpay's times have no zone, and are in UTC.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    text.parse().or_else(|_| format!("{text}Z").parse()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_and_without_a_zone() {
        let utc = instant("2018-06-13T14:18:13.407Z").expect("a time");
        assert_eq!(instant("2018-06-13T14:18:13.407"), Some(utc));
        assert_eq!(instant("yesterday"), None);
    }
}
