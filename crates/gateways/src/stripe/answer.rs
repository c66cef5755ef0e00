//! What Stripe's answers mean: pure functions from its messages to the port's words.

use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    Authorize, Avs, CallKind, Decline, DeclineCode, GatewayAnswer, GatewayError, LookupRequest,
};

use super::call::Response;
use super::decline::{decline, refund_failure};
use super::money::from_stripe;
use super::refusal::object;
use super::sca::told;
use super::session;
use super::wire::{Charge, Checks, Expandable, Found, MethodDetails, PaymentIntent, Refund, metadata};
use crate::said::still_open;

type Outcome = Result<GatewayAnswer, GatewayError>;

/// An outcome, or the id of what Stripe had not ended when it answered. The same request again would be told the same
/// again; its id is asked instead.
pub(super) enum Reading {
    Ended(Outcome),
    Unfinished(String),
}

/// The answer to an authorization.
pub(super) fn authorized(response: &Response) -> Result<Reading, GatewayError> {
    Ok(match object::<PaymentIntent>(response)? {
        Ok(intent) if intent.status == "processing" => Reading::Unfinished(intent.id),
        Ok(intent) => Reading::Ended(payment(&intent)),
        Err(refusal) if refusal.is_of_the_token() => Reading::Ended(Ok(no_token())),
        Err(refusal) => Reading::Ended(refusal.answer()),
    })
}

/// What a payment intent says of its authorization.
pub(super) fn payment(intent: &PaymentIntent) -> Outcome {
    match intent.status.as_str() {
        "succeeded" => approved(intent, intent.amount_received, true),
        "requires_capture" => approved(intent, intent.amount_capturable, false),
        "requires_action" => match intent.next_action.as_ref().and_then(|next| next.redirect_to_url.as_ref())
        {
            Some(next) if next.url.is_some() => Ok(GatewayAnswer::Challenge {
                url: next.url.clone().unwrap_or_default(),
                challenge_reference: intent.id.clone(),
                creq: None,
            }),
            _ => unknown("Stripe asks for an action that is no redirect"),
        },
        // Confirmed with the one method that it has, and without it again: it was declined, or the challenge failed.
        "requires_payment_method" => match &intent.last_payment_error {
            Some(error) => Ok(GatewayAnswer::Declined(decline(error))),
            None => unknown("Stripe wants another payment method and does not say why"),
        },
        "canceled" => Err(GatewayError::NotDone("the payment was canceled at Stripe".to_owned())),
        status => unknown(&format!("the payment is {status} at Stripe")),
    }
}

/// The same of one whose customer is back: a session that Stripe is still at is open, and ended by its event.
pub(super) fn after_challenge(intent: &PaymentIntent) -> Outcome {
    if intent.status == "processing" && session::is_one(intent) {
        return Ok(still_open(&intent.id));
    }
    payment(intent)
}

/// What a payment intent says of its authorization, also when more was done with it since.
pub(super) fn authorization(intent: &PaymentIntent) -> Outcome {
    if intent.status == "succeeded" && intent.capture_method == "manual" {
        return approved(intent, intent.amount, false);
    }
    payment(intent)
}

/// The answer to a capture.
pub(super) fn captured(response: &Response) -> Outcome {
    match object::<PaymentIntent>(response)? {
        Ok(intent) => capture(&intent),
        Err(refusal) => refusal.answer(),
    }
}

/// What a payment intent says of its capture. It is named by its charge, as the authorization is by the intent.
pub(super) fn capture(intent: &PaymentIntent) -> Outcome {
    if intent.status != "succeeded" {
        return unknown(&format!("the captured payment is {} at Stripe", intent.status));
    }
    match approved(intent, intent.amount_received, true)? {
        GatewayAnswer::Approved { amount, captured, response_code, acquirer, avs, .. } => {
            let gateway_reference = capture_name(intent).to_owned();
            Ok(GatewayAnswer::Approved {
                gateway_reference,
                amount,
                captured,
                response_code,
                acquirer,
                avs,
                sca: None,
            })
        }
        other => Ok(other),
    }
}

