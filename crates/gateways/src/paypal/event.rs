//! What PayPal tells by its webhooks. All of the body is signed. Payments are named by their orders here, and by their
//! captures in what it tells of refunds and disputes: those are asked for their order before they mean anything.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tender_domain::kernel::{Money, TenantId, Timestamp, mask_card_numbers};
use tender_domain::ports::{
    CallKind, CallbackRefusal, DeclineCode, GatewayAnswer, GatewayEvent, GatewayFact, OutsideCapture,
    OutsideRefund,
};

use super::answer::Said;
use super::decline::{decline, declined};
use super::dispute::Dispute;
use super::money::from_paypal;
use super::token::is_id;
use super::wire::{Amount, Link, NetworkReference, ProcessorResponse};
use crate::said::{self, approved, ended, pending, taken_back};

/// The connector's name.
pub(super) const PROCESSOR: &str = "paypal";
/// The longest id of an event.
const ID_CHARS_MAX: usize = 255;

#[derive(Deserialize)]
struct Webhook {
    id: String,
    event_type: String,
    create_time: String,
    resource: Value,
}

/// An authorization, a capture or a refund, as an event or an answer has it.
#[derive(Debug, Deserialize)]
pub(super) struct Resource {
    id: String,
    status: Option<String>,
    amount: Option<Amount>,
    /// The order's name of ours; of a refund, its own.
    custom_id: Option<String>,
    /// A capture's name of ours.
    invoice_id: Option<String>,
    final_capture: Option<bool>,
    supplementary_data: Option<Supplement>,
    processor_response: Option<ProcessorResponse>,
    network_transaction_reference: Option<NetworkReference>,
    #[serde(default)]
    links: Vec<Link>,
}

#[derive(Debug, Deserialize)]
struct Supplement {
    related_ids: Option<Related>,
}

#[derive(Debug, Deserialize)]
struct Related {
    order_id: Option<String>,
    authorization_id: Option<String>,
}

/// An event, and what of it is to be asked before it means anything.
pub(super) struct Told {
    pub(super) event: GatewayEvent,
    pub(super) of_capture: Option<OfCapture>,
}

/// What is told of a capture.
pub(super) struct OfCapture {
    /// Its id.
    pub(super) capture: String,
    what: What,
}

#[derive(Debug)]
enum What {
    Refund(Box<Resource>),
    Dispute(Box<Dispute>, Timestamp),
}

/// Reads a body whose signature was checked.
pub(super) fn parse(body: &[u8]) -> Result<Told, CallbackRefusal> {
    let malformed = |problem: &str| CallbackRefusal::Malformed(mask_card_numbers(problem));
    let told: Webhook = serde_json::from_slice(body).map_err(|error| malformed(&error.to_string()))?;
    if told.id.is_empty() || told.id.chars().count() > ID_CHARS_MAX {
        return Err(malformed("an event's id has 1 to 255 characters"));
    }
    let at: Timestamp = told.create_time.parse().map_err(|_| malformed("the event's time is none"))?;
    let event = GatewayEvent {
        id: told.id,
        event_type: told.event_type,
        occurred_at: at,
        tenant: None,
        gateway_reference: None,
        fact: GatewayFact::Other,
    };
    match event.event_type.as_str() {
        "CUSTOMER.DISPUTE.CREATED" | "CUSTOMER.DISPUTE.UPDATED" | "CUSTOMER.DISPUTE.RESOLVED" => {
            let dispute: Dispute = resource(told.resource)?;
            let capture = dispute.capture().filter(|id| is_id(id)).map(str::to_owned);
            let what = What::Dispute(Box::new(dispute), at);
            Ok(Told { event, of_capture: capture.map(|capture| OfCapture { capture, what }) })
        }
        "PAYMENT.CAPTURE.REFUNDED" | "PAYMENT.REFUND.PENDING" | "PAYMENT.REFUND.FAILED" => {
            let refund: Resource = resource(told.resource)?;
            Ok(of_refund(event, refund))
        }
        kind if kind.starts_with("PAYMENT.AUTHORIZATION.") || kind.starts_with("PAYMENT.CAPTURE.") => {
            let moved: Resource = resource(told.resource)?;
            let fact = fact(kind, &moved).unwrap_or(GatewayFact::Other);
            let (tenant, gateway_reference) = (moved.owner(), moved.order().map(str::to_owned));
            let event = GatewayEvent { tenant, gateway_reference, fact, ..event };
            Ok(Told { event, of_capture: None })
        }
        _ => Ok(Told { event, of_capture: None }),
    }
}

