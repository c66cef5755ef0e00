//! What Stripe tells by callback.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tender_domain::kernel::{Timestamp, mask_card_numbers};
use tender_domain::ports::{
    CallEnd, CallKind, CallbackRefusal, Decline, GatewayAnswer, GatewayEvent, GatewayFact, OutsideCapture,
    OutsideRefund,
};

use super::answer::{capture, capture_name, is_open, payment, refund_end, void, void_reference};
use super::dispute::{self, Dispute};
use super::money::from_stripe;
use super::wire::{Metadata, PaymentIntent, Refund, metadata};

/// The longest id of an event.
const ID_CHARS_MAX: usize = 255;

#[derive(Deserialize)]
struct Envelope<'a> {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    created: i64,
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    object: &'a RawValue,
}

/// Of an object that we have no word for, only which payment it is about.
#[derive(Deserialize)]
struct AboutPayment {
    payment_intent: Option<String>,
}

/// What an object tells.
struct Told {
    fact: GatewayFact,
    gateway_reference: Option<String>,
    metadata: Metadata,
}

/// Reads a body whose signature was checked.
pub(super) fn parse(body: &[u8]) -> Result<GatewayEvent, CallbackRefusal> {
    let envelope: Envelope<'_> =
        serde_json::from_slice(body).map_err(|error| malformed(&error.to_string()))?;
    if envelope.id.is_empty() || envelope.id.chars().count() > ID_CHARS_MAX {
        return Err(malformed("an event's id has 1 to 255 characters"));
    }
    let occurred_at = Timestamp::from_timestamp(envelope.created, 0)
        .ok_or_else(|| malformed("the event's time is none"))?;
    let told = told(&envelope.event_type, envelope.data.object, occurred_at)?;
    Ok(GatewayEvent {
        id: envelope.id,
        event_type: envelope.event_type,
        occurred_at,
        tenant: told.metadata.get(metadata::TENANT).and_then(|tenant| tenant.parse().ok()),
        gateway_reference: told.gateway_reference,
        fact: told.fact,
    })
}

fn told(event_type: &str, object: &RawValue, at: Timestamp) -> Result<Told, CallbackRefusal> {
    if let Some(what) = event_type.strip_prefix("payment_intent.") {
        let intent: PaymentIntent = read(object)?;
        let fact = of_payment(what, &intent).unwrap_or(GatewayFact::Other);
        return Ok(Told { fact, gateway_reference: Some(intent.id), metadata: intent.metadata });
    }
    if event_type.starts_with("refund.") || event_type == "charge.refund.updated" {
        let refund: Refund = read(object)?;
        let fact = of_refund(&refund).unwrap_or(GatewayFact::Other);
        return Ok(Told { fact, gateway_reference: refund.payment_intent, metadata: refund.metadata });
    }
    if event_type.starts_with("charge.dispute.") {
        let dispute: Dispute = read(object)?;
        let fact = dispute::fact(event_type, &dispute, at).unwrap_or(GatewayFact::Other);
        return Ok(Told { fact, gateway_reference: dispute.payment_intent, metadata: Metadata::new() });
    }
    // `charge.refunded` tells a sum, not which refund it is: that is told by `refund.created`.
    let about: Option<AboutPayment> = serde_json::from_str(object.get()).ok();
    let gateway_reference = about.and_then(|about| about.payment_intent);
    Ok(Told { fact: GatewayFact::Other, gateway_reference, metadata: Metadata::new() })
}

/// What an intent tells; none when it is not of our making.
fn of_payment(what: &str, intent: &PaymentIntent) -> Option<GatewayFact> {
    let reference = intent.metadata.get(metadata::REFERENCE)?.clone();
    let kind = CallKind::Authorize;
    let pending = GatewayFact::Pending { kind, reference: reference.clone() };
    Some(match what {
        // Challenges are told by the answer; whoever lost it is told again by the same request.
        "created" | "processing" | "requires_action" => pending,
        "amount_capturable_updated" | "payment_failed" => ended(kind, reference, payment(intent), pending),
        "succeeded" if intent.capture_method != "manual" => ended(kind, reference, payment(intent), pending),
        "succeeded" => match intent.metadata.get(metadata::CAPTURE) {
            Some(ours) => {
                let open = GatewayFact::Pending { kind: CallKind::Capture, reference: ours.clone() };
                ended(CallKind::Capture, ours.clone(), capture(intent), open)
            }
            // Our own captures carry their reference, set by the very request that captures.
            None => GatewayFact::CapturedOutside(Box::new(OutsideCapture {
                authorization: reference,
                payment_reference: Some(intent.id.clone()),
                gateway_reference: capture_name(intent).to_owned(),
                amount: from_stripe(intent.amount_received, &intent.currency)?,
                // What succeeded holds nothing any more.
                is_final: true,
                taken_back: None,
            })),
        },
        "canceled" => {
            let reference = void_reference(&reference);
            let open = GatewayFact::Pending { kind: CallKind::Void, reference: reference.clone() };
            ended(CallKind::Void, reference, void(intent), open)
        }
        _ => return None,
    })
}

/// What a refund tells: one of ours, or one that a person made in the dashboard, for which it has no name of ours.
fn of_refund(refund: &Refund) -> Option<GatewayFact> {
    let Some(reference) = refund.metadata.get(metadata::REFERENCE).cloned() else {
        return of_outside(refund);
    };
    let pending = GatewayFact::Pending { kind: CallKind::Refund, reference: reference.clone() };
    if let Some(why) = taken_back(refund) {
        let end = CallEnd::TakenBack { gateway_reference: refund.id.clone(), why };
        return Some(GatewayFact::Ended { kind: CallKind::Refund, reference, end });
    }
    Some(ended(CallKind::Refund, reference, refund_end(refund), pending))
}

/// A refund that a person made; none for one of no payment of ours.
fn of_outside(refund: &Refund) -> Option<GatewayFact> {
    if is_open(refund) {
        let (kind, reference) = (CallKind::Refund, refund.id.clone());
        return Some(GatewayFact::Pending { kind, reference });
    }
    Some(GatewayFact::RefundedOutside(Box::new(OutsideRefund {
        charge_reference: refund.payment_intent.clone()?,
        gateway_reference: refund.id.clone(),
        amount: from_stripe(refund.amount, &refund.currency)?,
        taken_back: taken_back(refund),
    })))
}

/// Why a refund came to nothing. Stripe's last word: no refund leaves these states.
fn taken_back(refund: &Refund) -> Option<Decline> {
    match refund_end(refund) {
        Ok(GatewayAnswer::Declined(why)) => Some(why),
        _ => None,
    }
}

/// The end of a call, or what it is while its state is no end.
fn ended(
    kind: CallKind,
    reference: String,
    outcome: Result<GatewayAnswer, tender_domain::ports::GatewayError>,
    open: GatewayFact,
) -> GatewayFact {
    match outcome {
        Ok(answer) => GatewayFact::Ended { kind, reference, end: CallEnd::Answered(answer) },
        Err(_) => open,
    }
}

fn read<T: DeserializeOwned>(object: &RawValue) -> Result<T, CallbackRefusal> {
    serde_json::from_str(object.get()).map_err(|error| malformed(&error.to_string()))
}

fn malformed(problem: &str) -> CallbackRefusal {
    CallbackRefusal::Malformed(mask_card_numbers(problem))
}
