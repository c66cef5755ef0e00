//! Callbacks' bodies: what they say, and how it is understood.

use serde::{Deserialize, Serialize};
use tender_domain::disputes::DisputeStatus;
use tender_domain::kernel::{Currency, Money, TenantId, Timestamp, mask_card_numbers};
use tender_domain::ports::{
    CallEnd, CallKind, CallbackRefusal, GatewayAnswer, GatewayEvent, GatewayFact, OutsideCapture,
    OutsideRefund,
};

use crate::answer_body::AnswerBody;
use crate::dispute_body::{DISPUTE_CREATED, DISPUTE_UPDATED, DisputeBody};

/// The longest id of an event.
const ID_CHARS_MAX: usize = 255;

/// A callback's body.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EventBody {
    pub(crate) id: String,
    #[serde(rename = "type")]
    event_type: String,
    occurred_at: Timestamp,
    tenant: TenantId,
    /// The kind of call, or of movement.
    call: String,
    /// The caller's reference of the call; of a movement from outside that of the authorization.
    reference: String,
    /// What the call came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<AnswerBody>,
    /// Why the call was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_done: Option<String>,
    /// Of a movement from outside: how much, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    currency: Option<Currency>,
    /// Of a refund from outside: what the simulator calls the payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payment_reference: Option<String>,
    /// Of a refund from outside, or one that was taken back: what the simulator calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    movement_reference: Option<String>,
    /// Of a dispute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dispute: Option<DisputeBody>,
}

impl EventBody {
    fn new(
        id: String,
        event_type: String,
        tenant: &TenantId,
        (kind, reference): (CallKind, &str),
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            event_type,
            occurred_at: now,
            tenant: tenant.clone(),
            call: kind.as_str().to_owned(),
            reference: reference.to_owned(),
            answer: None,
            not_done: None,
            amount: None,
            currency: None,
            payment_reference: None,
            movement_reference: None,
            dispute: None,
        }
    }

    /// A call ended.
    pub(crate) fn ended(
        id: String,
        tenant: &TenantId,
        call: (CallKind, &str),
        end: CallEnd,
        now: Timestamp,
    ) -> Self {
        let word = match &end {
            CallEnd::Answered(GatewayAnswer::Approved { .. }) => "approved",
            CallEnd::Answered(GatewayAnswer::Declined(_)) => "declined",
            CallEnd::Answered(GatewayAnswer::Challenge { .. }) => "challenge",
            CallEnd::NotDone(_) => "not_done",
            CallEnd::TakenBack { .. } => "taken_back",
        };
        let (answer, not_done, movement_reference) = match end {
            CallEnd::Answered(answer) => (Some(answer.into()), None, None),
            CallEnd::NotDone(reason) => (None, Some(reason), None),
            CallEnd::TakenBack { gateway_reference, why } => {
                (Some(GatewayAnswer::Declined(why).into()), None, Some(gateway_reference))
            }
        };
        let event_type = format!("{}.{word}", call.0.as_str());
        Self { answer, not_done, movement_reference, ..Self::new(id, event_type, tenant, call, now) }
    }

    /// A call has no end yet.
    pub(crate) fn pending(id: String, tenant: &TenantId, call: (CallKind, &str), at: Timestamp) -> Self {
        Self::new(id, format!("{}.pending", call.0.as_str()), tenant, call, at)
    }

    /// Money moved without a call: of the payment, under a name of its own, both the simulator's.
    pub(crate) fn outside(
        id: String,
        (tenant, kind, reference): (&TenantId, CallKind, &str),
        (payment, movement): (&str, &str),
        amount: Money,
        now: Timestamp,
    ) -> Self {
        let event_type = format!("outside.{}", kind.as_str());
        Self {
            payment_reference: Some(payment.to_owned()),
            movement_reference: Some(movement.to_owned()),
            amount: Some(amount.minor()),
            currency: Some(amount.currency()),
            ..Self::new(id, event_type, tenant, (kind, reference), now)
        }
    }

    /// A payment is disputed.
    pub(crate) fn disputed(
        id: String,
        tenant: &TenantId,
        call: (CallKind, &str),
        dispute: DisputeBody,
        at: Timestamp,
    ) -> Self {
        Self { dispute: Some(dispute), ..Self::new(id, DISPUTE_CREATED.to_owned(), tenant, call, at) }
    }

    /// That the dispute of this event stands so now; none of an event of something else.
    pub(crate) fn of_dispute(self, id: String, standing: DisputeStatus, at: Timestamp) -> Option<Self> {
        let dispute = Some(self.dispute?.now(standing));
        Some(Self { id, event_type: DISPUTE_UPDATED.to_owned(), occurred_at: at, dispute, ..self })
    }

    /// The same under another id, at another time.
    pub(crate) fn again(self, id: String, at: Timestamp) -> Self {
        Self { id, occurred_at: at, ..self }
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers have a JSON form")
    }

    /// Reads a body.
    ///
    /// # Errors
    /// What cannot be read; card numbers in it are masked.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, CallbackRefusal> {
        let malformed = |problem: &str| CallbackRefusal::Malformed(mask_card_numbers(problem));
        let event: Self = serde_json::from_slice(body).map_err(|error| malformed(&error.to_string()))?;
        if event.id.is_empty() || event.id.chars().count() > ID_CHARS_MAX {
            return Err(malformed("an event's id has 1 to 255 characters"));
        }
        Ok(event)
    }
}

