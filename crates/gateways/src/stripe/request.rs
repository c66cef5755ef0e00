//! What is asked of Stripe: pure functions from the port's words to a request.

use secrecy::ExposeSecret;
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    Authorize, Capture, CardData, CheckMethod, Contact, GatewayError, Refund, ReplyTo, ThreeDs, Void,
};

use super::money::to_stripe;
use super::token::{Token, is_id};
use super::wire::metadata;

/// The longest text on a statement that Stripe takes.
const DESCRIPTOR_CHARS_MAX: usize = 22;

/// A call that is not sent yet. It may hold a card's number, and is printed nowhere.
pub(super) struct Request {
    /// The address below the API's own.
    pub(super) path: String,
    /// What makes a repetition have no second effect; none for a question.
    pub(super) key: Option<String>,
    /// The fields, in Stripe's spelling.
    pub(super) fields: Vec<(&'static str, String)>,
}

impl Request {
    pub(super) fn post(path: String, tenant: &TenantId, reference: &str) -> Self {
        Self { path, key: Some(format!("{tenant}/{reference}")), fields: Vec::new() }
    }

    fn plain(path: String) -> Self {
        Self { path, key: None, fields: Vec::new() }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.fields.push((name, value.into()));
        self
    }
}

/// Hands in evidence for a dispute, for good. The dispute's name is one of Stripe's.
pub(super) fn submit_evidence(to: &ReplyTo, evidence: Vec<(&'static str, String)>) -> Request {
    let path = format!("v1/disputes/{}", to.dispute_reference);
    let asked = Request::post(path, &to.tenant, &to.reference).with("submit", "true");
    evidence.into_iter().fold(asked, |asked, (name, value)| asked.with(name, value))
}

/// Gives in to a dispute.
pub(super) fn close_dispute(to: &ReplyTo) -> Request {
    Request::post(format!("v1/disputes/{}/close", to.dispute_reference), &to.tenant, &to.reference)
}

/// What a dispute is now.
pub(super) fn dispute(id: &str) -> Request {
    Request::plain(format!("v1/disputes/{id}"))
}

/// Holds or takes money: a payment intent, made and confirmed at once. `return_url` is where customers come back to
/// after a challenge; without one no challenge can be met.
///
/// # Errors
/// `NotDone` when the amount cannot be said.
pub(super) fn authorize(
    request: &Authorize,
    token: Token<'_>,
    return_url: Option<&str>,
) -> Result<Request, GatewayError> {
    let amount = to_stripe(request.amount)?;
    let mut asked = Request::post("v1/payment_intents".to_owned(), &request.tenant, &request.reference)
        .with("amount", amount.to_string())
        .with("currency", request.amount.currency().code().to_ascii_lowercase())
        .with("payment_method_types[]", "card")
        .with("payment_method", token.method)
        .with("capture_method", if request.capture { "automatic" } else { "manual" })
        .with("confirm", "true")
        .with("metadata[tender_tenant]", request.tenant.as_str())
        .with("metadata[tender_reference]", &*request.reference)
        .with("expand[]", "latest_charge");
    if let Some(customer) = token.customer {
        asked = asked.with("customer", customer);
    }
    asked = match return_url {
        _ if request.off_session => asked.with("off_session", "true"),
        Some(url) => asked.with("return_url", url),
        None => asked.with("error_on_requires_action", "true"),
    };
    if request.three_ds == ThreeDs::Force {
        asked = asked.with("payment_method_options[card][request_three_d_secure]", "challenge");
    }
    if request.sca.begins.is_some() {
        asked = asked.with("setup_future_usage", "off_session");
    }
    if let Some(descriptor) = request.statement_descriptor.as_deref().and_then(descriptor) {
        asked = asked.with("statement_descriptor_suffix", descriptor);
    }
    Ok(match &request.payer.shipping {
        Some(shipping) => with_shipping(asked, shipping),
        None => asked,
    })
}

/// Asks the issuer whether a card is good, for nothing: a setup intent, made and confirmed at once. It is for payments
/// while the customer is away, so that the issuer is asked for what it would be asked for then.
pub(super) fn set_up(request: &CheckMethod, token: Token<'_>) -> Request {
    let asked = Request::post("v1/setup_intents".to_owned(), &request.tenant, &request.reference)
        .with("payment_method_types[]", "card")
        .with("payment_method", token.method)
        .with("confirm", "true")
        .with("usage", "off_session")
        .with("metadata[tender_tenant]", request.tenant.as_str())
        .with("metadata[tender_reference]", &*request.reference)
        .with("expand[]", "latest_attempt");
    match token.customer {
        Some(customer) => asked.with("customer", customer),
        None => asked,
    }
}

/// What a setup intent is now.
pub(super) fn setup(id: &str) -> Request {
    Request::plain(format!("v1/setup_intents/{id}")).with("expand[]", "latest_attempt")
}

/// Gives a setup intent up that nobody will meet the challenge of.
pub(super) fn give_setup_up(request: &CheckMethod, id: &str) -> Request {
    let reference = format!("{}/cancel", request.reference);
    Request::post(format!("v1/setup_intents/{id}/cancel"), &request.tenant, &reference)
}

/// Where what is bought goes; Stripe takes it with a name and a street only. Whom the bill is for belongs to the payment
/// method there.
pub(super) fn with_shipping(mut asked: Request, shipping: &Contact) -> Request {
    let address = shipping.address.as_ref();
    let line1 = address.and_then(|address| address.line1.as_deref());
    let (Some(name), Some(address), Some(line1)) = (shipping.name.as_deref(), address, line1) else {
        return asked;
    };
    asked = asked.with("shipping[name]", name).with("shipping[address][line1]", line1);
    for (field, told) in [
        ("shipping[address][line2]", &address.line2),
        ("shipping[address][city]", &address.city),
        ("shipping[address][state]", &address.state),
        ("shipping[address][postal_code]", &address.postal_code),
        ("shipping[address][country]", &address.country),
        ("shipping[phone]", &shipping.phone),
    ] {
        if let Some(told) = told {
            asked = asked.with(field, told);
        }
    }
    asked
}

/// A statement's text in the characters that Stripe takes; none when nothing readable is left.
pub(super) fn descriptor(text: &str) -> Option<String> {
    let taken = |c: &char| (' '..='~').contains(c) && !matches!(c, '<' | '>' | '\\' | '\'' | '"' | '*');
    let text: String = text.chars().filter(taken).take(DESCRIPTOR_CHARS_MAX).collect();
    let text = text.trim();
    text.contains(|c: char| c.is_ascii_alphabetic()).then(|| text.to_owned())
}

/// Takes what is held; what is left of it is let go.
///
/// # Errors
/// `NotDone` for a capture that is not the last one, and for what cannot be said.
pub(super) fn capture(request: &Capture) -> Result<Request, GatewayError> {
    if !request.is_final {
        let why = "this connector takes what is held once, all or part; the rest is let go";
        return Err(GatewayError::NotDone(why.to_owned()));
    }
    let amount = to_stripe(request.amount)?;
    let path = format!("v1/payment_intents/{}/capture", intent(&request.gateway_reference)?);
    Ok(Request::post(path, &request.tenant, &request.reference)
        .with("amount_to_capture", amount.to_string())
        .with("metadata[tender_capture]", &*request.reference)
        .with("expand[]", "latest_charge"))
}

/// Lets go what is held.
///
/// # Errors
/// `NotDone` when there can be no such payment.
pub(super) fn void(request: &Void) -> Result<Request, GatewayError> {
    let path = format!("v1/payment_intents/{}/cancel", intent(&request.gateway_reference)?);
    Ok(Request::post(path, &request.tenant, &request.reference)
        .with("cancellation_reason", "requested_by_customer"))
}

/// Gives back what was taken.
///
/// # Errors
/// `NotDone` when there can be no such payment, or the amount cannot be said.
pub(super) fn refund(request: &Refund) -> Result<Request, GatewayError> {
    let amount = to_stripe(request.amount)?;
    Ok(Request::post("v1/refunds".to_owned(), &request.tenant, &request.reference)
        .with("payment_intent", intent(&request.gateway_reference)?)
        .with("amount", amount.to_string())
        .with("metadata[tender_tenant]", request.tenant.as_str())
        .with("metadata[tender_reference]", &*request.reference))
}

/// What is told of a payment now.
pub(super) fn payment(id: &str) -> Request {
    Request::plain(format!("v1/payment_intents/{id}")).with("expand[]", "latest_charge")
}

/// What is told of a refund now.
pub(super) fn refund_again(id: &str) -> Request {
    Request::plain(format!("v1/refunds/{id}"))
}

/// A page of what moved the balance from then on until just before then, after the movement at which the page before
/// ended.
pub(super) fn movements(from: i64, until: i64, after: Option<&str>) -> Request {
    let asked = Request::plain("v1/balance_transactions".to_owned())
        .with("created[gte]", from.to_string())
        .with("created[lt]", until.to_string())
        .with("limit", "100")
        .with("expand[]", "data.source");
    match after {
        Some(id) => asked.with("starting_after", id),
        None => asked,
    }
}

/// Looks for the payment with our reference in the metadata `name`; none when the reference cannot be one of ours.
pub(super) fn search(tenant: &TenantId, name: &str, reference: &str) -> Option<Request> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let query = format!("metadata['{name}']:'{reference}' AND metadata['{}']:'{tenant}'", metadata::TENANT);
    reference.bytes().all(plain).then(|| {
        Request::plain("v1/payment_intents/search".to_owned())
            .with("query", query)
            .with("limit", "2")
            .with("expand[]", "data.latest_charge")
    })
}

/// Makes a payment method of card data. It is no money: every call makes another one.
pub(super) fn card_method(card: &CardData) -> Request {
    let mut asked = Request::plain("v1/payment_methods".to_owned())
        .with("type", "card")
        .with("card[number]", card.number.expose_secret())
        .with("card[exp_month]", card.exp_month.to_string())
        .with("card[exp_year]", card.exp_year.to_string());
    if let Some(cvc) = &card.cvc {
        asked = asked.with("card[cvc]", cvc.expose_secret());
    }
    if let Some(name) = &card.holder_name {
        asked = asked.with("billing_details[name]", name);
    }
    asked
}

/// What is behind a token, with whose it is.
pub(super) fn method(token: Token<'_>) -> Request {
    Request::plain(format!("v1/payment_methods/{}", token.method)).with("expand[]", "customer")
}

/// Makes a customer who is a tenant's, for one payment method.
pub(super) fn customer(tenant: &TenantId, method: &str) -> Request {
    Request::post("v1/customers".to_owned(), tenant, &format!("customer/{method}"))
        .with("metadata[tender_tenant]", tenant.as_str())
}

/// Gives a payment method to a customer.
pub(super) fn attach(tenant: &TenantId, customer: &str, method: &str) -> Request {
    Request::post(format!("v1/payment_methods/{method}/attach"), tenant, &format!("attach/{method}"))
        .with("customer", customer)
}

fn intent(gateway_reference: &str) -> Result<&str, GatewayError> {
    if is_id(gateway_reference, "pi_") {
        return Ok(gateway_reference);
    }
    Err(GatewayError::NotDone("Stripe has no such payment".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_only_what_stripe_takes() {
        assert_eq!(descriptor("Seeblick's *Hotel* <1>").as_deref(), Some("Seeblicks Hotel 1"));
        assert_eq!(descriptor("Zürich Hauptbahnhof Nord 9").as_deref(), Some("Zrich Hauptbahnhof Nor"));
        assert_eq!((descriptor("12 34"), descriptor("")), (None, None));
    }

    #[test]
    fn nothing_but_names_is_searched_for() {
        let tenant = TenantId::sandbox();
        assert!(search(&tenant, metadata::REFERENCE, "att_01hz").is_some());
        assert!(search(&tenant, metadata::REFERENCE, "x' OR 'a'='a").is_none());
    }
}
