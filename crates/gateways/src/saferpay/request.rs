//! What is asked of Saferpay: pure functions from the port's words to a request.

use std::net::IpAddr;

use data_encoding::HEXLOWER;
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tender_domain::kernel::{Money, TenantId};
use tender_domain::ports::{
    AgreementKind, Authorize, Capture, CardData, Contact, GatewayError, Payer, Refund, SessionRequest,
    ThreeDs,
};

use super::call::WHO;
use super::token::is_transaction;
use super::wire::Amount;
use crate::name::{Kind, Name, Room};

/// The order ids that Saferpay takes.
pub(super) const NAMES: Room = Room { who: WHO, chars_max: 80 };
/// The longest text on a statement that Saferpay takes.
const NOTE_CHARS_MAX: usize = 50;
/// The longest description of what is paid for.
const DESCRIPTION_CHARS_MAX: usize = 1_000;
/// The longest part of an address.
const PART_CHARS_MAX: usize = 100;
/// The cards of the payment page; other methods end in other ways.
const CARDS: [&str; 6] = ["AMEX", "DINERS", "JCB", "MAESTRO", "MASTERCARD", "VISA"];

/// A call that is not sent yet. It may hold a card's number, and is printed nowhere.
pub(super) struct Request {
    /// Which method of the API.
    pub(super) path: &'static str,
    /// What Saferpay's log has it under ("for debugging purposes", says its specification: it keeps nothing from being done
    /// twice); none for what is only asked, or may be asked again: a new one then.
    pub(super) id: Option<String>,
    /// The message, without its header.
    pub(super) body: Value,
}

/// Holds money of a stored card whose owner is away; nobody is authenticated.
///
/// # Errors
/// `NotDone` when the amount or the name cannot be said.
pub(super) fn direct(request: &Authorize, alias: &str, terminal: &str) -> Result<Request, GatewayError> {
    let body = json!({
        "TerminalId": terminal,
        "Payment": payment(request)?,
        "PaymentMeans": {"Alias": {"Id": alias}},
        "Initiator": if request.off_session { "MERCHANT" } else { "PAYER" },
    });
    Ok(named("Transaction/AuthorizeDirect", request, body))
}

/// Begins the payment of a stored card whose owner is there and may have to be authenticated. It holds nothing yet.
///
/// # Errors
/// `NotDone` when the amount or the name cannot be said.
pub(super) fn initialize(
    request: &Authorize,
    alias: &str,
    (terminal, back): (&str, &str),
) -> Result<Request, GatewayError> {
    let mut body = json!({
        "TerminalId": terminal,
        "Payment": payment(request)?,
        "PaymentMeans": {"Alias": {"Id": alias}},
        "ReturnUrl": {"Url": back},
    });
    if request.sca.begins == Some(AgreementKind::Recurring) {
        // The flag of the first of a series (docs.saferpay.com, "Recurring Payments"): later ones may refer to it.
        body["Payment"]["Recurring"] = json!({"Initial": true});
    }
    if request.three_ds == ThreeDs::Force {
        body["Authentication"] = json!({"ThreeDsChallenge": "FORCE"});
    }
    if let Some(payer) = payer(&request.payer) {
        body["Payer"] = payer;
    }
    Ok(named("Transaction/Initialize", request, body))
}

/// Saferpay's own page for a card.
///
/// # Errors
/// `NotDone` when the amount or the name cannot be said, or there is no way back.
pub(super) fn page(
    request: &Authorize,
    session: &SessionRequest,
    (terminal, return_url): (&str, Option<&str>),
) -> Result<Request, GatewayError> {
    let Some(back) = session.return_url.as_deref().or(return_url) else {
        return Err(GatewayError::NotDone("customers have no way back from Saferpay's page".to_owned()));
    };
    let page = session.page.as_deref();
    let mut payment = payment(request)?;
    let sold = page.and_then(|page| page.reference.as_deref()).unwrap_or(&request.reference);
    payment["Description"] = cut(sold, DESCRIPTION_CHARS_MAX).into();
    let mut body = json!({
        "TerminalId": terminal,
        "Payment": payment,
        "PaymentMethods": CARDS,
        "ReturnUrl": {"Url": back},
    });
    if request.three_ds == ThreeDs::Force {
        body["Authentication"] = json!({"ThreeDsChallenge": "FORCE"});
    }
    if let Some(payer) = payer(&request.payer) {
        body["Payer"] = payer;
    }
    // Bare calls: they say that something happened, and whoever hears them asks Saferpay.
    if let Some(notify) = page.and_then(|page| page.notify_url.as_deref()) {
        body["Notification"] = json!({"SuccessNotifyUrl": notify, "FailNotifyUrl": notify});
    }
    Ok(named("PaymentPage/Initialize", request, body))
}

