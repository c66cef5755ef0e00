//! What Saferpay's answers mean: pure functions from its messages to the port's words.

use tender_domain::kernel::Money;
use tender_domain::ports::{
    Authentication, AuthenticationFlow, AuthenticationStatus, Avs, DeclineCode, GatewayAnswer, GatewayError,
    ScaAnswer,
};

use super::call::WHO;
use super::decline::decline;
use super::wire::{Canceled, Captured, Liability, Opened, Page, Refusal, Transaction, WithTransaction};
use crate::rest::Response;
use crate::said::unknown;

/// What Saferpay calls a transaction whose customer has done nothing yet.
const NOT_STARTED: &str = "TRANSACTION_NOT_STARTED";

/// A transaction that was authorized, or the end that it came to.
pub(super) enum Reading {
    Held(Box<Held>),
    Ended(GatewayAnswer),
}

/// A transaction that was authorized.
pub(super) struct Held {
    pub(super) transaction: Transaction,
    pub(super) amount: Money,
    sca: Option<Box<ScaAnswer>>,
}

/// What is to be done before a payment that was begun is authorized.
pub(super) enum Begun {
    /// The customer goes there first; its token.
    Redirect { url: String, token: String },
    /// Nothing; its token.
    Ready(String),
    /// It ended before it was authorized.
    Ended(GatewayAnswer),
}

/// How a capture of what is held ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taking {
    /// By this call.
    Now,
    /// By another one, before it.
    Before,
}

/// The answer to an authorization, directly, after a challenge or on a page; and to a refund.
///
/// # Errors
/// `NotDone` or `Unknown` for what is neither a transaction nor a decline.
pub(super) fn authorized(response: &Response) -> Result<Reading, GatewayError> {
    if response.is_success() {
        return held(response).map(Box::new).map(Reading::Held);
    }
    let refusal: Refusal = response.json(WHO)?;
    let told = if response.is_definite_refusal() { decline(&refusal) } else { None };
    told.map(|why| Reading::Ended(GatewayAnswer::Declined(why))).ok_or_else(|| error(response, &refusal))
}

/// The answer to a question about a transaction; none when Saferpay authorized none.
///
/// # Errors
/// Whatever else keeps from knowing.
pub(super) fn found(response: &Response) -> Result<Option<Held>, GatewayError> {
    if response.is_success() {
        return held(response).map(Some);
    }
    let refusal: Refusal = response.json(WHO)?;
    if response.is_definite_refusal() && refusal.error_name == "TRANSACTION_NOT_FOUND" {
        return Ok(None);
    }
    Err(error(response, &refusal))
}

/// What is to be done before a payment that was begun is authorized.
///
/// # Errors
/// When it was not begun.
pub(super) fn begun(response: &Response) -> Result<Begun, GatewayError> {
    if !response.is_success() {
        return match authorized(response)? {
            Reading::Ended(answer) => Ok(Begun::Ended(answer)),
            Reading::Held(_) => Err(unknown("Saferpay authorized what was only begun")),
        };
    }
    let Opened { token, redirect_required, redirect } = response.json(WHO)?;
    match (redirect_required, redirect) {
        (false, _) => Ok(Begun::Ready(token)),
        (true, Some(redirect)) => Ok(Begun::Redirect { url: redirect.redirect_url, token }),
        (true, None) => Err(unknown("Saferpay wants the customer, and does not say where")),
    }
}

/// Where a payment page is: its address and its token.
///
/// # Errors
/// When there is none.
pub(super) fn page(response: &Response) -> Result<Page, GatewayError> {
    if response.is_success() { response.json(WHO) } else { Err(refusal(response)) }
}

/// The answer to a capture.
///
/// # Errors
/// `NotDone` or `Unknown` for whatever else.
pub(super) fn taken(response: &Response) -> Result<Taking, GatewayError> {
    if !response.is_success() {
        let refusal: Refusal = response.json(WHO)?;
        let is_taken = response.is_definite_refusal() && refusal.error_name == "TRANSACTION_ALREADY_CAPTURED";
        return if is_taken { Ok(Taking::Before) } else { Err(error(response, &refusal)) };
    }
    match response.json::<Captured>(WHO)?.status.as_str() {
        "CAPTURED" => Ok(Taking::Now),
        status => Err(unknown(&format!("the capture is {status} at Saferpay"))),
    }
}

