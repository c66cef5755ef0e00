//! What PayPal's answers mean: pure functions from its messages to the port's words.

use tender_domain::kernel::{Money, TenantId};
use tender_domain::ports::{Decline, DeclineCode, GatewayAnswer, GatewayError, ScaAnswer};

use super::call::Response;
use super::decline::{decline, declined, letters, of_the_order};
use super::money::from_paypal;
use super::refusal::object;
use super::request::custom_id;
use super::wire::{Movement, NetworkReference, Order, Payments, ProcessorResponse};

type Outcome = Result<GatewayAnswer, GatewayError>;

/// An outcome, or the id of a refund that PayPal had not ended when it answered.
pub(super) enum Reading {
    Ended(Outcome),
    Unfinished(String),
}

/// The answer to an authorization.
pub(super) fn authorized(response: &Response) -> Outcome {
    match object::<Order>(response)? {
        Ok(order) => payment(&order),
        Err(refusal) if refusal.is_of_the_token() => Ok(no_token()),
        Err(refusal) => refusal.answer(),
    }
}

/// The answer to what completes the payment of this order. What is refused before it is tried has no other name than the
/// order's.
pub(super) fn completed(response: &Response, order: &str) -> Outcome {
    authorized(response).map(|answer| of_the_order(answer, order))
}

/// What an order says of its payment.
pub(super) fn payment(order: &Order) -> Outcome {
    let none = Payments::default();
    let payments = order.purchase_units.first().and_then(|unit| unit.payments.as_ref()).unwrap_or(&none);
    // What was taken at once has no authorization.
    if let Some(held) = payments.authorizations.first() {
        return match held.status.as_str() {
            "CREATED" | "CAPTURED" | "PARTIALLY_CAPTURED" => approved(&order.id, held, false),
            "VOIDED" => {
                Err(GatewayError::NotDone("PayPal has let the money go that the order held".to_owned()))
            }
            "DENIED" => Ok(declined(&held.id, held.processor_response.as_ref())),
            status => unknown(&format!("the authorization is {status} at PayPal")),
        };
    }
    if let Some(taken) = payments.captures.first() {
        return match taken.status.as_str() {
            "COMPLETED" | "REFUNDED" | "PARTIALLY_REFUNDED" => approved(&order.id, taken, true),
            "DECLINED" | "FAILED" => Ok(declined(&taken.id, taken.processor_response.as_ref())),
            status => unknown(&format!("the capture is {status} at PayPal")),
        };
    }
    match order.status.as_str() {
        "PAYER_ACTION_REQUIRED" => challenge(order),
        "CREATED" if is_of_wallet(order) => challenge(order),
        "VOIDED" => Err(GatewayError::NotDone("the order was voided at PayPal".to_owned())),
        status => unknown(&format!("the order is {status} at PayPal, and nothing was paid")),
    }
}

fn challenge(order: &Order) -> Outcome {
    match order.links.iter().find(|link| matches!(link.rel.as_str(), "payer-action" | "approve")) {
        Some(link) => Ok(GatewayAnswer::Challenge {
            url: link.href.clone(),
            challenge_reference: order.id.clone(),
            creq: None,
        }),
        None => unknown("PayPal asks for an action and does not say where"),
    }
}

/// Whether the customer failed to authenticate, so that nothing is to be paid.
pub(super) fn failed_authentication(order: &Order) -> Option<GatewayAnswer> {
    let card = order.payment_source.as_ref()?.card.as_ref()?;
    let status =
        card.authentication_result.as_ref()?.three_d_secure.as_ref()?.authentication_status.as_deref()?;
    // Failed, or rejected by the issuer.
    matches!(status, "N" | "R").then(|| {
        let why = Decline {
            sca: None,
            code: DeclineCode::AuthenticationFailed,
            network_code: None,
            message: "the customer was not authenticated".to_owned(),
        };
        of_the_order(GatewayAnswer::Declined(why), &order.id)
    })
}

/// Whether an order is to be approved on PayPal's own pages.
pub(super) fn is_of_wallet(order: &Order) -> bool {
    let approve = |link: &super::wire::Link| link.rel == "approve";
    order.payment_source.as_ref().is_some_and(|source| source.paypal.is_some())
        || order.links.iter().any(approve)
}

/// Whose an order is, by the name that we gave it.
pub(super) fn owner(order: &Order) -> Option<TenantId> {
    let named = order.purchase_units.first().and_then(|unit| unit.custom_id.as_deref())?;
    named.split_once('/')?.0.parse().ok()
}

/// Whether an order has our name.
pub(super) fn is_ours(order: &Order, tenant: &TenantId, reference: &str) -> bool {
    let named = order.purchase_units.first().and_then(|unit| unit.custom_id.as_deref());
    named == Some(custom_id(tenant, reference).as_str())
}

/// The authorization or the capture of an order, for what is to be done with it.
///
/// # Errors
/// `NotDone` when the order has none.
pub(super) fn of_order<'a>(
    order: &'a Order,
    which: impl Fn(&'a Payments) -> &'a [Movement],
) -> Result<&'a str, GatewayError> {
    let payments = order.purchase_units.first().and_then(|unit| unit.payments.as_ref());
    let found = payments.and_then(|payments| which(payments).first());
    found
        .map(|movement| movement.id.as_str())
        .ok_or_else(|| GatewayError::NotDone("the payment has nothing of that kind at PayPal".to_owned()))
}

