//! What Adyen tells by its standard notifications. What they tell is read from their signed values alone; the reason and
//! the checks of a decline, and the time, are not among them, and move nothing.

use tender_domain::kernel::Timestamp;
use tender_domain::ports::{
    Avs, CallEnd, CallKind, CallbackRefusal, Decline, DeclineCode, GatewayAnswer, GatewayEvent, GatewayFact,
    OutsideCapture, OutsideRefund,
};

use super::answer::left_there;
use super::decline::decline;
use super::dispute;
use super::money::from_adyen;
use super::signature::{Keys, is_plain};
use super::wire::{Additional, Item, Notifications};
use crate::name::{Kind, Name};

/// Reads a body, of which every notification must be signed.
pub(super) fn parse(
    keys: &Keys,
    merchant_account: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<Vec<GatewayEvent>, CallbackRefusal> {
    // What is no notification of Adyen's at all is not signed by it: another connector may know it.
    let Notifications { notification_items: items } =
        serde_json::from_slice(body).map_err(|_| CallbackRefusal::Unsigned("notificationItems"))?;
    if items.is_empty() {
        return Err(CallbackRefusal::Unsigned("notificationItems"));
    }
    let events = items.iter().map(|wrapped| {
        keys.verify(&wrapped.item)?;
        Ok(event(&wrapped.item, merchant_account, now))
    });
    events.collect()
}

fn event(item: &Item, merchant_account: &str, now: Timestamp) -> GatewayEvent {
    let Item { psp_reference, event_code, .. } = item;
    let is_ours = is_plain(item) && item.merchant_account_code == merchant_account;
    let name = if is_ours { Name::find(&item.merchant_reference) } else { None };
    let original = item.original_reference.as_deref().filter(|reference| !reference.is_empty());
    let at = item.event_date.as_deref().and_then(|text| text.parse().ok()).unwrap_or(now);
    GatewayEvent {
        id: id(item),
        event_type: event_code.clone(),
        occurred_at: at,
        fact: name.as_ref().and_then(|name| fact(item, name, at)).unwrap_or(GatewayFact::Other),
        tenant: name.map(|name| name.tenant),
        gateway_reference: Some(original.unwrap_or(psp_reference).to_owned()),
    }
}

/// Repetitions have the same three; a later success after a failure is another event. A dispute can be answered as an inquiry
/// and again once it is charged back, under the one reference: of these the time is a part.
fn id(item: &Item) -> String {
    let Item { psp_reference, event_code, success, .. } = item;
    let date = item.event_date.as_deref().filter(|_| event_code == dispute::ANSWERED).unwrap_or_default();
    format!("{event_code}/{psp_reference}/{success}{}{date}", if date.is_empty() { "" } else { "/" })
        .chars()
        .take(255)
        .collect()
}

/// What a notification tells of what has our name; none for what has no meaning to us.
fn fact(item: &Item, name: &Name, at: Timestamp) -> Option<GatewayFact> {
    let done = match item.success.as_str() {
        "true" => true,
        "false" => false,
        _ => return None,
    };
    let is_authorization = matches!(name.kind, Kind::Hold | Kind::Sale);
    match item.event_code.as_str() {
        "AUTHORISATION" if is_authorization => {
            let answer = if done {
                approved(item, &item.psp_reference, name.kind == Kind::Sale)?
            } else {
                declined(item)
            };
            Some(ended(CallKind::Authorize, &name.reference, answer))
        }
        // The customer left it alone.
        "OFFER_CLOSED" if is_authorization && done => {
            let answer = GatewayAnswer::Declined(Decline {
                sca: None,
                code: DeclineCode::AuthenticationAbandoned,
                network_code: None,
                message: "the customer did not finish the payment".to_owned(),
            });
            Some(ended(CallKind::Authorize, &name.reference, answer))
        }
        "CAPTURE" => capture(item, name, done),
        // Taken back after it was done, or never done.
        "CAPTURE_FAILED" if name.kind == Kind::Capture => Some(taken_back(CallKind::Capture, item, name)),
        "CAPTURE_FAILED" if name.kind == Kind::Sale => Some(taken_back(CallKind::Authorize, item, name)),
        "CAPTURE_FAILED" if name.kind == Kind::Hold => captured_outside(item, name, Some(refusal(item))),
        "CANCELLATION" | "TECHNICAL_CANCEL" => {
            let answer = if done { approved(item, &item.psp_reference, false)? } else { refused(item) };
            match name.kind {
                Kind::Void => Some(ended(CallKind::Void, &name.reference, answer)),
                // Let go by a person in Adyen's Customer Area.
                Kind::Hold | Kind::Sale if done => {
                    Some(ended(CallKind::Void, &format!("{}/void", name.reference), answer))
                }
                _ => None,
            }
        }
        "REFUND" => refund(item, name, done),
        // For good, whatever was told before.
        "REFUND_FAILED" | "REFUNDED_REVERSED" if name.kind == Kind::Refund => {
            Some(taken_back(CallKind::Refund, item, name))
        }
        "REFUND_FAILED" | "REFUNDED_REVERSED" if is_authorization => {
            refunded_outside(item, Some(refusal(item)))
        }
        _ if done => dispute::fact(item, at),
        _ => None,
    }
}

fn capture(item: &Item, name: &Name, done: bool) -> Option<GatewayFact> {
    match name.kind {
        Kind::Capture if done => {
            Some(ended(CallKind::Capture, &name.reference, approved(item, &item.psp_reference, true)?))
        }
        Kind::Capture => Some(ended(CallKind::Capture, &name.reference, refused(item))),
        Kind::Hold if done => captured_outside(item, name, None),
        // It was taken with its authorization.
        Kind::Sale if done => {
            let original = item.original_reference.as_deref()?;
            Some(ended(CallKind::Authorize, &name.reference, approved(item, original, true)?))
        }
        // It was authorized, and its money did not come: for good, whatever was told before.
        Kind::Sale => Some(taken_back(CallKind::Authorize, item, name)),
        Kind::Hold | Kind::Void | Kind::Refund => None,
    }
}

fn refund(item: &Item, name: &Name, done: bool) -> Option<GatewayFact> {
    match name.kind {
        Kind::Refund if done => {
            Some(ended(CallKind::Refund, &name.reference, approved(item, &item.psp_reference, false)?))
        }
        Kind::Refund => Some(ended(CallKind::Refund, &name.reference, refused(item))),
        Kind::Hold | Kind::Sale if done => refunded_outside(item, None),
        _ => None,
    }
}

/// Made by a person in Adyen's Customer Area, where the payment's own reference is kept. What a part leaves is let go, as
/// after a capture of ours.
fn captured_outside(item: &Item, name: &Name, taken_back: Option<Decline>) -> Option<GatewayFact> {
    Some(GatewayFact::CapturedOutside(Box::new(OutsideCapture {
        authorization: name.reference.clone(),
        payment_reference: item.original_reference.clone().filter(|reference| !reference.is_empty()),
        gateway_reference: item.psp_reference.clone(),
        amount: from_adyen(&item.amount)?,
        is_final: true,
        taken_back,
    })))
}

/// The same of a refund.
fn refunded_outside(item: &Item, taken_back: Option<Decline>) -> Option<GatewayFact> {
    let payment = item.original_reference.as_deref().filter(|reference| !reference.is_empty())?;
    Some(GatewayFact::RefundedOutside(Box::new(OutsideRefund {
        charge_reference: payment.to_owned(),
        gateway_reference: item.psp_reference.clone(),
        amount: from_adyen(&item.amount)?,
        taken_back,
    })))
}

fn ended(kind: CallKind, reference: &str, answer: GatewayAnswer) -> GatewayFact {
    GatewayFact::Ended { kind, reference: reference.to_owned(), end: CallEnd::Answered(answer) }
}

fn taken_back(kind: CallKind, item: &Item, name: &Name) -> GatewayFact {
    let end = CallEnd::TakenBack { gateway_reference: item.psp_reference.clone(), why: refusal(item) };
    GatewayFact::Ended { kind, reference: name.reference.clone(), end }
}

fn approved(item: &Item, gateway_reference: &str, captured: bool) -> Option<GatewayAnswer> {
    Some(GatewayAnswer::Approved {
        sca: None,
        gateway_reference: gateway_reference.to_owned(),
        amount: from_adyen(&item.amount)?,
        captured,
        response_code: None,
        acquirer: None,
        avs: Avs::default(),
    })
}

/// A payment that was declined, with what it left at Adyen.
fn declined(item: &Item) -> GatewayAnswer {
    let none = Additional::default();
    let data = item.additional_data.as_ref().unwrap_or(&none);
    let sca = left_there(Some(&item.psp_reference), data);
    GatewayAnswer::Declined(Decline { sca, ..refusal(item) })
}

fn refused(item: &Item) -> GatewayAnswer {
    GatewayAnswer::Declined(refusal(item))
}

fn refusal(item: &Item) -> Decline {
    let raw = item.additional_data.as_ref().and_then(|data| data.get("refusalReasonRaw"));
    decline(None, item.reason.as_deref(), raw)
}