fn resource<T: DeserializeOwned>(value: Value) -> Result<T, CallbackRefusal> {
    serde_json::from_value(value)
        .map_err(|error| CallbackRefusal::Malformed(mask_card_numbers(&error.to_string())))
}

/// A refund of ours, or one whose capture has to be asked for its order.
fn of_refund(event: GatewayEvent, refund: Resource) -> Told {
    let tenant = refund.owner();
    let ours = refund.custom_id.as_deref().and_then(name).filter(|(_, own)| own.starts_with("rf_"));
    if let Some((_, own)) = ours {
        let fact = refund_fact(&event.event_type, &refund, own).unwrap_or(GatewayFact::Other);
        return Told { event: GatewayEvent { tenant, fact, ..event }, of_capture: None };
    }
    // What moved nothing is of nobody's.
    let moved = event.event_type == "PAYMENT.CAPTURE.REFUNDED";
    let capture = refund.capture().filter(|_| moved).map(str::to_owned);
    let what = What::Refund(Box::new(refund));
    let of_capture = capture.map(|capture| OfCapture { capture, what });
    Told { event: GatewayEvent { tenant, ..event }, of_capture }
}

/// What an event tells of a refund of ours, by its status where it has one.
fn refund_fact(kind: &str, refund: &Resource, own: &str) -> Option<GatewayFact> {
    let status = refund.status.as_deref();
    match (kind, status) {
        ("PAYMENT.REFUND.PENDING", _) | (_, Some("PENDING")) => Some(pending(CallKind::Refund, own)),
        ("PAYMENT.REFUND.FAILED", _) | (_, Some("FAILED" | "CANCELLED")) => {
            let why = said::decline(DeclineCode::CardDeclined, None, "the refund failed at PayPal");
            Some(taken_back(CallKind::Refund, own, &refund.id, why))
        }
        _ => Some(ended(CallKind::Refund, own, approved(&refund.id, refund.money()?, false))),
    }
}

/// What an event tells of an authorization or a capture; none for what is not ours, and for what has no meaning to us.
fn fact(kind: &str, moved: &Resource) -> Option<GatewayFact> {
    let (_, own) = moved.custom_id.as_deref().and_then(name).filter(|(_, own)| own.starts_with("att_"))?;
    let processor = moved.processor_response.as_ref();
    let authorize = CallKind::Authorize;
    match (kind, moved.status.as_deref()) {
        ("PAYMENT.AUTHORIZATION.CREATED", Some("PENDING")) => Some(pending(authorize, own)),
        ("PAYMENT.AUTHORIZATION.CREATED", Some("DENIED")) => {
            Some(ended(authorize, own, declined(&moved.id, processor)))
        }
        ("PAYMENT.AUTHORIZATION.CREATED", _) => {
            Some(ended(authorize, own, moved.said().approved(moved.order()?, moved.money()?, false)))
        }
        ("PAYMENT.AUTHORIZATION.VOIDED", _) => {
            let void = format!("{own}/void");
            Some(ended(CallKind::Void, &void, approved(&moved.id, moved.money()?, false)))
        }
        ("PAYMENT.CAPTURE.COMPLETED", _) => completed(moved, own),
        ("PAYMENT.CAPTURE.PENDING", _) => {
            let (kind, own) = moved.asked_by(own)?;
            Some(pending(kind, own))
        }
        // In either word.
        ("PAYMENT.CAPTURE.DENIED" | "PAYMENT.CAPTURE.DECLINED", _) => {
            let (kind, own) = moved.asked_by(own)?;
            let answer = match kind {
                CallKind::Authorize => declined(&moved.id, processor),
                // The payment has its name already.
                _ => GatewayAnswer::Declined(decline(processor)),
            };
            Some(ended(kind, own, answer))
        }
        // Taken back by PayPal or a bank, perhaps in a dispute that is told too: a person says which.
        ("PAYMENT.CAPTURE.REVERSED", _) => Some(GatewayFact::Outside {
            kind: CallKind::Refund,
            authorization: own.to_owned(),
            amount: moved.money()?,
        }),
        _ => None,
    }
}

