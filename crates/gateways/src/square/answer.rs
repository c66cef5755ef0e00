//! What Square's answers mean: pure functions from its messages to the port's words.

use tender_domain::kernel::{TenantId, mask_card_numbers};
use tender_domain::ports::{Avs, Decline, DeclineCode, DeclinedAt, GatewayAnswer, GatewayError, ScaAnswer};

use super::call::WHO;
use super::decline::decline;
use super::page::Page;
use super::token::is_id;
use super::wire::{
    Errors, Order, Payment, PaymentLink, Problem, Refund, WithLink, WithOrder, WithPayment, WithRefund,
};
use crate::name::Name;
use crate::rest::Response;
use crate::said::{self, declined, no_token, unknown};

type Outcome = Result<GatewayAnswer, GatewayError>;

/// An outcome, or the id of a refund that Square had not ended when it answered.
pub(super) enum Reading {
    Ended(Outcome),
    Unfinished(String),
}

/// The answer to an authorization.
pub(super) fn authorized(response: &Response) -> Outcome {
    if response.is_success() {
        return payment(&response.json::<WithPayment>(WHO)?.payment);
    }
    let problems = problems(response)?;
    if response.is_definite_refusal() && problems.iter().any(is_of_the_token) {
        return Ok(no_token(WHO));
    }
    match answer(response, &problems)? {
        GatewayAnswer::Declined(why) => {
            Ok(GatewayAnswer::Declined(Decline { sca: left_there(response), ..why }))
        }
        answer => Ok(answer),
    }
}

/// What a decline left at Square: beside the errors there may be the payment that failed
/// (<https://developer.squareup.com/reference/square/payments-api/create-payment>). What is no such payment says nothing.
fn left_there(response: &Response) -> Option<Box<ScaAnswer>> {
    let failed = response.json::<WithPayment>(WHO).ok()?.payment;
    if failed.status == "FAILED" { left_of(&failed) } else { None }
}

/// What people find a payment by that failed, and what the checks found. Its issuer's answer (`auth_result_code`) is an
/// approval's code, and Square names no acquirer.
fn left_of(failed: &Payment) -> Option<Box<ScaAnswer>> {
    ScaAnswer::of_decline(DeclinedAt {
        gateway_reference: Some(failed.id.clone()),
        acquirer: None,
        avs: checks(failed),
    })
}

/// What a payment says of itself.
pub(super) fn payment(payment: &Payment) -> Outcome {
    match payment.status.as_str() {
        "APPROVED" => approved(payment, &payment.id, false),
        "COMPLETED" => approved(payment, &payment.id, true),
        "FAILED" => Ok(GatewayAnswer::Declined(failure(payment))),
        "CANCELED" => Err(GatewayError::NotDone("the payment was canceled at Square".to_owned())),
        status => Err(unknown(&format!("the payment is {status} at Square"))),
    }
}

/// Why a payment failed.
pub(super) fn failure(payment: &Payment) -> Decline {
    let errors = payment.card_details.iter().flat_map(|card| &card.errors);
    let told = errors.filter_map(decline).next();
    let why = told.unwrap_or_else(|| said::decline(DeclineCode::CardDeclined, None, "the card was declined"));
    Decline { sca: left_of(payment), ..why }
}

/// The payment that an answer is about.
///
/// # Errors
/// What the refusal is.
pub(super) fn about(response: &Response) -> Result<Payment, GatewayError> {
    if response.is_success() {
        return Ok(response.json::<WithPayment>(WHO)?.payment);
    }
    Err(refusal(response, &problems(response)?))
}

/// A payment of which money was taken by the capture that asks.
pub(super) fn captured(payment: &Payment, reference: &str) -> Outcome {
    match payment.status.as_str() {
        "COMPLETED" => approved(payment, reference, true),
        status => Err(unknown(&format!("the payment is {status} at Square"))),
    }
}