/// The answer to a capture.
pub(super) fn captured(response: &Response) -> Outcome {
    match object::<Movement>(response)? {
        Ok(taken) => match taken.status.as_str() {
            "COMPLETED" => approved(&taken.id, &taken, true),
            "DECLINED" | "FAILED" => Ok(GatewayAnswer::Declined(decline(taken.processor_response.as_ref()))),
            status => unknown(&format!("the capture is {status} at PayPal")),
        },
        Err(refusal) => refusal.answer(),
    }
}

/// The answer to a void. What was let go before, by anybody, is let go; what was taken before cannot be.
pub(super) fn voided(response: &Response, authorization: &Movement) -> Outcome {
    let refusal = match object::<Movement>(response)? {
        Ok(held) if held.status == "VOIDED" => return approved(&held.id, &held, false),
        Ok(held) => return unknown(&format!("the voided authorization is {} at PayPal", held.status)),
        Err(refusal) => refusal,
    };
    if refusal.is("PREVIOUSLY_VOIDED") || refusal.is("AUTHORIZATION_VOIDED") {
        return approved(&authorization.id, authorization, false);
    }
    if refusal.is("PREVIOUSLY_CAPTURED") || refusal.is("AUTHORIZATION_ALREADY_CAPTURED") {
        return Ok(GatewayAnswer::Declined(Decline {
            sca: None,
            code: DeclineCode::TransactionNotAllowed,
            network_code: None,
            message: "the money was taken; it can only be given back".to_owned(),
        }));
    }
    refusal.answer()
}

/// The answer to a refund.
pub(super) fn refunded(response: &Response) -> Result<Reading, GatewayError> {
    Ok(match object::<Movement>(response)? {
        Ok(refund) if refund.status == "PENDING" => Reading::Unfinished(refund.id),
        Ok(refund) => Reading::Ended(refund_end(&refund)),
        Err(refusal) if refusal.is("REFUND_FAILED_INSUFFICIENT_FUNDS") => {
            let why = "the balance at PayPal does not cover the refund";
            Reading::Ended(Ok(GatewayAnswer::Declined(Decline {
                sca: None,
                code: DeclineCode::InsufficientFunds,
                network_code: None,
                message: why.to_owned(),
            })))
        }
        // The payer's money, from a bank account, is still on its way to us.
        Err(refusal) if refusal.is("PENDING_CAPTURE") => {
            Reading::Ended(Err(GatewayError::NotNow("what is to be refunded is not settled yet".to_owned())))
        }
        Err(refusal) => Reading::Ended(refusal.answer()),
    })
}

/// How a refund ended.
pub(super) fn refund_end(refund: &Movement) -> Outcome {
    match refund.status.as_str() {
        "COMPLETED" => approved(&refund.id, refund, false),
        "FAILED" | "CANCELLED" => Ok(GatewayAnswer::Declined(Decline {
            sca: None,
            code: DeclineCode::CardDeclined,
            network_code: None,
            message: format!("the refund is {} at PayPal", refund.status),
        })),
        status => unknown(&format!("the refund is {status} at PayPal")),
    }
}

/// The decline of a token that PayPal does not know.
pub(super) fn no_token() -> GatewayAnswer {
    GatewayAnswer::Declined(Decline {
        sca: None,
        code: DeclineCode::InvalidToken,
        network_code: None,
        message: "PayPal does not know the token, or it is another tenant's".to_owned(),
    })
}

/// The decline of what must be authenticated and cannot be, before anything is sent.
pub(super) fn cannot_authenticate(why: &str) -> GatewayAnswer {
    GatewayAnswer::Declined(Decline {
        sca: None,
        code: DeclineCode::AuthenticationRequired,
        network_code: None,
        message: format!("the payment must be authenticated, and {why}"),
    })
}

fn approved(gateway_reference: &str, movement: &Movement, captured: bool) -> Outcome {
    let Some(amount) = movement.amount.as_ref().and_then(from_paypal) else {
        return unknown("PayPal names no amount of ours");
    };
    let said = Said {
        processor: movement.processor_response.as_ref(),
        network: movement.network_transaction_reference.as_ref(),
    };
    Ok(said.approved(gateway_reference, amount, captured))
}

/// What the processor and the card's network said of a payment, in an answer or an event.
pub(super) struct Said<'a> {
    pub(super) processor: Option<&'a ProcessorResponse>,
    pub(super) network: Option<&'a NetworkReference>,
}

impl Said<'_> {
    /// It was done: under this name, for so much.
    pub(super) fn approved(&self, gateway_reference: &str, amount: Money, captured: bool) -> GatewayAnswer {
        let named = |id| ScaAnswer { network_transaction_id: Some(id), ..ScaAnswer::default() };
        GatewayAnswer::Approved {
            sca: self.network.and_then(|network| network.id.clone()).map(named).map(Box::new),
            gateway_reference: gateway_reference.to_owned(),
            amount,
            captured,
            response_code: self.processor.and_then(|response| response.response_code.clone()),
            acquirer: None,
            avs: letters(self.processor),
        }
    }
}

fn unknown(why: &str) -> Outcome {
    Err(GatewayError::Unknown(tender_domain::kernel::mask_card_numbers(why)))
}