/// What the capture of an intent is called.
pub(super) fn capture_name(intent: &PaymentIntent) -> &str {
    match &intent.latest_charge {
        Some(Expandable::Id(id) | Expandable::Object(Charge { id, .. })) => id,
        None => &intent.id,
    }
}

/// The answer to a void. What was let go before, by anybody, is let go; what was taken before cannot be.
pub(super) fn voided(response: &Response) -> Outcome {
    let refusal = match object::<PaymentIntent>(response)? {
        Ok(intent) => return void(&intent),
        Err(refusal) => refusal,
    };
    match refusal.error.payment_intent.as_deref() {
        Some(intent) if intent.status == "canceled" => void(intent),
        Some(intent) if intent.status == "succeeded" => Ok(GatewayAnswer::Declined(Decline {
            code: DeclineCode::TransactionNotAllowed,
            network_code: None,
            message: "the money was taken; it can only be given back".to_owned(),
            sca: None,
        })),
        _ => refusal.answer(),
    }
}

/// What a payment intent says of its void.
pub(super) fn void(intent: &PaymentIntent) -> Outcome {
    match intent.status.as_str() {
        "canceled" => approved(intent, intent.amount, false),
        status => unknown(&format!("the canceled payment is {status} at Stripe")),
    }
}

/// The answer to a refund.
pub(super) fn refunded(response: &Response) -> Result<Reading, GatewayError> {
    Ok(match object::<Refund>(response)? {
        Ok(refund) if is_open(&refund) => Reading::Unfinished(refund.id),
        Ok(refund) => Reading::Ended(refund_end(&refund)),
        Err(refusal) if refusal.is_of_the_balance() => {
            Reading::Ended(Ok(GatewayAnswer::Declined(refund_failure(Some("insufficient_funds")))))
        }
        Err(refusal) => Reading::Ended(refusal.answer()),
    })
}

/// Whether a refund has no end yet.
pub(super) fn is_open(refund: &Refund) -> bool {
    matches!(refund.status.as_deref(), Some("pending" | "requires_action"))
}

/// Whose payment it is, as we told Stripe; none when it is not of our making.
pub(super) fn owner(intent: &PaymentIntent) -> Option<TenantId> {
    intent.metadata.get(metadata::REFERENCE)?;
    intent.metadata.get(metadata::TENANT)?.parse().ok()
}

/// How a refund ended, or that the customer must act first: Stripe has written to the address it has, and names no page.
pub(super) fn refund_end(refund: &Refund) -> Outcome {
    match refund.status.as_deref() {
        Some("succeeded") => {
            let Some(amount) = from_stripe(refund.amount, &refund.currency) else {
                return unknown("Stripe refunded an amount that is none of ours");
            };
            Ok(GatewayAnswer::Approved {
                gateway_reference: refund.id.clone(),
                amount,
                captured: false,
                response_code: None,
                acquirer: None,
                avs: Avs::default(),
                sca: None,
            })
        }
        Some("requires_action") => Ok(GatewayAnswer::Challenge {
            url: String::new(),
            challenge_reference: refund.id.clone(),
            creq: None,
        }),
        Some("failed" | "canceled") => {
            Ok(GatewayAnswer::Declined(refund_failure(refund.failure_reason.as_deref())))
        }
        status => unknown(&format!("the refund is {} at Stripe", status.unwrap_or("in no state"))),
    }
}

/// The payment that a search found, if it is the only one and ours.
pub(super) fn found(
    response: &Response,
    tenant: &TenantId,
    reference: &str,
) -> Result<Option<PaymentIntent>, GatewayError> {
    let Found { data } = object::<Found>(response)?.map_err(|refusal| refusal.error())?;
    let mut ours = data.into_iter().filter(|intent| is_ours(intent, tenant, reference));
    match (ours.next(), ours.next()) {
        (Some(_), Some(_)) => Err(GatewayError::Unknown(format!("Stripe has {reference} twice"))),
        (found, _) => Ok(found),
    }
}

