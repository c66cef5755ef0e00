//! What is asked of PayPal: pure functions from the port's words to a request.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha2::Sha256;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    AgreementKind, Authorize, Capture, CardData, CompleteChallenge, Contact, GatewayError, Refund,
    SessionRequest, ThreeDs, Void,
};

use super::money::to_paypal;
use super::token::is_id;

/// The longest text on a statement that PayPal takes.
const DESCRIPTOR_CHARS_MAX: usize = 22;
/// The longest description of what is paid for.
const DESCRIPTION_CHARS_MAX: usize = 127;

/// A call that is not sent yet. It may hold a card's number, and is printed nowhere.
pub(super) struct Request {
    /// The address below the API's own.
    pub(super) path: String,
    /// What makes a repetition have no second effect, at most 108 characters.
    pub(super) key: String,
    pub(super) body: Value,
}

/// Holds or takes money: an order, made and paid at once. `return_url` is where customers come back to after a challenge;
/// without one no challenge can be met.
///
/// # Errors
/// `NotDone` when the amount cannot be said.
pub(super) fn authorize(
    request: &Authorize,
    payment_token: &str,
    return_url: Option<&str>,
) -> Result<Request, GatewayError> {
    let mut unit = json!({
        "custom_id": custom_id(&request.tenant, &request.reference),
        "amount": to_paypal(request.amount)?,
    });
    if let Some(text) = request.statement_descriptor.as_deref().and_then(descriptor) {
        unit["soft_descriptor"] = text.into();
    }
    if let Some(shipping) = request.payer.shipping.as_deref().and_then(shipping) {
        unit["shipping"] = shipping;
    }
    let mut card = json!({"vault_id": payment_token, "stored_credential": made_on(request)});
    if let Some(url) = return_url.filter(|_| !request.off_session) {
        let method = if request.three_ds == ThreeDs::Force { "SCA_ALWAYS" } else { "SCA_WHEN_REQUIRED" };
        card["attributes"] = json!({"verification": {"method": method}});
        card["experience_context"] = json!({"return_url": url, "cancel_url": url});
    }
    let body = json!({
        "intent": if request.capture { "CAPTURE" } else { "AUTHORIZE" },
        "purchase_units": [unit],
        "payment_source": {"card": card},
    });
    Ok(effect("v2/checkout/orders".to_owned(), &request.tenant, &request.reference, body))
}

/// Who has the stored card charged, and on what
/// (<https://developer.paypal.com/api/orders/v2/#definition-card_stored_credential>).
fn made_on(request: &Authorize) -> Value {
    let kind = |kind: AgreementKind| match kind {
        AgreementKind::Recurring => "RECURRING",
        AgreementKind::Unscheduled => "UNSCHEDULED",
    };
    let said = |initiator: &str, kind: &str, usage: &str| json!({"payment_initiator": initiator, "payment_type": kind, "usage": usage});
    if request.off_session {
        let agreement = request.sca.agreement.as_ref();
        let on = agreement.map_or(AgreementKind::Unscheduled, |agreement| agreement.kind);
        let mut said = said("MERCHANT", kind(on), "SUBSEQUENT");
        if let Some(id) = agreement.and_then(|agreement| agreement.network_transaction_id.as_deref()) {
            said["previous_network_transaction_reference"] = json!({"id": id});
        }
        return said;
    }
    match request.sca.begins {
        Some(begins) => said("CUSTOMER", kind(begins), "FIRST"),
        None => said("CUSTOMER", "ONE_TIME", "SUBSEQUENT"),
    }
}

/// An order that the customer approves on PayPal's own pages, with whatever is in the wallet there.
///
/// # Errors
/// `NotDone` when the amount cannot be said, or there is no way back from PayPal.
pub(super) fn wallet(
    request: &Authorize,
    session: &SessionRequest,
    return_url: Option<&str>,
) -> Result<Request, GatewayError> {
    let Some(back) = session.return_url.as_deref().or(return_url) else {
        return Err(GatewayError::NotDone("customers have no way back from PayPal".to_owned()));
    };
    let page = session.page.as_deref();
    let cancel = page.and_then(|page| page.cancel_url.as_deref()).unwrap_or(back);
    let mut unit = json!({
        "custom_id": custom_id(&request.tenant, &request.reference),
        "amount": to_paypal(request.amount)?,
    });
    if let Some(text) = request.statement_descriptor.as_deref().and_then(descriptor) {
        unit["soft_descriptor"] = text.into();
    }
    if let Some(text) = page.and_then(|page| page.reference.as_deref()) {
        unit["description"] = text.chars().take(DESCRIPTION_CHARS_MAX).collect::<String>().into();
    }
    let context = json!({"return_url": back, "cancel_url": cancel, "user_action": "PAY_NOW",
        "shipping_preference": "NO_SHIPPING"});
    let mut paypal = json!({"experience_context": context});
    if let Some(email) = page.and_then(|page| page.payer_email.as_deref()) {
        paypal["email_address"] = email.into();
    }
    let body = json!({
        "intent": if request.capture { "CAPTURE" } else { "AUTHORIZE" },
        "purchase_units": [unit],
        "payment_source": {"paypal": paypal},
    });
    Ok(effect("v2/checkout/orders".to_owned(), &request.tenant, &request.reference, body))
}

/// Pays an order whose challenge was met.
pub(super) fn complete(request: &CompleteChallenge, order: &str, capture: bool) -> Request {
    let verb = if capture { "capture" } else { "authorize" };
    let reference = format!("{}/complete", request.reference);
    effect(format!("v2/checkout/orders/{order}/{verb}"), &request.tenant, &reference, json!({}))
}

