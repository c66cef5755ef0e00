//! What Worldpay's answers mean: pure functions from its messages to the port's words.

use tender_domain::kernel::Money;
use tender_domain::ports::{
    Authorize, Avs, Decline, DeclineCode, DeclinedAt, GatewayAnswer, GatewayError, ScaAnswer,
    ZeroAmountAnswer,
};

use super::call::WHO;
use super::wire::{Accepted, ErrorBody, Page, Payment};
use crate::rest::Response;
use crate::said::{cannot_authenticate, decline, declined, no_token, of_network, unknown};

type Outcome = Result<GatewayAnswer, GatewayError>;

/// The answer to an authorization; `name` is what Worldpay calls the payment. It names no amount: what it authorizes is
/// what was asked.
pub(super) fn authorized(response: &Response, request: &Authorize, name: &str) -> Outcome {
    if !response.is_success() {
        return refused(response);
    }
    let payment: Payment = response.json(WHO)?;
    match (payment.outcome.as_str(), request.capture) {
        ("authorized", false) => Ok(approved(&payment, name, request.amount, false)),
        ("sentForSettlement", true) => Ok(approved(&payment, name, request.amount, true)),
        ("refused", _) => Ok(left(refused_by_bank(&payment), name, checks(&payment))),
        ("fraudHighRisk", _) => {
            let why = decline(DeclineCode::SuspectedFraud, None, "Worldpay takes it for fraud");
            Ok(left(why, name, checks(&payment)))
        }
        ("3dsAuthenticationFailed", _) => {
            let why = "the customer was not authenticated";
            Ok(left(decline(DeclineCode::AuthenticationFailed, None, why), name, Avs::default()))
        }
        ("3dsDeviceDataRequired" | "3dsChallenged" | "3dsUnavailable", _) => {
            Ok(cannot_authenticate("a stored card cannot be here"))
        }
        ("sentForCancellation", _) => Ok(left(checks_failed(), name, checks(&payment))),
        (outcome, _) => Err(unknown(&format!("the payment is {outcome} at Worldpay"))),
    }
}

/// The answer to a verification, which is told in a payment's words.
///
/// # Errors
/// What the refusal is; `Unknown` for an outcome that is new.
pub(super) fn verified(response: &Response) -> Result<ZeroAmountAnswer, GatewayError> {
    if !response.is_success() {
        return match refused(response)? {
            GatewayAnswer::Declined(why) => Ok(ZeroAmountAnswer::Declined(why)),
            _ => Err(refusal(response)),
        };
    }
    let told: Payment = response.json(WHO)?;
    match told.outcome.as_str() {
        "verified" => Ok(ZeroAmountAnswer::Approved { response_code: None, avs: checks(&told) }),
        "not verified" => Ok(ZeroAmountAnswer::Declined(refused_by_bank(&told))),
        outcome => Err(unknown(&format!("the card is {outcome} at Worldpay"))),
    }
}

/// Where the customer goes.
pub(super) fn page(response: &Response, name: &str) -> Outcome {
    if !response.is_success() {
        return Err(refusal(response));
    }
    let Page { url } = response.json(WHO)?;
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return Err(unknown("Worldpay's page has no address"));
    }
    Ok(GatewayAnswer::Challenge { url, challenge_reference: name.to_owned(), creq: None })
}

/// What Worldpay says of a capture, a void or a refund that it took in, where it says what it took in at all.
pub(super) const CAPTURE: &[&str] = &["sentForSettlement"];
pub(super) const VOID: &[&str] = &["sentForCancellation"];
pub(super) const REFUND: &[&str] = &["sentForRefund", "sentForPartialRefund"];

/// The answer to a capture, a void or a refund: that it was taken in. What fails afterwards an event tells. The card
/// payments API says so by what can be done next, and repeats no outcome.
///
/// # Errors
/// `NotDone` or `Unknown` for whatever else: also a success in words that are not Worldpay's.
pub(super) fn accepted(response: &Response, outcomes: &[&str]) -> Result<(), GatewayError> {
    if !response.is_success() {
        return Err(refusal(response));
    }
    let Accepted { outcome, links, actions } = response.json(WHO)?;
    match outcome.as_deref() {
        Some(outcome) if outcomes.contains(&outcome) => Ok(()),
        None if !links.is_empty() || !actions.is_empty() => Ok(()),
        outcome => Err(unknown(&format!("Worldpay took in {outcome:?} instead of {}", outcomes[0]))),
    }
}

/// How a payment ended, by what happened to it last; none while there is no end. `is_sale` says that it was to be taken
/// with its authorization. What was let go is nothing for who still waits for its authorization.
pub(super) fn ended(last_event: &str, amount: Money, name: &str, is_sale: bool) -> Option<GatewayAnswer> {
    match last_event {
        "authorized" | "authorizationsucceeded" => {
            (!is_sale).then(|| crate::said::approved(name, amount, false))
        }
        "cancelled" | "expired" => Some(declined(
            DeclineCode::TransactionNotAllowed,
            "the payment was canceled at Worldpay, and the money let go",
        )),
        event if is_let_go(event) => Some(left(checks_failed(), name, Avs::default())),
        event if is_taken(event) || event == "settlementfailed" => {
            Some(crate::said::approved(name, amount, is_sale))
        }
        "refused" | "authorizationrefused" | "salerefused" => Some(refused_payment(name)),
        _ => None,
    }
}

/// A payment of this name that was refused, where Worldpay does not say why.
pub(super) fn refused_payment(name: &str) -> GatewayAnswer {
    let why = decline(DeclineCode::CardDeclined, None, "the card was declined");
    left(why, name, Avs::default())
}

