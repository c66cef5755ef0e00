//! What is asked of Square: pure functions from the port's words to a request.

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tender_domain::kernel::TenantId;
use tender_domain::ports::{Authorize, Capture, Contact, GatewayError, Refund, SessionRequest};

use super::call::WHO;
use super::token::{Token, is_id};
use super::wire::Money;
use crate::name::{Kind, Room};

/// The notes that Square takes.
pub(super) const NOTES: Room = Room { who: WHO, chars_max: 192 };
/// The longest text on a statement that Square takes.
const DESCRIPTOR_CHARS_MAX: usize = 20;
/// The longest name of what a page sells.
const NAME_CHARS_MAX: usize = 255;

/// A call that is not sent yet.
pub(super) struct Request {
    /// The address below the API's own.
    pub(super) path: String,
    pub(super) body: Value,
}

/// Holds or takes money of a stored card.
///
/// # Errors
/// `NotDone` when the amount or the name cannot be said.
pub(super) fn authorize(
    request: &Authorize,
    token: Token<'_>,
    location: &str,
) -> Result<Request, GatewayError> {
    let mut body = json!({
        "source_id": token.card,
        "customer_id": token.customer,
        "idempotency_key": key(&request.tenant, &request.reference),
        "amount_money": Money::of(request.amount)?,
        "autocomplete": request.capture,
        "location_id": location,
        "note": name(request)?,
        "customer_details": {"customer_initiated": !request.off_session},
    });
    if request.reference.len() <= 40 {
        body["reference_id"] = request.reference.as_str().into();
    }
    if !request.capture {
        // Let go by itself after a week, as the port says that it is.
        body["delay_duration"] = "PT168H".into();
        body["delay_action"] = "CANCEL".into();
    }
    if let Some(text) = request.statement_descriptor.as_deref().and_then(descriptor) {
        body["statement_description_identifier"] = text.into();
    }
    if let Some(billing) = &request.payer.billing {
        if let Some(email) = &billing.email {
            body["buyer_email_address"] = email.as_str().into();
        }
        if let Some(address) = address(billing) {
            body["billing_address"] = address;
        }
    }
    if let Some(address) = request.payer.shipping.as_deref().and_then(address) {
        body["shipping_address"] = address;
    }
    Ok(Request { path: "v2/payments".to_owned(), body })
}

/// A page of Square's. What is paid there is taken at once.
///
/// # Errors
/// `NotDone` when the amount or the name cannot be said, when money is only to be held, or there is no way back.
pub(super) fn page(
    request: &Authorize,
    session: &SessionRequest,
    (location, return_url): (&str, Option<&str>),
) -> Result<Request, GatewayError> {
    if !request.capture {
        return Err(GatewayError::NotDone("Square's page takes money at once, and holds none".to_owned()));
    }
    let Some(back) = session.return_url.as_deref().or(return_url) else {
        return Err(GatewayError::NotDone("customers have no way back from Square's page".to_owned()));
    };
    let page = session.page.as_deref();
    let sold = page.and_then(|page| page.reference.as_deref()).unwrap_or(&request.reference);
    let mut body = json!({
        "idempotency_key": key(&request.tenant, &request.reference),
        "quick_pay": {
            "name": sold.chars().take(NAME_CHARS_MAX).collect::<String>(),
            "price_money": Money::of(request.amount)?,
            "location_id": location,
        },
        "checkout_options": {"redirect_url": back},
        "payment_note": name(request)?,
    });
    if let Some(email) = page.and_then(|page| page.payer_email.as_deref()) {
        body["pre_populated_data"] = json!({"buyer_email": email});
    }
    Ok(Request { path: "v2/online-checkout/payment-links".to_owned(), body })
}

/// Makes a payment that is held to be of the amount that is taken.
///
/// # Errors
/// `NotDone` when the amount cannot be said, or there can be no such payment.
pub(super) fn resize(request: &Capture) -> Result<Request, GatewayError> {
    let path = format!("v2/payments/{}", payment(&request.gateway_reference)?);
    let body = json!({
        "idempotency_key": key(&request.tenant, &request.reference),
        "payment": {"amount_money": Money::of(request.amount)?},
    });
    Ok(Request { path, body })
}