impl From<EventBody> for GatewayEvent {
    fn from(body: EventBody) -> Self {
        let gateway_reference = match &body.answer {
            Some(AnswerBody::Approved { gateway_reference, .. }) => Some(gateway_reference.clone()),
            _ => None,
        };
        Self {
            id: body.id.clone(),
            event_type: body.event_type.clone(),
            occurred_at: body.occurred_at,
            tenant: Some(body.tenant.clone()),
            gateway_reference,
            fact: fact(body),
        }
    }
}

fn fact(body: EventBody) -> GatewayFact {
    if let Some(dispute) = body.dispute {
        return dispute.fact(body.occurred_at);
    }
    let Some(kind) = CallKind::find(&body.call) else { return GatewayFact::Other };
    let (scope, word) = body.event_type.split_once('.').unwrap_or_default();
    let reference = body.reference;
    if scope == "outside" {
        let (Some(minor), Some(currency)) = (body.amount, body.currency) else { return GatewayFact::Other };
        let amount = Money::new(minor, currency);
        return match (kind, body.payment_reference, body.movement_reference) {
            (CallKind::Capture, payment_reference, Some(gateway_reference)) => {
                let capture = OutsideCapture {
                    authorization: reference,
                    payment_reference,
                    gateway_reference,
                    amount,
                    is_final: true,
                    taken_back: None,
                };
                GatewayFact::CapturedOutside(Box::new(capture))
            }
            (CallKind::Refund, Some(charge_reference), Some(gateway_reference)) => {
                let refund = OutsideRefund { charge_reference, gateway_reference, amount, taken_back: None };
                GatewayFact::RefundedOutside(Box::new(refund))
            }
            _ => GatewayFact::Outside { kind, authorization: reference, amount },
        };
    }
    let answer = body.answer.map(GatewayAnswer::from);
    match (word, answer, body.not_done, body.movement_reference) {
        ("pending", None, None, _) => GatewayFact::Pending { kind, reference },
        ("approved" | "declined" | "challenge", Some(answer), None, _) => {
            GatewayFact::Ended { kind, reference, end: CallEnd::Answered(answer) }
        }
        ("not_done", None, Some(reason), _) => {
            GatewayFact::Ended { kind, reference, end: CallEnd::NotDone(reason) }
        }
        ("taken_back", Some(GatewayAnswer::Declined(why)), None, Some(gateway_reference)) => {
            GatewayFact::Ended { kind, reference, end: CallEnd::TakenBack { gateway_reference, why } }
        }
        _ => GatewayFact::Other,
    }
}