/// Holds the money of a transaction that was begun, once its customer has met what was wanted. Asked again, it tells the
/// same.
pub(super) fn authorize(token: &str) -> Request {
    Request { path: "Transaction/Authorize", id: None, body: json!({"Token": token}) }
}

/// What came of a page.
pub(super) fn assert(token: &str) -> Request {
    Request { path: "PaymentPage/Assert", id: None, body: json!({"Token": token}) }
}

/// What a transaction is now.
///
/// # Errors
/// `NotDone` when there can be no such payment.
pub(super) fn inquire(gateway_reference: &str) -> Result<Request, GatewayError> {
    let body = json!({"TransactionReference": {"TransactionId": transaction(gateway_reference)?}});
    Ok(Request { path: "Transaction/Inquire", id: None, body })
}

/// What became of a call of ours.
///
/// # Errors
/// `NotDone` when the name cannot be said.
pub(super) fn inquire_ours(kind: Kind, tenant: &TenantId, reference: &str) -> Result<Request, GatewayError> {
    let body = json!({"TransactionReference": {"OrderId": order_id(kind, tenant, reference)?}});
    Ok(Request { path: "Transaction/Inquire", id: None, body })
}

/// Takes what a payment holds: all of it, or so much. Saferpay does it once, whatever comes again.
pub(super) fn take(transaction: &str, amount: Option<Amount>) -> Request {
    let mut body = json!({"TransactionReference": {"TransactionId": transaction}});
    if let Some(amount) = amount {
        body["Amount"] = json!(amount);
    }
    Request { path: "Transaction/Capture", id: None, body }
}

/// Takes a part of what is held, or all of it; the rest is let go.
///
/// # Errors
/// `NotDone` when the amount cannot be said, or there can be no such payment.
pub(super) fn capture(request: &Capture) -> Result<Request, GatewayError> {
    Ok(take(transaction(&request.gateway_reference)?, Some(Amount::of(request.amount)?)))
}

/// Lets go what is held.
pub(super) fn cancel(transaction: &str) -> Request {
    let body = json!({"TransactionReference": {"TransactionId": transaction}});
    Request { path: "Transaction/Cancel", id: None, body }
}

/// Begins to give back what was taken; `capture` is what Saferpay calls the taking, when it says so. It gives back no more
/// than was taken.
///
/// # Errors
/// `NotDone` when the amount or the name cannot be said, or there can be no such payment.
pub(super) fn refund(request: &Refund, capture: Option<&str>) -> Result<Request, GatewayError> {
    let reference = match capture {
        Some(capture) => json!({"CaptureId": capture}),
        None => json!({"TransactionId": transaction(&request.gateway_reference)?}),
    };
    let body = json!({
        "Refund": {
            "Amount": Amount::of(request.amount)?,
            "OrderId": order_id(Kind::Refund, &request.tenant, &request.reference)?,
            "RestrictRefundAmountToCapturedAmount": true,
        },
        "CaptureReference": reference,
    });
    Ok(Request { path: "Transaction/Refund", id: Some(key(&request.tenant, &request.reference)), body })
}

/// Stores a card under this alias.
pub(super) fn store(card: &CardData, alias: &str) -> Request {
    let mut told = json!({
        "Number": card.number.expose_secret(),
        "ExpYear": card.exp_year,
        "ExpMonth": card.exp_month,
    });
    if let Some(name) = &card.holder_name {
        told["HolderName"] = cut(name, 50).into();
    }
    if let Some(cvc) = &card.cvc {
        told["VerificationCode"] = cvc.expose_secret().into();
    }
    let body = json!({
        "RegisterAlias": {"IdGenerator": "MANUAL", "Id": alias},
        "PaymentMeans": {"Card": told},
    });
    Request { path: "Alias/InsertDirect", id: None, body }
}