/// That the transaction of this id was let go.
///
/// # Errors
/// `NotDone` or `Unknown` for whatever else.
pub(super) fn canceled(response: &Response, id: &str) -> Result<(), GatewayError> {
    if !response.is_success() {
        return Err(refusal(response));
    }
    let Canceled { transaction_id } = response.json(WHO)?;
    if transaction_id == id { Ok(()) } else { Err(unknown("Saferpay let another transaction go")) }
}

/// Whether it says that the customer has not met what is wanted: nothing is authorized, and it can be met yet.
pub(super) fn is_not_started(response: &Response) -> bool {
    let refusal = response.json::<Refusal>(WHO);
    response.is_definite_refusal() && refusal.is_ok_and(|refusal| refusal.error_name == NOT_STARTED)
}

/// What a refusal is when it is no decline.
pub(super) fn refusal(response: &Response) -> GatewayError {
    match response.json::<Refusal>(WHO) {
        Ok(refusal) => error(response, &refusal),
        Err(nonsense) => nonsense,
    }
}

fn error(response: &Response, refusal: &Refusal) -> GatewayError {
    let message = refusal.error_message.as_deref().unwrap_or_default();
    let said = format!("{}: {message} {}", refusal.error_name, refusal.error_detail.join("; "));
    let is_open = match refusal.error_name.as_str() {
        // The customer has not come to the page, or has not done what is wanted there.
        NOT_STARTED => true,
        // Saferpay itself did not hear from who decides.
        "COMMUNICATION_FAILED" | "COMMUNICATION_TIMEOUT" | "INTERNAL_ERROR" => true,
        name => name.starts_with("UNEXPECTED_ERROR"),
    };
    if is_open { unknown(&said) } else { response.refusal(said.trim()) }
}

fn held(response: &Response) -> Result<Held, GatewayError> {
    let WithTransaction { transaction, liability } = response.json(WHO)?;
    let amount = transaction.amount.read();
    let amount = amount.ok_or_else(|| unknown("Saferpay names no amount of ours"))?;
    Ok(Held { transaction, amount, sca: liability.as_ref().and_then(sca).map(Box::new) })
}

impl Held {
    /// It was done, for what Saferpay says.
    pub(super) fn approved(&self, captured: bool) -> GatewayAnswer {
        GatewayAnswer::Approved {
            gateway_reference: self.transaction.id.clone(),
            amount: self.amount,
            captured,
            response_code: None,
            acquirer: self.transaction.acquirer_name.clone(),
            avs: Avs::default(),
            sca: self.sca.clone(),
        }
    }
}

/// What came of authentication; none where Saferpay says that there was none.
fn sca(liability: &Liability) -> Option<ScaAnswer> {
    use {AuthenticationFlow as Flow, AuthenticationStatus as Status};
    let (status, flow) = match liability.three_ds.as_ref()?.authentication_type.as_deref()? {
        "STRONG_CUSTOMER_AUTHENTICATION" => (Status::Y, Flow::Challenge),
        "FRICTIONLESS" => (Status::Y, Flow::Frictionless),
        "ATTEMPT" => (Status::A, Flow::Frictionless),
        _ => return None,
    };
    let liability_shift = liability.liability_shift;
    let authentication =
        Authentication { version: None, status, eci: None, liability_shift, flow, ds_transaction_id: None };
    Some(ScaAnswer { authentication: Some(authentication), ..ScaAnswer::default() })
}

/// What was let go is nothing for who still waits for its authorization.
pub(super) fn was_let_go() -> GatewayAnswer {
    crate::said::declined(
        DeclineCode::TransactionNotAllowed,
        "the payment was canceled at Saferpay, and the money let go",
    )
}

/// That money was taken that is to be let go.
pub(super) fn was_taken() -> GatewayAnswer {
    crate::said::declined(
        DeclineCode::TransactionNotAllowed,
        "the money was taken; it can only be given back",
    )
}
