//! What is asked of Adyen: pure functions from the port's words to a request.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tender_domain::kernel::TenantId;
use tender_domain::ports::{
    AgreementKind, Authorize, Capture, CardData, CheckMethod, CompleteChallenge, GatewayError, Refund,
    ThreeDs, Void,
};

use super::money::to_adyen;
use super::payer;
use super::token::{Token, is_id};
use crate::name::{Kind, Room};

/// The references that Adyen takes.
pub(super) const NAMES: Room = Room { who: "Adyen", chars_max: 80 };
/// The longest text on a statement that Adyen takes.
const STATEMENT_CHARS_MAX: usize = 22;
/// In which currency nothing is asked for: a saved card has none of its own, and Adyen wants one.
const CHECKED_IN: &str = "EUR";
/// The longest result of a redirect that is handed on.
const RESULT_CHARS_MAX: usize = 8 * 1024;

/// A call that is not sent yet. It may hold a card's number, and is printed nowhere.
pub(super) struct Request {
    /// The address below the API's own.
    pub(super) path: String,
    /// What makes a repetition have no second effect.
    pub(super) key: Option<String>,
    pub(super) body: Value,
}

/// Where payments are asked for.
pub(super) struct Account<'a> {
    /// The merchant account.
    pub(super) merchant: &'a str,
    /// Where customers come back to after a challenge.
    pub(super) return_url: Option<&'a str>,
}

/// Adyen wants a way back with each payment, also where nobody is sent away.
const NO_WAY_BACK: &str = "https://no-way-back.invalid/";