/// What became of a void.
pub(super) fn voided(payment: &Payment) -> Option<Outcome> {
    match payment.status.as_str() {
        "CANCELED" => Some(approved(payment, &payment.id, false)),
        "COMPLETED" => Some(Ok(declined(
            DeclineCode::TransactionNotAllowed,
            "the money was taken; it can only be given back",
        ))),
        _ => None,
    }
}

/// The answer to a refund.
pub(super) fn refunded(response: &Response) -> Result<Reading, GatewayError> {
    if !response.is_success() {
        return Ok(Reading::Ended(answer(response, &problems(response)?)));
    }
    let refund = response.json::<WithRefund>(WHO)?.refund;
    Ok(if refund.status == "PENDING" {
        Reading::Unfinished(refund.id)
    } else {
        Reading::Ended(refund_end(&refund))
    })
}

/// How a refund ended.
pub(super) fn refund_end(refund: &Refund) -> Outcome {
    match refund.status.as_str() {
        "COMPLETED" => {
            let amount = refund.amount_money.as_ref().and_then(super::wire::Money::read);
            let amount = amount.ok_or_else(|| unknown("Square names no amount of ours"))?;
            Ok(said::approved(&refund.id, amount, false))
        }
        "FAILED" | "REJECTED" => Ok(GatewayAnswer::Declined(refund_failure(refund))),
        status => Err(unknown(&format!("the refund is {status} at Square"))),
    }
}

/// Why a refund came to nothing.
pub(super) fn refund_failure(refund: &Refund) -> Decline {
    said::decline(DeclineCode::CardDeclined, None, &format!("the refund is {} at Square", refund.status))
}

/// Where the customer goes.
pub(super) fn page(response: &Response) -> Outcome {
    if !response.is_success() {
        return Err(refusal(response, &problems(response)?));
    }
    let PaymentLink { id, url, order_id } = response.json::<WithLink>(WHO)?.payment_link;
    let order = order_id.as_deref().filter(|order| is_id(order));
    Ok(GatewayAnswer::Challenge { url, challenge_reference: Page::name(&id, order), creq: None })
}

/// The order that a page sells, if it names one.
///
/// # Errors
/// What keeps from knowing.
pub(super) fn order_of(response: &Response) -> Result<Option<String>, GatewayError> {
    if !response.is_success() {
        return Err(refusal(response, &problems(response)?));
    }
    Ok(response.json::<WithLink>(WHO)?.payment_link.order_id.filter(|id| is_id(id)))
}

/// What a page sells, and what it was paid with.
///
/// # Errors
/// What keeps from knowing.
pub(super) fn order(response: &Response) -> Result<Order, GatewayError> {
    if !response.is_success() {
        return Err(refusal(response, &problems(response)?));
    }
    Ok(response.json::<WithOrder>(WHO)?.order)
}

/// Whether a payment that was tried on a page took nothing, so that another one can be tried there.
pub(super) fn came_to_nothing(payment: &Payment) -> bool {
    matches!(payment.status.as_str(), "FAILED" | "CANCELED")
}

/// Whether a payment has our name.
pub(super) fn is_ours(payment: &Payment, tenant: &TenantId, reference: &str) -> bool {
    let name = payment.note.as_deref().and_then(Name::find);
    name.is_some_and(|name| name.tenant == *tenant && name.reference == reference)
}

/// What is wrong, in Square's own words.
///
/// # Errors
/// `Unknown` for what are no words of Square's.
pub(super) fn problems(response: &Response) -> Result<Vec<Problem>, GatewayError> {
    Ok(response.json::<Errors>(WHO)?.errors)
}