/// The metadata in which the reference of a call is, and the reference as it is there.
pub(super) fn searched(request: &LookupRequest) -> Option<(&'static str, &str)> {
    match request.kind {
        CallKind::Authorize => Some((metadata::REFERENCE, request.reference.as_str())),
        CallKind::Capture => Some((metadata::CAPTURE, request.reference.as_str())),
        CallKind::Void => Some((metadata::REFERENCE, request.reference.strip_suffix("/void")?)),
        // Refunds cannot be searched for.
        CallKind::Refund => None,
    }
}

/// Whether an intent has our name in its metadata.
pub(super) fn is_ours(intent: &PaymentIntent, tenant: &TenantId, reference: &str) -> bool {
    let has = |name: &str, value: &str| intent.metadata.get(name).is_some_and(|known| known == value);
    has(metadata::TENANT, tenant.as_str())
        && (has(metadata::REFERENCE, reference) || has(metadata::CAPTURE, reference))
}

/// The decline of a token that Stripe does not know.
pub(super) fn no_token() -> GatewayAnswer {
    GatewayAnswer::Declined(Decline {
        code: DeclineCode::InvalidToken,
        network_code: None,
        message: "Stripe does not know the token, or it is used up".to_owned(),
        sca: None,
    })
}

/// The decline of what must be authenticated and cannot be, before anything is sent.
pub(super) fn cannot_authenticate(request: &Authorize) -> GatewayAnswer {
    let why = if request.off_session { "the customer is away" } else { "customers have no way back to us" };
    GatewayAnswer::Declined(Decline {
        code: DeclineCode::AuthenticationRequired,
        network_code: None,
        message: format!("the payment must be authenticated, and {why}"),
        sca: None,
    })
}

/// The reference of the authorization that a void is of.
pub(super) fn void_reference(authorization: &str) -> String {
    format!("{authorization}/void")
}

fn approved(intent: &PaymentIntent, minor: i64, captured: bool) -> Outcome {
    let Some(amount) = from_stripe(minor, &intent.currency) else {
        return unknown("Stripe names an amount that is none of ours");
    };
    Ok(GatewayAnswer::Approved {
        gateway_reference: intent.id.clone(),
        amount,
        captured,
        response_code: None,
        acquirer: None,
        avs: checks(intent),
        sca: told(intent),
    })
}

/// The checks in the letters of the networks.
fn checks(intent: &PaymentIntent) -> Avs {
    let Some(Expandable::Object(charge)) = &intent.latest_charge else { return Avs::default() };
    checks_of(charge.payment_method_details.as_ref())
}

/// The same of what is told of a card.
pub(super) fn checks_of(details: Option<&MethodDetails>) -> Avs {
    let card = details.and_then(|details| details.card.as_ref());
    let Some(Checks { address_line1_check: line, address_postal_code_check: postal, cvc_check: cvc }) =
        card.and_then(|card| card.checks.as_ref())
    else {
        return Avs::default();
    };
    let avs_result = match (line.as_deref(), postal.as_deref()) {
        (None, None) => None,
        (Some("pass"), Some("pass")) => Some("Y"),
        (Some("pass"), _) => Some("A"),
        (_, Some("pass")) => Some("Z"),
        (Some("fail"), _) | (_, Some("fail")) => Some("N"),
        _ => Some("U"),
    };
    let cvv_result = cvc.as_deref().map(|cvc| match cvc {
        "pass" => "M",
        "fail" => "N",
        "unchecked" => "P",
        _ => "U",
    });
    Avs { avs_result: avs_result.map(str::to_owned), cvv_result: cvv_result.map(str::to_owned) }
}

