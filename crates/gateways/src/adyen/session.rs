//! Sessions of alternative payment methods: a payment of that method, whose customer is sent to the method's own page.
//!
//! `sessionValidity` is a text of the payment request in Adyen's own library
//! (<https://github.com/Adyen/adyen-node-api-library>, `checkoutPaymentRequest.ts`), and was a payment's deadline on the hosted
//! pages that Adyen had before. In no document that could be found: which methods heed it now.

use chrono::SecondsFormat;
use serde_json::{Value, json};
use tender_domain::kernel::Currency;
use tender_domain::ports::{Authorize, DeclineCode, GatewayAnswer, GatewayError, SessionRequest};

use super::answer::outcome;
use super::call::Response;
use super::money::to_adyen;
use super::payer;
use super::refusal::object;
use super::request::{Account, NAMES, Request, effect, say_when_taken, statement};
use super::token::is_id;
use super::wire::Payment;
use crate::name::Kind;
use crate::said::declined;

const IDEAL: &str = "ideal";
const KLARNA: &str = "klarna";
const PAYPAL: &str = "paypal";
/// The methods that there are sessions of, in Adyen's words, which are ours.
pub(super) const METHODS: &[&str] = &[IDEAL, KLARNA, PAYPAL];
/// Where iDEAL is.
const NETHERLANDS: &str = "NL";

impl Account<'_> {
    /// Begins a session.
    ///
    /// # Errors
    /// `NotDone` for another method, for what the method cannot do, when the amount or our name of it cannot be said, and when
    /// there is no way back.
    pub(super) fn session(
        &self,
        request: &Authorize,
        session: &SessionRequest,
    ) -> Result<Request, GatewayError> {
        let Some(back) = session.return_url.as_deref().or(self.return_url) else {
            return Err(GatewayError::NotDone("customers have no way back from Adyen's pages".to_owned()));
        };
        let country = country(request, session)?;
        let amount = to_adyen(request.amount)?;
        let mut body = json!({
            "merchantAccount": self.merchant,
            "reference": name(request)?,
            "amount": amount,
            "paymentMethod": {"type": session.method},
            "shopperInteraction": "Ecommerce",
            "channel": "Web",
            "returnUrl": back,
            "sessionValidity": session.expires_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        });
        say_when_taken(&mut body, request.capture);
        if let Some(country) = country {
            body["countryCode"] = country.into();
        }
        let page = session.page.as_deref();
        let what = page.and_then(|page| page.reference.as_deref());
        match &*session.method {
            // Else its page is one that only a script of PayPal's opens.
            PAYPAL => body["paymentMethod"]["subtype"] = "redirect".into(),
            KLARNA => body["lineItems"] = one_line(what.unwrap_or("Payment"), amount.value),
            _ => {}
        }
        if let Some(statement) = request.statement_descriptor.as_deref().and_then(statement) {
            body["shopperStatement"] = statement.into();
        }
        if let Some(email) = page.and_then(|page| page.payer_email.as_deref()) {
            body["shopperEmail"] = email.into();
        }
        payer::add(&mut body, &request.payer);
        Ok(effect("payments".to_owned(), &request.tenant, &request.reference, body))
    }
}

/// The answer to the beginning of a session. Adyen does not promise a name of its own before it is paid: the session is
/// called by ours.
pub(super) fn begun(response: &Response, request: &Authorize) -> Result<GatewayAnswer, GatewayError> {
    let payment = object::<Payment>(response)?.map_err(|refusal| refusal.error())?;
    if payment.result_code != "RedirectShopper" {
        return outcome(&payment, request.capture, Some(request.amount));
    }
    let redirect = payment.action.filter(|action| action.action_type == "redirect");
    let by_address = redirect.filter(|action| action.method.as_deref().is_none_or(|method| method == "GET"));
    Ok(match by_address.and_then(|action| action.url) {
        Some(url) => GatewayAnswer::Challenge { url, challenge_reference: name(request)?, creq: None },
        // Nobody can be sent there, so nobody will pay.
        None => declined(DeclineCode::TransactionNotAllowed, "the method's page is no plain address"),
    })
}

/// Whether it is a session that is called so, and no challenge of a card.
pub(super) fn is_one(challenge_reference: &str) -> bool {
    !challenge_reference.is_empty() && !is_id(challenge_reference)
}

fn name(request: &Authorize) -> Result<String, GatewayError> {
    NAMES.name(Kind::of_authorization(request.capture), &request.tenant, &request.reference)
}

/// The country of the payer, where the method wants it.
fn country<'a>(request: &'a Authorize, session: &SessionRequest) -> Result<Option<&'a str>, GatewayError> {
    let refused = |why: &str| Err(GatewayError::NotDone(why.to_owned()));
    let address = request.payer.billing.as_ref().and_then(|billing| billing.address.as_ref());
    let known = address.and_then(|address| address.country.as_deref());
    match &*session.method {
        IDEAL if request.amount.currency() != Currency::EUR => refused("iDEAL pays in EUR alone"),
        IDEAL if !request.capture => refused("iDEAL takes money at once and holds none"),
        IDEAL => Ok(Some(NETHERLANDS)),
        KLARNA if known.is_none() => {
            refused("Klarna wants to know the payer's country: send `billing_details.address.country`")
        }
        KLARNA | PAYPAL => Ok(known),
        other => refused(&format!("there are no sessions of {other} here")),
    }
}

/// What is bought, of which only the whole is known.
fn one_line(what: &str, value: i64) -> Value {
    json!([{"id": "1", "description": what, "quantity": 1, "amountIncludingTax": value}])
}