/// The decline of what Worldpay calls `name`, with what the checks found. A refusal tells the reference, Worldpay's own id
/// (`paymentId`) and no acquirer (`PaymentRefusedResponse` of the Payments API); events and questions are about the
/// reference, and approvals are named by it too.
fn left(why: Decline, name: &str, avs: Avs) -> GatewayAnswer {
    let left = DeclinedAt { gateway_reference: Some(name.to_owned()), acquirer: None, avs };
    GatewayAnswer::Declined(Decline { sca: ScaAnswer::of_decline(left), ..why })
}

/// Whether it says only that a card was refused.
pub(super) fn is_refusal(why: &Decline) -> bool {
    why.code == DeclineCode::CardDeclined
}

/// Worldpay lets it go by itself: the code or the address was wrong.
fn checks_failed() -> Decline {
    decline(DeclineCode::IncorrectData, None, "Worldpay's checks failed, and it let the money go")
}

/// Whether money was taken, by anybody.
pub(super) fn is_taken(last_event: &str) -> bool {
    matches!(
        last_event,
        "sentforsettlement"
            | "settled"
            | "sentforrefund"
            | "refunded"
            | "refundfailed"
            | "settlementrequestsubmitted"
            | "salesucceeded"
    )
}

/// Whether the money was let go, by anybody.
pub(super) fn is_let_go(last_event: &str) -> bool {
    matches!(
        last_event,
        "sentforcancellation"
            | "sendforcancellation"
            | "cancelled"
            | "expired"
            | "cancellationrequestsubmitted"
    )
}

/// What a refusal is when it is no decline.
pub(super) fn refusal(response: &Response) -> GatewayError {
    match response.json::<ErrorBody>(WHO) {
        Ok(error) if is_repetition(&error) => {
            unknown("Worldpay has processed the payment before; how it ended it does not say here")
        }
        Ok(error) => {
            let places = error.validation_errors.iter().filter_map(|one| one.json_path.as_deref());
            let names = error.validation_errors.iter().filter_map(|one| one.error_name.as_deref());
            let problems: Vec<_> = names.chain(places).collect();
            let message = error.message.as_deref().unwrap_or_default();
            response.refusal(&format!("{} ({}): {message}", error.error_name, problems.join(", ")))
        }
        Err(nonsense) => nonsense,
    }
}

fn refused(response: &Response) -> Outcome {
    let names_token = |error: &ErrorBody| {
        let names_it = |path: &str| path.contains("paymentInstrument.href");
        error.validation_errors.iter().any(|one| one.json_path.as_deref().is_some_and(names_it))
            || matches!(error.error_name.as_str(), "tokenNotFound" | "tokenHasExpired")
    };
    match response.json::<ErrorBody>(WHO) {
        Ok(error) if response.is_definite_refusal() && names_token(&error) => Ok(no_token(WHO)),
        _ => Err(refusal(response)),
    }
}

/// The same reference again: what it came to Worldpay does not say.
fn is_repetition(error: &ErrorBody) -> bool {
    error.error_name == "transactionHasAlreadyBeenProcessed"
}

fn refused_by_bank(payment: &Payment) -> Decline {
    let code = payment.refusal_code.as_deref();
    let ours = code.and_then(of_network).unwrap_or(DeclineCode::CardDeclined);
    decline(ours, code, payment.refusal_description.as_deref().unwrap_or("the card was declined"))
}

/// What the checks of address and code found: `Y`, `N` and `U` for the address; `M`, `N` and `U` for the code. Street and
/// postal code are two findings: what one of them says against the card counts.
fn checks(payment: &Payment) -> Avs {
    let check = |kind: &str, good: &str| {
        let of_kind = payment.risk_factors.iter().filter(|one| one.kind == kind);
        let found: Vec<&str> = of_kind.filter_map(|one| one.risk.as_deref()).collect();
        let letter = match found.as_slice() {
            [] => return None,
            found if found.contains(&"notMatched") => "N",
            found if found.iter().all(|risk| *risk == "matched") => good,
            _ => "U",
        };
        Some(letter.to_owned())
    };
    Avs { avs_result: check("avs", "Y"), cvv_result: check("cvc", "M") }
}

fn approved(payment: &Payment, name: &str, amount: Money, captured: bool) -> GatewayAnswer {
    let sca = payment
        .scheme_reference
        .as_ref()
        .map(|id| Box::new(ScaAnswer { network_transaction_id: Some(id.clone()), ..ScaAnswer::default() }));
    GatewayAnswer::Approved {
        gateway_reference: name.to_owned(),
        amount,
        captured,
        response_code: None,
        acquirer: None,
        avs: checks(payment),
        sca,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_street_and_postal_code_what_does_not_match_counts() {
        let found = |street: &str, postcode: &str| {
            let payment: Payment =
                serde_json::from_value(serde_json::json!({"outcome": "refused", "riskFactors": [
                {"type": "avs", "detail": "address", "risk": street}, {"type": "cvc", "risk": "notChecked"},
                {"type": "avs", "detail": "postcode", "risk": postcode}]}))
                .expect("Worldpay's words");
            let Avs { avs_result, cvv_result } = checks(&payment);
            assert_eq!(cvv_result.as_deref(), Some("U"));
            avs_result.expect("it was checked")
        };
        assert_eq!(found("notChecked", "notMatched"), "N");
        assert_eq!(found("notMatched", "matched"), "N");
        assert_eq!((found("matched", "matched"), found("matched", "notSupplied")), ("Y".into(), "U".into()));
    }
}
