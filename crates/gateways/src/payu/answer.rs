//! What PayU's answers mean: pure functions from its messages to the port's words.

use serde::de::DeserializeOwned;
use tender_domain::kernel::Money;
use tender_domain::ports::{Decline, DeclineCode, GatewayAnswer, GatewayError};

use super::call::WHO;
use super::decline;
use super::request::money;
use super::token::is_id;
use super::wire::{Created, ErrorBody, Order, Orders, PayMethod, Refund, Transactions, WithRefund};
use crate::rest::Response;
use crate::said::{self, approved, declined, unknown};

/// What became of an order that was asked for.
pub(super) enum Made {
    /// It is there; how it stands has to be asked.
    Order(String),
    /// The customer goes there first.
    Redirect { id: String, url: String },
    /// It is refused, and not made.
    Declined(Decline),
}

/// How an order stands.
pub(super) enum Standing {
    /// Nobody has paid yet, or the payment is on its way.
    Open(Money),
    /// It is paid, and waits to be confirmed.
    Held(Money),
    /// Its money was taken.
    Taken(Money),
    /// It was canceled: declined, let go or never paid.
    Canceled(Money),
}

/// The answer to an order. It is 302 with a body where the customer goes on, and 201 where a token is charged.
///
/// # Errors
/// `Unknown` for a repetition: how the first one ended it does not say.
pub(super) fn made(response: &Response) -> Result<Made, GatewayError> {
    if !is_done(response) {
        let error: ErrorBody = response.json(WHO)?;
        let status = error.status.as_ref();
        let is = |code| status.and_then(|status| status.status_code.as_deref()) == Some(code);
        if is("ERROR_ORDER_NOT_UNIQUE") {
            return Err(unknown("PayU has the order already; how it ended it does not say here"));
        }
        if response.is_definite_refusal()
            && let Some(why) = status.and_then(decline::refused)
        {
            return Ok(Made::Declined(why));
        }
        return Err(refused(response, &error));
    }
    let created: Created = response.json(WHO)?;
    let code = created.status.status_code.as_deref().unwrap_or_default();
    let Some(id) = created.order_id.filter(|id| is_id(id)) else {
        return Err(unknown("PayU's order has no id"));
    };
    match (code, created.redirect_uri) {
        ("WARNING_CONTINUE_3DS" | "WARNING_CONTINUE_REDIRECT" | "WARNING_CONTINUE_CVV", Some(url))
            if is_address(&url) =>
        {
            Ok(Made::Redirect { id, url })
        }
        // Of a page.
        ("SUCCESS", Some(url)) if response.status == 302 && is_address(&url) => {
            Ok(Made::Redirect { id, url })
        }
        ("SUCCESS", _) if response.status != 302 => Ok(Made::Order(id)),
        (code, _) => Err(unknown(&format!("PayU's order was answered with {code}, and nowhere to go on"))),
    }
}

/// The token that PayU made of a card with its first order.
///
/// # Errors
/// `NotDone` when the card has to be authenticated first, or PayU stores none.
pub(super) fn stored(response: &Response) -> Result<PayMethod, GatewayError> {
    if !is_done(response) {
        return Err(refusal(response));
    }
    let created: Created = response.json(WHO)?;
    if created.status.status_code.as_deref() != Some("SUCCESS") {
        let why =
            "PayU wants the customer to authenticate before it stores this card; take a payment on its page";
        return Err(GatewayError::NotDone(why.to_owned()));
    }
    let method = created.pay_methods.and_then(|methods| methods.pay_method);
    method.ok_or_else(|| {
        GatewayError::NotDone("PayU stored no card; this must be switched on there".to_owned())
    })
}

/// An order that was asked about; none when PayU has none of this id.
///
/// # Errors
/// What the refusal is.
pub(super) fn order(response: &Response) -> Result<Option<Order>, GatewayError> {
    match response.status {
        404 => Ok(None),
        _ if response.is_success() => Ok(response.json::<Orders>(WHO)?.orders.into_iter().next()),
        _ => Err(refusal(response)),
    }
}

/// How an order stands, by what it says.
///
/// # Errors
/// `Unknown` for a word or an amount that is new.
pub(super) fn standing(order: &Order) -> Result<Standing, GatewayError> {
    let amount = money(&order.total_amount, &order.currency_code);
    let amount = amount.ok_or_else(|| unknown("PayU names no amount of ours"))?;
    match order.status.as_str() {
        "NEW" | "PENDING" => Ok(Standing::Open(amount)),
        "WAITING_FOR_CONFIRMATION" => Ok(Standing::Held(amount)),
        "COMPLETED" => Ok(Standing::Taken(amount)),
        "CANCELED" => Ok(Standing::Canceled(amount)),
        status => Err(unknown(&format!("the order is {status} at PayU"))),
    }
}