/// Takes what is held; what is left of it is let go.
///
/// # Errors
/// `NotDone` when the amount cannot be said.
pub(super) fn capture(request: &Capture, authorization: &str) -> Result<Request, GatewayError> {
    // By it its webhook is told from that of a capture that a person made.
    let invoice_id = custom_id(&request.tenant, &request.reference);
    let body = json!({"amount": to_paypal(request.amount)?, "final_capture": true, "invoice_id": invoice_id});
    let path = format!("v2/payments/authorizations/{authorization}/capture");
    Ok(effect(path, &request.tenant, &request.reference, body))
}

/// Lets go what is held.
pub(super) fn void(request: &Void, authorization: &str) -> Request {
    let path = format!("v2/payments/authorizations/{authorization}/void");
    effect(path, &request.tenant, &request.reference, json!({}))
}

/// Gives back what was taken.
///
/// # Errors
/// `NotDone` when the amount cannot be said.
pub(super) fn refund(request: &Refund, capture: &str) -> Result<Request, GatewayError> {
    let custom_id = custom_id(&request.tenant, &request.reference);
    let body = json!({"amount": to_paypal(request.amount)?, "custom_id": custom_id});
    let path = format!("v2/payments/captures/{capture}/refund");
    Ok(effect(path, &request.tenant, &request.reference, body))
}

/// Puts a card into PayPal's vault. It is no money; the same card of a tenant under the same key is put in once.
pub(super) fn store(card: &CardData, tenant: &TenantId, customer: &str, secret: &SecretString) -> Request {
    let mut source = json!({
        "number": card.number.expose_secret(),
        "expiry": format!("{:04}-{:02}", card.exp_year, card.exp_month),
    });
    if let Some(cvc) = &card.cvc {
        source["security_code"] = cvc.expose_secret().into();
    }
    if let Some(name) = &card.holder_name {
        source["name"] = name.as_str().into();
    }
    let body = json!({
        "customer": {"merchant_customer_id": customer},
        "payment_source": {"card": source},
    });
    let key = secret.expose_secret().as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(format!("tender card {tenant} {:04}-{:02} ", card.exp_year, card.exp_month).as_bytes());
    mac.update(card.number.expose_secret().as_bytes());
    let key = HEXLOWER.encode(&mac.finalize().into_bytes());
    Request { path: "v3/vault/payment-tokens".to_owned(), key, body }
}

/// The name of a call of ours, in PayPal's words its custom id.
pub(super) fn custom_id(tenant: &TenantId, reference: &str) -> String {
    format!("{tenant}/{reference}")
}

/// The id of an order in what a challenge ended with: itself, or the query of the address the customer came back to.
pub(super) fn brought(result: &str) -> Option<String> {
    let query = result.rsplit('?').next().unwrap_or_default();
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let named = pairs.find(|(name, _)| name == "token" || name == "order_id");
    let id = named.map_or_else(|| result.to_owned(), |(_, id)| id.into_owned());
    is_id(&id).then_some(id)
}

/// The order that a payment is at PayPal.
///
/// # Errors
/// `NotDone` when there can be no such payment.
pub(super) fn order(gateway_reference: &str) -> Result<&str, GatewayError> {
    if is_id(gateway_reference) {
        return Ok(gateway_reference);
    }
    Err(GatewayError::NotDone("PayPal has no such payment".to_owned()))
}

fn effect(path: String, tenant: &TenantId, reference: &str, body: Value) -> Request {
    Request { path, key: custom_id(tenant, reference), body }
}

/// Where what is bought goes; none without a country, which PayPal demands.
fn shipping(contact: &Contact) -> Option<Value> {
    let address = contact.address.as_ref()?;
    let mut told = json!({"country_code": address.country.as_deref()?});
    for (field, part) in [
        ("address_line_1", &address.line1),
        ("address_line_2", &address.line2),
        ("admin_area_2", &address.city),
        ("admin_area_1", &address.state),
        ("postal_code", &address.postal_code),
    ] {
        if let Some(part) = part {
            told[field] = part.as_str().into();
        }
    }
    let mut shipping = json!({"address": told});
    if let Some(name) = &contact.name {
        shipping["name"] = json!({"full_name": name});
    }
    Some(shipping)
}

/// A statement's text in the characters that PayPal takes; none when nothing readable is left.
fn descriptor(text: &str) -> Option<String> {
    let taken = |c: &char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '-' | '*');
    let text: String = text.chars().filter(taken).take(DESCRIPTOR_CHARS_MAX).collect();
    let text = text.trim();
    text.contains(|c: char| c.is_ascii_alphabetic()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_browser_brings_is_an_order_or_nothing() {
        for (result, order) in [
            (
                "https://shop.example.com/back?order=7&token=5O190127TN364715T&PayerID=X",
                Some("5O190127TN364715T"),
            ),
            ("token=5O190127TN364715T", Some("5O190127TN364715T")),
            ("5O190127TN364715T", Some("5O190127TN364715T")),
            ("token=../payments", None),
            ("", None),
            ("two words", None),
        ] {
            assert_eq!(brought(result).as_deref(), order, "{result}");
        }
    }

    #[test]
    fn a_statement_has_only_what_paypal_takes() {
        assert_eq!(descriptor("Seeblick's *Hotel* <1>").as_deref(), Some("Seeblicks *Hotel* 1"));
        assert_eq!((descriptor("12 34"), descriptor("")), (None, None));
    }
}