fn unknown(why: &str) -> Outcome {
    Err(GatewayError::Unknown(why.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intent(json: &str) -> PaymentIntent {
        let whole = format!(r#"{{"id":"pi_1","amount":500,"currency":"eur",{json}}}"#);
        serde_json::from_str(&whole).expect("an intent")
    }

    #[test]
    fn the_checks_are_told_in_the_letters_of_the_networks() {
        for (line, postal, cvc, avs, cvv) in [
            (r#""pass""#, r#""pass""#, r#""pass""#, Some("Y"), Some("M")),
            (r#""pass""#, r#""fail""#, r#""fail""#, Some("A"), Some("N")),
            (r#""fail""#, r#""pass""#, r#""unchecked""#, Some("Z"), Some("P")),
            (r#""fail""#, "null", r#""unavailable""#, Some("N"), Some("U")),
            (r#""unavailable""#, "null", "null", Some("U"), None),
            ("null", "null", "null", None, None),
        ] {
            let checks_of = intent(&format!(
                r#""status":"succeeded","amount_received":500,"latest_charge":{{"id":"ch_1",
                "payment_method_details":{{"card":{{"checks":{{"address_line1_check":{line},
                "address_postal_code_check":{postal},"cvc_check":{cvc}}}}}}}}}"#
            ));
            let told = checks(&checks_of);
            assert_eq!((told.avs_result.as_deref(), told.cvv_result.as_deref()), (avs, cvv));
        }
    }

    #[test]
    fn what_is_no_end_is_unknown() {
        for json in [
            r#""status":"processing""#,
            r#""status":"requires_confirmation""#,
            r#""status":"of_tomorrow""#,
            r#""status":"requires_payment_method""#,
            r#""status":"requires_action","next_action":{"type":"use_stripe_sdk"}"#,
        ] {
            let told = payment(&intent(json));
            assert!(matches!(told, Err(GatewayError::Unknown(_))), "{json}: {told:?}");
        }
        let canceled = payment(&intent(r#""status":"canceled""#));
        assert!(matches!(canceled, Err(GatewayError::NotDone(_))));
    }

    #[test]
    fn a_refund_that_failed_is_declined_and_one_that_hangs_is_open() {
        let refund = |status: &str, reason: &str| -> Refund {
            let json = format!(
                r#"{{"id":"re_1","amount":5,"currency":"eur","status":"{status}","failure_reason":"{reason}"}}"#
            );
            serde_json::from_str(&json).expect("a refund")
        };
        for (reason, code) in [
            ("lost_or_stolen_card", DeclineCode::LostCard),
            ("expired_or_canceled_card", DeclineCode::ExpiredCard),
            ("insufficient_funds", DeclineCode::InsufficientFunds),
            ("unknown", DeclineCode::CardDeclined),
        ] {
            let told = refund_end(&refund("failed", reason));
            assert!(matches!(told, Ok(GatewayAnswer::Declined(decline)) if decline.code == code), "{reason}");
        }
        assert!(is_open(&refund("pending", "")) && is_open(&refund("requires_action", "")));
        assert!(matches!(refund_end(&refund("pending", "")), Err(GatewayError::Unknown(_))));
        let asked = refund_end(&refund("requires_action", ""));
        assert!(matches!(&asked, Ok(GatewayAnswer::Challenge { url, .. }) if url.is_empty()), "{asked:?}");
    }

    #[test]
    fn a_void_of_what_was_taken_is_declined() {
        let refused = |status: &str| Response {
            status: 400,
            body: format!(
                r#"{{"error":{{"type":"invalid_request_error","code":"payment_intent_unexpected_state",
                "payment_intent":{{"id":"pi_1","amount":500,"currency":"eur","status":"{status}"}}}}}}"#
            )
            .into_bytes(),
        };
        assert!(matches!(voided(&refused("succeeded")), Ok(GatewayAnswer::Declined(_))));
        assert!(matches!(voided(&refused("canceled")), Ok(GatewayAnswer::Approved { captured: false, .. })));
        assert!(matches!(voided(&refused("processing")), Err(GatewayError::NotDone(_))));
    }
}