/// Money was taken: with its authorization, by a capture of ours, or by a person.
fn completed(moved: &Resource, own: &str) -> Option<GatewayFact> {
    let amount = moved.money()?;
    match moved.asked_by(own) {
        Some((CallKind::Authorize, own)) => {
            Some(ended(CallKind::Authorize, own, moved.said().approved(moved.order()?, amount, true)))
        }
        Some((kind, own)) => Some(ended(kind, own, approved(&moved.id, amount, true))),
        None => Some(GatewayFact::CapturedOutside(Box::new(OutsideCapture {
            authorization: own.to_owned(),
            payment_reference: moved.order().map(str::to_owned),
            gateway_reference: moved.id.clone(),
            amount,
            is_final: moved.final_capture.unwrap_or(true),
            taken_back: None,
        }))),
    }
}

impl OfCapture {
    /// What it means, once the capture was asked for its order; none for what has no meaning to us.
    pub(super) fn fact(&self, order: &str) -> Option<GatewayFact> {
        match &self.what {
            What::Dispute(dispute, at) => dispute.fact(order, *at),
            What::Refund(refund) => Some(GatewayFact::RefundedOutside(Box::new(OutsideRefund {
                charge_reference: order.to_owned(),
                gateway_reference: refund.id.clone(),
                amount: refund.money()?,
                taken_back: None,
            }))),
        }
    }
}

impl Resource {
    /// The order that it belongs to.
    pub(super) fn order(&self) -> Option<&str> {
        self.related()?.order_id.as_deref().filter(|id| is_id(id))
    }

    /// Whose it is, by what we called it.
    pub(super) fn owner(&self) -> Option<TenantId> {
        self.custom_id.as_deref().and_then(name).map(|(tenant, _)| tenant)
    }

    /// What the processor and the network said of it.
    const fn said(&self) -> Said<'_> {
        Said {
            processor: self.processor_response.as_ref(),
            network: self.network_transaction_reference.as_ref(),
        }
    }

    fn related(&self) -> Option<&Related> {
        self.supplementary_data.as_ref()?.related_ids.as_ref()
    }

    /// The call of ours that asked for a capture, of the authorization `own`; none when a person made it.
    fn asked_by<'a>(&'a self, own: &'a str) -> Option<(CallKind, &'a str)> {
        let held = self.related().is_some_and(|related| related.authorization_id.is_some());
        if !held {
            return Some((CallKind::Authorize, own));
        }
        let (_, capture) = self.invoice_id.as_deref().and_then(name)?;
        capture.starts_with("cap_").then_some((CallKind::Capture, capture))
    }

    /// The capture that a refund is of: where its link leads up to.
    fn capture(&self) -> Option<&str> {
        let up = self.links.iter().find(|link| link.rel == "up")?;
        let (_, id) = up.href.rsplit_once("/payments/captures/")?;
        is_id(id).then_some(id)
    }

    fn money(&self) -> Option<Money> {
        self.amount.as_ref().and_then(from_paypal)
    }
}

/// A name of ours, taken apart: whose, and our reference.
fn name(text: &str) -> Option<(TenantId, &str)> {
    let (tenant, reference) = text.split_once('/')?;
    Some((tenant.parse().ok()?, reference))
}