/// Takes what a payment holds, in this version of it.
pub(super) fn complete(payment: &str, version: &str) -> Request {
    Request { path: format!("v2/payments/{payment}/complete"), body: json!({"version_token": version}) }
}

/// Lets go what is held.
pub(super) fn cancel(payment: &str) -> Request {
    Request { path: format!("v2/payments/{payment}/cancel"), body: json!({}) }
}

/// Gives back what was taken.
///
/// # Errors
/// `NotDone` when the amount or the name cannot be said, or there can be no such payment.
pub(super) fn refund(request: &Refund) -> Result<Request, GatewayError> {
    let body = json!({
        "idempotency_key": key(&request.tenant, &request.reference),
        "payment_id": payment(&request.gateway_reference)?,
        "amount_money": Money::of(request.amount)?,
        "reason": NOTES.name(Kind::Refund, &request.tenant, &request.reference)?,
    });
    Ok(Request { path: "v2/refunds".to_owned(), body })
}

/// A customer for a card that is stored, the same for the same card.
pub(super) fn customer(tenant: &TenantId, nonce: &str, reference: &str) -> Request {
    let body = json!({
        "idempotency_key": key(tenant, &format!("customer {nonce}")),
        "given_name": "Tender",
        "reference_id": reference,
    });
    Request { path: "v2/customers".to_owned(), body }
}

/// Stores what a client's form made.
pub(super) fn store(tenant: &TenantId, nonce: &str, customer: &str) -> Request {
    let body = json!({
        "idempotency_key": key(tenant, &format!("card {nonce}")),
        "source_id": nonce,
        "card": {"customer_id": customer},
    });
    Request { path: "v2/cards".to_owned(), body }
}

/// The payment that a name is.
///
/// # Errors
/// `NotDone` when there can be no such payment.
pub(super) fn payment(gateway_reference: &str) -> Result<&str, GatewayError> {
    if is_id(gateway_reference) {
        return Ok(gateway_reference);
    }
    Err(GatewayError::NotDone("Square has no such payment".to_owned()))
}

fn name(request: &Authorize) -> Result<String, GatewayError> {
    NOTES.name(Kind::of_authorization(request.capture), &request.tenant, &request.reference)
}

/// What makes a repetition have no second effect: at most 45 characters, of no tenant but its own.
pub(super) fn key(tenant: &TenantId, reference: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(format!("{tenant}/{reference}"))[..20])
}

/// An address with a country, without which Square takes none.
fn address(contact: &Contact) -> Option<Value> {
    let address = contact.address.as_ref()?;
    let mut told = json!({"country": address.country.as_deref()?});
    for (field, part) in [
        ("address_line_1", &address.line1),
        ("address_line_2", &address.line2),
        ("locality", &address.city),
        ("administrative_district_level_1", &address.state),
        ("postal_code", &address.postal_code),
    ] {
        if let Some(part) = part {
            told[field] = part.as_str().into();
        }
    }
    Some(told)
}

/// A statement's text in the characters that Square takes; none when nothing readable is left.
fn descriptor(text: &str) -> Option<String> {
    let taken = |c: &char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '-');
    let text: String = text.chars().filter(taken).take(DESCRIPTOR_CHARS_MAX).collect();
    let text = text.trim();
    text.contains(|c: char| c.is_ascii_alphabetic()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_short_and_of_its_tenant_alone() {
        let tenant = |name: &str| name.parse::<TenantId>().expect("a tenant");
        let own = key(&tenant("acme"), "att_1");
        assert!(own.len() <= 45 && own == key(&tenant("acme"), "att_1"));
        assert_ne!(own, key(&tenant("other"), "att_1"));
        assert_ne!(own, key(&tenant("acme"), "att_2"));
    }
}