impl Account<'_> {
    /// Holds or takes money.
    ///
    /// # Errors
    /// `NotDone` when the amount or our name of it cannot be said.
    pub(super) fn authorize(&self, request: &Authorize, token: Token<'_>) -> Result<Request, GatewayError> {
        let reference =
            NAMES.name(Kind::of_authorization(request.capture), &request.tenant, &request.reference)?;
        let mut body = json!({
            "merchantAccount": self.merchant,
            "reference": reference,
            "amount": to_adyen(request.amount)?,
            "paymentMethod": {"type": "scheme", "storedPaymentMethodId": token.method},
            "shopperReference": token.shopper,
            "shopperInteraction": "ContAuth",
            "recurringProcessingModel": made_on(request),
            "channel": "Web",
            "returnUrl": self.return_url.unwrap_or(NO_WAY_BACK),
        });
        say_when_taken(&mut body, request.capture);
        let attempt = match request.three_ds {
            _ if request.off_session || self.return_url.is_none() => Some("never"),
            ThreeDs::Force => Some("always"),
            ThreeDs::Automatic => None,
        };
        if let Some(attempt) = attempt {
            body["authenticationData"] = json!({"attemptAuthentication": attempt});
        }
        if let Some(statement) = request.statement_descriptor.as_deref().and_then(statement) {
            body["shopperStatement"] = statement.into();
        }
        payer::add(&mut body, &request.payer);
        Ok(effect("payments".to_owned(), &request.tenant, &request.reference, body))
    }

    /// Asks the issuer whether a stored card is good, for nothing. Nobody is there to authenticate. Its reference is no name
    /// of a payment's, so that its notification moves none.
    pub(super) fn check(&self, request: &CheckMethod, token: Token<'_>) -> Request {
        let body = json!({
            "merchantAccount": self.merchant,
            "reference": request.reference,
            "amount": {"currency": CHECKED_IN, "value": 0},
            "paymentMethod": {"type": "scheme", "storedPaymentMethodId": token.method},
            "shopperReference": token.shopper,
            "shopperInteraction": "ContAuth",
            "recurringProcessingModel": "UnscheduledCardOnFile",
            "channel": "Web",
            "returnUrl": self.return_url.unwrap_or(NO_WAY_BACK),
            "authenticationData": {"attemptAuthentication": "never"},
        });
        effect("payments".to_owned(), &request.tenant, &request.reference, body)
    }

    /// Goes on after a challenge; `result` is what Adyen gave the customer's browser.
    pub(super) fn complete(&self, request: &CompleteChallenge, result: &str) -> Request {
        let body = json!({"details": {"redirectResult": result}});
        // Another result is another request.
        let reference = format!("{}/details/{result}", request.reference);
        effect("payments/details".to_owned(), &request.tenant, &reference, body)
    }

    /// Takes what is held; what is left of it is let go.
    ///
    /// # Errors
    /// `NotDone` for a capture that is not the last one, and for what cannot be said.
    pub(super) fn capture(&self, request: &Capture) -> Result<Request, GatewayError> {
        if !request.is_final {
            let why = "this connector takes what is held once, all or part; the rest is let go";
            return Err(GatewayError::NotDone(why.to_owned()));
        }
        let body = json!({
            "merchantAccount": self.merchant,
            "reference": NAMES.name(Kind::Capture, &request.tenant, &request.reference)?,
            "amount": to_adyen(request.amount)?,
        });
        let path = format!("payments/{}/captures", payment(&request.gateway_reference)?);
        Ok(effect(path, &request.tenant, &request.reference, body))
    }

    /// Lets go what is held.
    ///
    /// # Errors
    /// `NotDone` when there can be no such payment.
    pub(super) fn void(&self, request: &Void) -> Result<Request, GatewayError> {
        let reference = NAMES.name(Kind::Void, &request.tenant, &request.reference)?;
        let body = json!({"merchantAccount": self.merchant, "reference": reference});
        let path = format!("payments/{}/cancels", payment(&request.gateway_reference)?);
        Ok(effect(path, &request.tenant, &request.reference, body))
    }

    /// Gives back what was taken.
    ///
    /// # Errors
    /// `NotDone` when there can be no such payment, or the amount cannot be said.
    pub(super) fn refund(&self, request: &Refund) -> Result<Request, GatewayError> {
        let body = json!({
            "merchantAccount": self.merchant,
            "reference": NAMES.name(Kind::Refund, &request.tenant, &request.reference)?,
            "amount": to_adyen(request.amount)?,
        });
        let path = format!("payments/{}/refunds", payment(&request.gateway_reference)?);
        Ok(effect(path, &request.tenant, &request.reference, body))
    }

    /// Stores a card for a shopper. It is no money, and the same card of the same shopper is stored once.
    pub(super) fn store(&self, card: &CardData, shopper: &str) -> Request {
        let mut method = json!({
            "type": "scheme",
            "number": card.number.expose_secret(),
            "expiryMonth": format!("{:02}", card.exp_month),
            "expiryYear": card.exp_year.to_string(),
        });
        if let Some(cvc) = &card.cvc {
            method["cvc"] = cvc.expose_secret().into();
        }
        if let Some(name) = &card.holder_name {
            method["holderName"] = name.as_str().into();
        }
        let body = json!({
            "merchantAccount": self.merchant,
            "paymentMethod": method,
            "recurringProcessingModel": "CardOnFile",
            "shopperReference": shopper,
        });
        Request { path: "storedPaymentMethods".to_owned(), key: None, body }
    }

    /// What the account can take: asks for nothing, and is refused when the key or the account is wrong.
    pub(super) fn methods(&self) -> Request {
        let body = json!({"merchantAccount": self.merchant});
        Request { path: "paymentMethods".to_owned(), key: None, body }
    }
}

/// What tells a tenant's card from others without showing it: a shopper of its own, the same each time. `secret` is the
/// account's key.
pub(super) fn card_mark(secret: &SecretString, tenant: &TenantId, card: &CardData) -> String {
    let key = secret.expose_secret().as_bytes();
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(format!("tender shopper {tenant} ").as_bytes());
    mac.update(card.number.expose_secret().as_bytes());
    HEXLOWER.encode(&mac.finalize().into_bytes()[..16])
}

