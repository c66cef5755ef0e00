//! What the simulator tells by callback.

use serde::Deserialize;
use tender_domain::kernel::{Currency, Money, TenantId, Timestamp, mask_card_numbers};
use tender_domain::ports::{
    CallEnd, CallKind, CallbackRefusal, GatewayAnswer, GatewayEvent, GatewayFact, OutsideCapture,
    OutsideRefund,
};

use super::dispute::DisputeBody;
use super::wire::AnswerBody;

/// What the key of its signatures is derived by from the shared secret.
pub(super) const KEY_LABEL: &[u8] = b"tender simulator callbacks";
const ID_CHARS_MAX: usize = 255;

#[derive(Deserialize)]
struct CallbackBody {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    occurred_at: Timestamp,
    tenant: TenantId,
    call: String,
    reference: String,
    answer: Option<AnswerBody>,
    not_done: Option<String>,
    amount: Option<i64>,
    currency: Option<Currency>,
    payment_reference: Option<String>,
    movement_reference: Option<String>,
    dispute: Option<DisputeBody>,
}

/// Reads a body whose signature was checked.
pub(super) fn parse(body: &[u8]) -> Result<GatewayEvent, CallbackRefusal> {
    let malformed = |problem: &str| CallbackRefusal::Malformed(mask_card_numbers(problem));
    let body: CallbackBody = serde_json::from_slice(body).map_err(|error| malformed(&error.to_string()))?;
    if body.id.is_empty() || body.id.chars().count() > ID_CHARS_MAX {
        return Err(malformed("an event's id has 1 to 255 characters"));
    }
    let gateway_reference = match &body.answer {
        Some(AnswerBody::Approved { gateway_reference, .. }) => Some(gateway_reference.clone()),
        _ => None,
    };
    Ok(GatewayEvent {
        id: body.id.clone(),
        event_type: body.event_type.clone(),
        occurred_at: body.occurred_at,
        tenant: Some(body.tenant.clone()),
        gateway_reference,
        fact: fact(body),
    })
}

/// What is not known has no meaning for us, and is no error: the simulator may learn to tell more.
fn fact(body: CallbackBody) -> GatewayFact {
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

#[cfg(test)]
mod tests {
    use tender_domain::disputes::{DisputeReason, DisputeStatus};

    use super::*;

    /// A body as `tender-simulator` writes it.
    #[test]
    fn a_dispute_is_told_with_its_payment_amount_fee_and_reason() {
        let body = br#"{"id":"ev_1","type":"dispute.created","occurred_at":"2026-11-24T12:00:00Z","tenant":"acme",
            "call":"authorize","reference":"att_1","dispute":{"id":"dp_1","gateway_reference":"sim_1","amount":5000,
            "currency":"EUR","fee":1500,"network":"visa","reason_code":"10.4","status":"needs_response",
            "received_at":"2026-11-24T12:00:00Z","respond_by":"2026-12-08T12:00:00Z"}}"#;
        let GatewayFact::Disputed(told) = parse(body).expect("it can be read").fact else {
            panic!("a dispute expected")
        };
        assert_eq!((&*told.gateway_reference, told.standing), ("sim_1", DisputeStatus::NeedsResponse));
        assert_eq!(told.dispute.processor_reference.as_deref(), Some("dp_1"));
        assert_eq!(
            (told.dispute.amount, told.dispute.fee_minor),
            (Money::new(5_000, Currency::EUR), Some(1_500))
        );
        assert_eq!(told.dispute.reason, DisputeReason::Fraud);
    }
}
