//! Sessions of alternative payment methods: a payment intent that is confirmed at once, and whose customer then pays on the
//! method's own page.

use tender_domain::kernel::Currency;
use tender_domain::ports::{Authorize, Contact, GatewayError, SessionPage, SessionRequest};

use super::money::to_stripe;
use super::request::{Request, descriptor, with_shipping};
use super::wire::PaymentIntent;

const IDEAL: &str = "ideal";
const CARD: &str = "card";
/// The methods that there are sessions of, in Stripe's words, which are ours.
pub(super) const METHODS: &[&str] = &[IDEAL, "klarna", "paypal"];

/// Begins a session. `return_url` is the account's own, for a session that names none.
///
/// # Errors
/// `NotDone` for another method, for what the method cannot do, without a way back, and when the amount cannot be said.
pub(super) fn begin(
    request: &Authorize,
    session: &SessionRequest,
    return_url: Option<&str>,
) -> Result<Request, GatewayError> {
    check(request, session)?;
    let Some(return_url) = session.return_url.as_deref().or(return_url) else {
        return Err(not_here("customers have no way back to us"));
    };
    let amount = to_stripe(request.amount)?;
    let mut asked = Request::post("v1/payment_intents".to_owned(), &request.tenant, &request.reference)
        .with("amount", amount.to_string())
        .with("currency", request.amount.currency().code().to_ascii_lowercase())
        .with("payment_method_types[]", &*session.method)
        .with("payment_method_data[type]", &*session.method)
        .with("capture_method", if request.capture { "automatic" } else { "manual" })
        .with("confirm", "true")
        .with("return_url", return_url)
        .with("metadata[tender_tenant]", request.tenant.as_str())
        .with("metadata[tender_reference]", &*request.reference)
        .with("expand[]", "latest_charge");
    let page = session.page.as_deref();
    for (field, told) in billing(request.payer.billing.as_deref(), page) {
        if let Some(told) = told {
            asked = asked.with(field, told);
        }
    }
    if let Some(what) = page.and_then(|page| page.reference.as_deref()) {
        asked = asked.with("description", what);
    }
    // A suffix is of cards alone.
    if let Some(statement) = request.statement_descriptor.as_deref().and_then(descriptor) {
        asked = asked.with("statement_descriptor", statement);
    }
    Ok(match &request.payer.shipping {
        Some(shipping) => with_shipping(asked, shipping),
        None => asked,
    })
}

/// Whether a payment intent is a session: Stripe may be at it for a while after its customer is back.
pub(super) fn is_one(intent: &PaymentIntent) -> bool {
    let types = &intent.payment_method_types;
    !types.is_empty() && types.iter().all(|known| known != CARD)
}

fn check(request: &Authorize, session: &SessionRequest) -> Result<(), GatewayError> {
    if !METHODS.contains(&&*session.method) {
        return Err(not_here(&format!("there are no sessions of {} here", session.method)));
    }
    if session.method == IDEAL && request.amount.currency() != Currency::EUR {
        return Err(not_here("iDEAL pays in EUR alone"));
    }
    if session.method == IDEAL && !request.capture {
        return Err(not_here("iDEAL takes money at once and holds none"));
    }
    Ok(())
}

/// Who pays, as far as it is known: what the client says of whom the bill is for goes before what the page is told.
fn billing<'a>(
    billing: Option<&'a Contact>,
    page: Option<&'a SessionPage>,
) -> [(&'static str, Option<&'a str>); 3] {
    let of = |contact: fn(&Contact) -> Option<&str>, of_page: fn(&SessionPage) -> Option<&str>| {
        billing.and_then(contact).or_else(|| page.and_then(of_page))
    };
    let country = |contact: &'a Contact| contact.address.as_ref()?.country.as_deref();
    [
        (
            "payment_method_data[billing_details][name]",
            of(|contact| contact.name.as_deref(), |page| page.payer_name.as_deref()),
        ),
        (
            "payment_method_data[billing_details][email]",
            of(|contact| contact.email.as_deref(), |page| page.payer_email.as_deref()),
        ),
        ("payment_method_data[billing_details][address][country]", billing.and_then(country)),
    ]
}

fn not_here(why: &str) -> GatewayError {
    GatewayError::NotDone(why.to_owned())
}