/// Why the order of this id was canceled, by what was tried to pay it. What was authorized and let go is not done.
///
/// # Errors
/// `NotDone` for what was let go; else what keeps from knowing.
pub(super) fn canceled(response: &Response, id: &str) -> Result<GatewayAnswer, GatewayError> {
    let tried = match response.status {
        404 => Vec::new(),
        _ if response.is_success() => response.json::<Transactions>(WHO)?.transactions,
        _ => return Err(refusal(response)),
    };
    let why = decline::canceled(&tried, id);
    why.map(GatewayAnswer::Declined)
        .ok_or_else(|| GatewayError::NotDone("the payment was canceled at PayU".to_owned()))
}

/// That a capture or a cancellation was done.
///
/// # Errors
/// `NotDone` or `Unknown` for whatever else.
pub(super) fn done(response: &Response) -> Result<(), GatewayError> {
    if !response.is_success() {
        return Err(refusal(response));
    }
    let said: ErrorBody = response.json(WHO)?;
    match said.status.and_then(|status| status.status_code).as_deref() {
        Some("SUCCESS") => Ok(()),
        code => Err(unknown(&format!("PayU answered with {code:?}"))),
    }
}

/// Why a refund is refused now that may be made later: the payment has not ended, or is not in PayU's books yet, or another
/// refund of it was asked for just now.
const REFUNDED_LATER: [&str; 3] =
    ["TRANS_NOT_ENDED", "TRANS_BILLING_ENTRIES_NOT_COMPLETED", "REFUND_TO_OFTEN"];

/// A refund that was asked for, or its decline: our balance at PayU does not cover it.
///
/// # Errors
/// What any other refusal is.
pub(super) fn refund_made(response: &Response) -> Result<Result<Refund, GatewayAnswer>, GatewayError> {
    if response.is_definite_refusal() {
        let error: ErrorBody = response.json(WHO)?;
        let said = error.status.as_ref().and_then(|status| status.code_literal.as_deref());
        match said {
            Some("NO_BALANCE") => {
                let why = "the balance at PayU does not cover the refund";
                return Ok(Err(declined(DeclineCode::InsufficientFunds, why)));
            }
            Some(passes) if REFUNDED_LATER.contains(&passes) => {
                return Err(GatewayError::NotNow(format!("PayU refuses it for now: {passes}")));
            }
            _ => {}
        }
    }
    Ok(Ok(about::<WithRefund>(response)?.refund))
}

/// A refund that was asked about.
///
/// # Errors
/// What the refusal is.
pub(super) fn refund_again(response: &Response) -> Result<Refund, GatewayError> {
    about(response)
}

/// How a refund of this currency ended; none while it has no end.
///
/// # Errors
/// `Unknown` for a word or an amount that is new.
pub(super) fn refund_end(refund: &Refund, currency: &str) -> Result<Option<GatewayAnswer>, GatewayError> {
    let currency = refund.currency_code.as_deref().unwrap_or(currency);
    match refund.status.as_str() {
        "PENDING" => Ok(None),
        "FINALIZED" => {
            let amount = money(&refund.amount, currency);
            let amount = amount.ok_or_else(|| unknown("PayU names no amount of ours"))?;
            Ok(Some(approved(&refund.refund_id, amount, false)))
        }
        "CANCELED" => Ok(Some(GatewayAnswer::Declined(refund_canceled(refund)))),
        status => Err(unknown(&format!("the refund is {status} at PayU"))),
    }
}

/// Why a refund came to nothing.
pub(super) fn refund_canceled(refund: &Refund) -> Decline {
    let said = refund.reason_description.as_deref().unwrap_or("the refund was canceled at PayU");
    said::decline(DeclineCode::CardDeclined, None, said)
}

/// What was taken cannot be let go.
pub(super) fn was_taken() -> GatewayAnswer {
    let why = "the money was taken; it can only be given back";
    declined(DeclineCode::TransactionNotAllowed, why)
}

/// What was let go cannot be taken, and was not.
pub(super) fn was_let_go() -> GatewayAnswer {
    declined(DeclineCode::TransactionNotAllowed, "the payment was canceled at PayU, and the money let go")
}

/// What a refusal is when it is no decline.
pub(super) fn refusal(response: &Response) -> GatewayError {
    match response.json::<ErrorBody>(WHO) {
        Ok(error) => refused(response, &error),
        Err(nonsense) => nonsense,
    }
}

fn about<T: DeserializeOwned>(response: &Response) -> Result<T, GatewayError> {
    if response.is_success() { response.json(WHO) } else { Err(refusal(response)) }
}

fn refused(response: &Response, error: &ErrorBody) -> GatewayError {
    let status = error.status.as_ref();
    let words = [
        status.and_then(|status| status.status_code.as_deref()),
        status.and_then(|status| status.code_literal.as_deref()),
        status.and_then(|status| status.status_desc.as_deref()),
        status.and_then(|status| status.error.as_deref()),
        error.error.as_deref(),
    ];
    let words: Vec<_> = words.into_iter().flatten().collect();
    if words.is_empty() {
        // In no words of PayU's: somebody between us, who knows nothing of what PayU did.
        return unknown(&format!("PayU's answer (HTTP {}) is not understood", response.status));
    }
    response.refusal(&words.join(", "))
}

/// Whether it says that an order was made. Where customers go on it is a redirect, with a body.
const fn is_done(response: &Response) -> bool {
    response.is_success() || response.status == 302
}

fn is_address(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}