/// What is stored under an alias.
pub(super) fn stored(alias: &str) -> Request {
    Request { path: "Alias/Inquire", id: None, body: json!({"AliasId": alias}) }
}

/// The transaction that a payment is.
///
/// # Errors
/// `NotDone` when there can be no such payment.
pub(super) fn transaction(gateway_reference: &str) -> Result<&str, GatewayError> {
    if is_transaction(gateway_reference) {
        return Ok(gateway_reference);
    }
    Err(GatewayError::NotDone("Saferpay has no such payment".to_owned()))
}

/// Our name in the characters that Saferpay's order ids have. A tenant's name has no colon.
///
/// # Errors
/// `NotDone` when it is too long.
pub(super) fn order_id(kind: Kind, tenant: &TenantId, reference: &str) -> Result<String, GatewayError> {
    Ok(NAMES.name(kind, tenant, reference)?.replace('/', ":"))
}

/// A name of ours in an order id; none when it is somebody else's.
pub(super) fn name(order_id: &str) -> Option<Name> {
    Name::find(&order_id.replace(':', "/"))
}

fn named(path: &'static str, request: &Authorize, body: Value) -> Request {
    Request { path, id: Some(key(&request.tenant, &request.reference)), body }
}

fn payment(request: &Authorize) -> Result<Value, GatewayError> {
    let amount: Money = request.amount;
    let kind = Kind::of_authorization(request.capture);
    let mut payment = json!({
        "Amount": Amount::of(amount)?,
        "OrderId": order_id(kind, &request.tenant, &request.reference)?,
    });
    if let Some(text) = &request.statement_descriptor {
        payment["PayerNote"] = cut(text, NOTE_CHARS_MAX).into();
    }
    Ok(payment)
}

/// What Saferpay's log has a request under, at most 50 characters.
fn key(tenant: &TenantId, reference: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(format!("{tenant}/{reference}"))[..20])
}

/// Who pays; none when nothing is known that Saferpay takes.
fn payer(payer: &Payer) -> Option<Value> {
    let mut told = Map::new();
    match payer.browser.as_ref().and_then(|browser| browser.ip) {
        Some(IpAddr::V4(ip)) => drop(told.insert("IpAddress".to_owned(), ip.to_string().into())),
        Some(IpAddr::V6(ip)) => drop(told.insert("Ipv6Address".to_owned(), ip.to_string().into())),
        None => {}
    }
    if let Some(address) = payer.billing.as_deref().and_then(address) {
        told.insert("BillingAddress".to_owned(), address);
    }
    if let Some(address) = payer.shipping.as_deref().and_then(address) {
        told.insert("DeliveryAddress".to_owned(), address);
    }
    (!told.is_empty()).then(|| told.into())
}

fn address(contact: &Contact) -> Option<Value> {
    let (first, last) = match contact.name.as_deref().map(str::trim) {
        Some(name) => match name.rsplit_once(' ') {
            Some((first, last)) => (Some(first), Some(last)),
            None => (None, Some(name)),
        },
        None => (None, None),
    };
    let none = Default::default();
    let place = contact.address.as_ref().unwrap_or(&none);
    let parts = [
        ("FirstName", first),
        ("LastName", last),
        ("Email", contact.email.as_deref()),
        ("Phone", contact.phone.as_deref()),
        ("Street", place.line1.as_deref()),
        ("Street2", place.line2.as_deref()),
        ("Zip", place.postal_code.as_deref()),
        ("City", place.city.as_deref()),
        ("CountryCode", place.country.as_deref()),
    ];
    let known = parts.into_iter().filter_map(|(field, part)| {
        let part = cut(part?.trim(), PART_CHARS_MAX);
        (!part.is_empty()).then(|| (field.to_owned(), Value::from(part)))
    });
    let told: Map<String, Value> = known.collect();
    (!told.is_empty()).then(|| told.into())
}

fn cut(text: &str, chars_max: usize) -> String {
    text.chars().take(chars_max).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_signs_of_an_order_id_and_is_found_again() {
        let tenant = TenantId::sandbox();
        let order = order_id(Kind::Sale, &tenant, "att_1").expect("short");
        assert_eq!(order, "sale:sandbox:att_1");
        let found = name(&order).expect("ours");
        assert_eq!((found.kind, found.tenant, found.reference.as_str()), (Kind::Sale, tenant, "att_1"));
        assert_eq!(name("order 7"), None);
    }
}