/// What Adyen gave the customer's browser: a part of the query that it came back with, or the result alone.
pub(super) fn redirect_result(brought: &str) -> Option<String> {
    let query = brought.rsplit('?').next().unwrap_or_default();
    let named = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "redirectResult");
    let result = named.map_or_else(|| brought.to_owned(), |(_, result)| result.into_owned());
    let is_one = !result.is_empty()
        && result.len() <= RESULT_CHARS_MAX
        && result.bytes().all(|b| b.is_ascii_graphic());
    is_one.then_some(result)
}

/// Says when the money is taken, with each payment: the account's own setting may be any.
pub(super) fn say_when_taken(body: &mut Value, at_once: bool) {
    if at_once {
        body["captureDelayHours"] = 0.into();
    } else {
        body["additionalData"] = json!({"manualCapture": "true"});
    }
}

/// A request with a key that is our reference's: 64 characters at most, of no tenant but its own.
pub(super) fn effect(path: String, tenant: &TenantId, reference: &str, body: Value) -> Request {
    let key = HEXLOWER.encode(&Sha256::digest(format!("{tenant}/{reference}")));
    Request { path, key: Some(key), body }
}

/// What the charge of a stored card is made on. Adyen keeps the network's name of a series' first payment with what it stored.
fn made_on(request: &Authorize) -> &'static str {
    let on = request.sca.agreement.as_ref().map(|agreement| agreement.kind);
    match request.sca.begins.or(on) {
        Some(AgreementKind::Recurring) => "Subscription",
        Some(AgreementKind::Unscheduled) => "UnscheduledCardOnFile",
        None if request.off_session => "UnscheduledCardOnFile",
        None => "CardOnFile",
    }
}

fn payment(gateway_reference: &str) -> Result<&str, GatewayError> {
    if is_id(gateway_reference) {
        return Ok(gateway_reference);
    }
    Err(GatewayError::NotDone("Adyen has no such payment".to_owned()))
}

/// A statement's text in the characters that Adyen takes; none when nothing readable is left.
pub(super) fn statement(text: &str) -> Option<String> {
    let taken = |c: &char| {
        c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | ',' | '\'' | '_' | '-' | '?' | '+' | '*' | '/')
    };
    let text: String = text.chars().filter(taken).take(STATEMENT_CHARS_MAX).collect();
    let text = text.trim();
    text.contains(|c: char| c.is_ascii_alphabetic()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_browser_brings_is_found_and_decoded_once() {
        for (brought, result) in [
            ("redirectResult=X6XtfGC3%21Y%253D", Some("X6XtfGC3!Y%3D")),
            ("https://shop.example.com/back?order=7&redirectResult=abc", Some("abc")),
            ("abc!def=", Some("abc!def=")),
            ("", None),
            ("two words", None),
        ] {
            assert_eq!(redirect_result(brought).as_deref(), result, "{brought}");
        }
    }

    #[test]
    fn a_statement_has_only_what_adyen_takes() {
        assert_eq!(statement("Seeblick's *Hotel* <1>").as_deref(), Some("Seeblick's *Hotel* 1"));
        assert_eq!(statement("Zürich Hauptbahnhof Nord 9").as_deref(), Some("Zrich Hauptbahnhof Nor"));
        assert_eq!((statement("12 34"), statement("")), (None, None));
    }

    #[test]
    fn a_card_has_a_mark_that_shows_nothing_of_it() {
        let card = |number: &str| CardData {
            number: number.into(),
            exp_month: 4,
            exp_year: 2040,
            cvc: None,
            holder_name: None,
        };
        let (key, tenant) = (SecretString::from("a key"), TenantId::sandbox());
        let mark = card_mark(&key, &tenant, &card("4111111111111111"));
        assert_eq!(mark, card_mark(&key, &tenant, &card("4111111111111111")));
        assert_eq!(mark.len(), 32);
        for other in [
            card_mark(&key, &"other".parse().expect("a tenant"), &card("4111111111111111")),
            card_mark(&SecretString::from("another key"), &tenant, &card("4111111111111111")),
            card_mark(&key, &tenant, &card("5555444433331111")),
        ] {
            assert_ne!(mark, other);
        }
    }
}
