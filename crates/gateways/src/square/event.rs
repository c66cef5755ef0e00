//! What Square tells by its webhooks. The body is signed with the address it is sent to; nothing signs the time.

use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use tender_domain::kernel::{TenantId, Timestamp, mask_card_numbers};
use tender_domain::ports::{
    CallKind, CallbackHeaders, CallbackRefusal, GatewayAnswer, GatewayEvent, GatewayFact, OutsideRefund,
};

use super::answer::{failure, payment, refund_end, refund_failure};
use super::dispute::{self, Dispute};
use super::wire::{Money, Payment, Refund};
use crate::mac;
use crate::name::{Kind, Name};
use crate::said::{ended, pending, taken_back};

/// The connector's name.
pub(super) const PROCESSOR: &str = "square";

const SIGNATURE: &str = "x-square-hmacsha256-signature";
const ID_CHARS_MAX: usize = 255;

/// What signs webhooks.
pub(super) struct Signer {
    pub(super) key: SecretString,
    /// The address that Square sends them to, as Square has it.
    pub(super) url: String,
}

impl Signer {
    /// Checks who sent an event, over the bytes as they came.
    ///
    /// # Errors
    /// When it is not signed, or signed otherwise.
    pub(super) fn verify(&self, headers: &CallbackHeaders, body: &[u8]) -> Result<(), CallbackRefusal> {
        let sent = headers.get(SIGNATURE).ok_or(CallbackRefusal::Unsigned(SIGNATURE))?;
        let sent = BASE64.decode(sent.trim().as_bytes()).unwrap_or_default();
        let key = self.key.expose_secret().as_bytes();
        let wanted = mac::sha256(key, &[self.url.as_bytes(), body]);
        if mac::is_same(&wanted, &sent) { Ok(()) } else { Err(CallbackRefusal::BadSignature) }
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    event_id: String,
    #[serde(rename = "type")]
    event_type: String,
    created_at: String,
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    object: Option<Object<'a>>,
}

/// What an event is about: one of these.
#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow)]
    payment: Option<&'a RawValue>,
    #[serde(borrow)]
    refund: Option<&'a RawValue>,
    #[serde(borrow)]
    dispute: Option<&'a RawValue>,
}

#[derive(Default)]
struct Told {
    fact: Option<GatewayFact>,
    gateway_reference: Option<String>,
    tenant: Option<TenantId>,
}

/// Reads a body whose signature was checked.
pub(super) fn parse(body: &[u8]) -> Result<GatewayEvent, CallbackRefusal> {
    let envelope: Envelope<'_> =
        serde_json::from_slice(body).map_err(|error| malformed(&error.to_string()))?;
    if envelope.event_id.is_empty() || envelope.event_id.chars().count() > ID_CHARS_MAX {
        return Err(malformed("an event's id has 1 to 255 characters"));
    }
    let at: Timestamp = envelope.created_at.parse().map_err(|_| malformed("the event's time is none"))?;
    let told = match &envelope.data.object {
        Some(object) => told(object, at)?,
        None => Told::default(),
    };
    Ok(GatewayEvent {
        id: envelope.event_id,
        event_type: envelope.event_type,
        occurred_at: at,
        tenant: told.tenant,
        gateway_reference: told.gateway_reference,
        fact: told.fact.unwrap_or(GatewayFact::Other),
    })
}

fn told(object: &Object<'_>, at: Timestamp) -> Result<Told, CallbackRefusal> {
    if let Some(raw) = object.payment {
        let payment: Payment = read(raw)?;
        let name = payment.note.as_deref().and_then(Name::find);
        let fact = name.as_ref().and_then(|name| of_payment(&payment, name));
        let tenant = name.map(|name| name.tenant);
        return Ok(Told { fact, gateway_reference: Some(payment.id), tenant });
    }
    if let Some(raw) = object.refund {
        let refund: Refund = read(raw)?;
        let name = refund.reason.as_deref().and_then(Name::find).filter(|name| name.kind == Kind::Refund);
        let fact = match &name {
            Some(name) => Some(of_refund(&refund, &name.reference)),
            None => of_outside(&refund),
        };
        let tenant = name.map(|name| name.tenant);
        return Ok(Told { fact, gateway_reference: refund.payment_id, tenant });
    }
    if let Some(raw) = object.dispute {
        let dispute: Dispute = read(raw)?;
        let fact = dispute::fact(&dispute, at);
        let gateway_reference = dispute.disputed_payment.and_then(|payment| payment.payment_id);
        return Ok(Told { fact, gateway_reference, tenant: None });
    }
    Ok(Told::default())
}

/// What a payment of ours tells. That what was held is taken says nothing of which capture took it: that is told by the
/// capture's own answer, and by the same request again where it was lost.
fn of_payment(told: &Payment, name: &Name) -> Option<GatewayFact> {
    let (kind, reference) = (CallKind::Authorize, name.reference.as_str());
    let is_sale = match name.kind {
        Kind::Sale => true,
        Kind::Hold => false,
        Kind::Capture | Kind::Void | Kind::Refund => return None,
    };
    Some(match (told.status.as_str(), is_sale) {
        ("APPROVED", false) | ("COMPLETED", true) => ended(kind, reference, payment(told).ok()?),
        ("FAILED", _) => ended(kind, reference, GatewayAnswer::Declined(failure(told))),
        ("CANCELED", _) => {
            let amount = told.amount_money.as_ref().and_then(Money::read)?;
            let answer = crate::said::approved(&told.id, amount, false);
            ended(CallKind::Void, &format!("{reference}/void"), answer)
        }
        ("PENDING", _) | ("APPROVED", true) => pending(kind, reference),
        _ => return None,
    })
}

fn of_refund(refund: &Refund, reference: &str) -> GatewayFact {
    match refund_end(refund) {
        Ok(GatewayAnswer::Declined(why)) => taken_back(CallKind::Refund, reference, &refund.id, why),
        Ok(answer) => ended(CallKind::Refund, reference, answer),
        Err(_) => pending(CallKind::Refund, reference),
    }
}

/// A refund that a person made in Square's dashboard; none for one of no payment.
fn of_outside(refund: &Refund) -> Option<GatewayFact> {
    let taken_back = match refund.status.as_str() {
        "COMPLETED" => None,
        "FAILED" | "REJECTED" => Some(refund_failure(refund)),
        _ => return Some(pending(CallKind::Refund, &refund.id)),
    };
    Some(GatewayFact::RefundedOutside(Box::new(OutsideRefund {
        charge_reference: refund.payment_id.clone()?,
        gateway_reference: refund.id.clone(),
        amount: refund.amount_money.as_ref().and_then(Money::read)?,
        taken_back,
    })))
}

fn read<T: DeserializeOwned>(object: &RawValue) -> Result<T, CallbackRefusal> {
    serde_json::from_str(object.get()).map_err(|error| malformed(&error.to_string()))
}

fn malformed(problem: &str) -> CallbackRefusal {
    CallbackRefusal::Malformed(mask_card_numbers(problem))
}