/// What a refusal is when it is no decline. A key that was used with another request refuses this one, and says nothing of
/// the first.
pub(super) fn refusal(response: &Response, problems: &[Problem]) -> GatewayError {
    let said = problems.iter().map(|one| {
        let (field, detail) =
            (one.field.as_deref().unwrap_or("-"), one.detail.as_deref().unwrap_or_default());
        format!("{} ({field}): {detail}", one.code)
    });
    let said = said.collect::<Vec<_>>().join("; ");
    // Somebody came between: the version that was named is no more, and nothing was done.
    if problems.iter().any(|one| one.code == "VERSION_MISMATCH") {
        return GatewayError::NotDone(mask_card_numbers(&said));
    }
    response.refusal(&said)
}

fn answer(response: &Response, problems: &[Problem]) -> Outcome {
    let told = if response.is_definite_refusal() { problems.iter().find_map(decline) } else { None };
    told.map(GatewayAnswer::Declined).ok_or_else(|| refusal(response, problems))
}

/// Whether what is wrong is the card that was named: there is none, or it cannot be charged.
fn is_of_the_token(problem: &Problem) -> bool {
    let names_it = matches!(problem.field.as_deref(), Some("source_id" | "customer_id"));
    problem.code == "NOT_FOUND"
        || (names_it && problem.code.starts_with("INVALID"))
        || matches!(problem.code.as_str(), "CARD_TOKEN_USED" | "CARD_TOKEN_EXPIRED")
}

fn approved(payment: &Payment, gateway_reference: &str, captured: bool) -> Outcome {
    let amount = payment.amount_money.as_ref().and_then(super::wire::Money::read);
    let Some(amount) = amount else { return Err(unknown("Square names no amount of ours")) };
    Ok(GatewayAnswer::Approved {
        gateway_reference: gateway_reference.to_owned(),
        amount,
        captured,
        response_code: None,
        acquirer: None,
        avs: checks(payment),
        sca: None,
    })
}

/// What the checks found: `Y`, `N` and `U` for the address; `M`, `N` and `U` for the code.
fn checks(payment: &Payment) -> Avs {
    let card = payment.card_details.as_ref();
    let check = |status: Option<&String>, good: &str| {
        Some(match status?.as_str() {
            status if status.ends_with("_ACCEPTED") => good.to_owned(),
            status if status.ends_with("_REJECTED") => "N".to_owned(),
            _ => "U".to_owned(),
        })
    };
    Avs {
        avs_result: check(card.and_then(|card| card.avs_status.as_ref()), "Y"),
        cvv_result: check(card.and_then(|card| card.cvv_status.as_ref()), "M"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO: &str = r#""errors":[{"category":"PAYMENT_METHOD_ERROR","code":"CVV_FAILURE","detail":"no to 4111111111111111"}]"#;

    /// What a decline left that is answered with this beside the errors.
    fn left(beside: &str) -> Option<DeclinedAt> {
        let response = Response { status: 402, body: format!("{{{NO}{beside}}}").into_bytes() };
        match authorized(&response) {
            Ok(GatewayAnswer::Declined(why)) => {
                assert_eq!(why.code, DeclineCode::IncorrectData, "{beside}");
                why.sca.and_then(|told| told.declined)
            }
            other => panic!("declined: {other:?}"),
        }
    }

    #[test]
    fn the_payment_that_failed_is_kept_with_its_checks() {
        let checked = r#""card_details":{"avs_status":"AVS_ACCEPTED","cvv_status":"CVV_REJECTED","auth_result_code":"68aLBM"}"#;
        let told = left(&format!(r#","payment":{{"id":"PAY1","status":"FAILED",{checked}}}"#));
        let avs = Avs { avs_result: Some("Y".into()), cvv_result: Some("N".into()) };
        assert_eq!(told, Some(DeclinedAt { gateway_reference: Some("PAY1".into()), acquirer: None, avs }));
    }

    #[test]
    fn a_decline_is_one_also_without_a_payment_that_failed() {
        for beside in [
            "",
            r#","payment":null"#,
            r#","payment":{"id":7}"#,
            r#","payment":{"id":"PAY1","status":"APPROVED"}"#,
        ] {
            assert_eq!(left(beside), None, "{beside}");
        }
    }
}
