//! What is asked of Worldpay: pure functions from the port's words to a request.

use data_encoding::HEXLOWER;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tender_domain::kernel::{Money, TenantId, Timestamp};
use tender_domain::ports::{
    AgreementKind, Authorize, Capture, CardData, CheckMethod, GatewayError, Refund, SessionRequest,
};

use super::call::WHO;
use crate::mac;
use crate::minor_units::{iso, to_gateway};
use crate::name::{Kind, Room};

/// The references that Worldpay takes.
pub(super) const NAMES: Room = Room { who: WHO, chars_max: 64 };
/// The longest line on a statement.
const NARRATIVE_CHARS_MAX: usize = 24;
/// How long a page can be paid at least and at most, in seconds. Nothing closes one before that.
const PAGE_SECONDS: std::ops::RangeInclusive<i64> = 300..=2_592_000;
/// How long before its session a page ends, in seconds: its time begins only when Worldpay has made it.
const BEFORE_THE_SESSION: i64 = 60;

/// A call that is not sent yet. It may hold a card's number, and is printed nowhere.
pub(super) struct Request {
    /// The address below the API's own, or one that Worldpay named.
    pub(super) path: String,
    /// What Worldpay's logs know the request by, where it wants to be told.
    pub(super) correlation: Option<String>,
    pub(super) body: Option<Value>,
}

/// Where payments are asked for.
pub(super) struct Account<'a> {
    /// The entity that is paid.
    pub(super) entity: &'a str,
    /// What stands on statements when a payment says nothing of it.
    pub(super) narrative: &'a str,
}

impl Account<'_> {
    /// Holds or takes money of a stored card; `href` is the token's address.
    ///
    /// # Errors
    /// `NotDone` when the amount or the name cannot be said.
    pub(super) fn authorize(&self, request: &Authorize, href: &str) -> Result<Request, GatewayError> {
        let mut instruction = json!({
            "method": "card",
            "paymentInstrument": {"type": "token", "href": href},
            "narrative": {"line1": self.line(request)},
            "value": value(request.amount)?,
            "settlement": {"auto": request.capture},
            "customerAgreement": agreement(request),
        });
        if let Some(id) =
            request.sca.agreement.as_ref().and_then(|known| known.network_transaction_id.as_deref())
        {
            instruction["customerAgreement"]["schemeReference"] = id.into();
        }
        let body = json!({
            "transactionReference": self.name(request)?,
            "merchant": {"entity": self.entity},
            "instruction": instruction,
        });
        Ok(Request { path: "api/payments".to_owned(), correlation: None, body: Some(body) })
    }

    /// Asks a stored card's issuer whether the card is good, for nothing; `href` is the token's address.
    pub(super) fn verify(&self, request: &CheckMethod, href: &str) -> Request {
        let body = json!({
            "type": "cardVerification",
            "transactionReference": request.reference,
            "merchant": {"entity": self.entity},
            "instruction": {
                "value": {"currency": "EUR"},
                "narrative": {"line1": self.narrative},
                "paymentInstrument": {"type": "card/token", "href": href},
                "customerAgreement": {"type": "cardOnFile"},
            },
        });
        Request { path: "cardVerifications".to_owned(), correlation: None, body: Some(body) }
    }

    /// A page of Worldpay's on which the customer enters a card, and authenticates.
    ///
    /// # Errors
    /// `NotDone` when the amount or the name cannot be said, there is no way back from the page, or it would outlive its
    /// session.
    pub(super) fn page(
        &self,
        request: &Authorize,
        session: &SessionRequest,
        (return_url, now): (Option<&str>, Timestamp),
    ) -> Result<Request, GatewayError> {
        let Some(back) = session.return_url.as_deref().or(return_url) else {
            return Err(GatewayError::NotDone("customers have no way back from Worldpay's page".to_owned()));
        };
        let page = session.page.as_deref();
        let cancel = page.and_then(|page| page.cancel_url.as_deref()).unwrap_or(back);
        let seconds = (session.expires_at - now).num_seconds() - BEFORE_THE_SESSION;
        if seconds < *PAGE_SECONDS.start() {
            let why = "Worldpay's pages live for five minutes at least, and this session ends before";
            return Err(GatewayError::NotDone(why.to_owned()));
        }
        let name = self.name(request)?;
        let mut body = json!({
            "transactionReference": name,
            "merchant": {"entity": self.entity},
            "narrative": {"line1": self.line(request)},
            "value": value(request.amount)?,
            "resultURLs": {"successURL": back, "pendingURL": back, "failureURL": back, "errorURL": back,
                "cancelURL": cancel, "expiryURL": cancel},
            "settlement": {"auto": request.capture},
            "expiry": seconds.min(*PAGE_SECONDS.end()).to_string(),
        });
        if let Some(text) = page.and_then(|page| page.reference.as_deref()) {
            body["description"] = text.chars().take(128).collect::<String>().into();
        }
        let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let correlation = Some(name.chars().map(plain).collect());
        Ok(Request { path: "payment_pages".to_owned(), correlation, body: Some(body) })
    }

    fn name(&self, request: &Authorize) -> Result<String, GatewayError> {
        NAMES.name(Kind::of_authorization(request.capture), &request.tenant, &request.reference)
    }

    fn line(&self, request: &Authorize) -> String {
        let text = request.statement_descriptor.as_deref();
        text.and_then(narrative).unwrap_or_else(|| self.narrative.to_owned())
    }
}

/// Takes what is held, at the address that Worldpay named for it; what is left of it lapses.
///
/// # Errors
/// `NotDone` when the amount cannot be said.
pub(super) fn capture(request: &Capture, href: &str) -> Result<Request, GatewayError> {
    let mut body = part(&request.reference, request.amount)?;
    body["sequence"] = json!({"number": 1, "total": 1});
    Ok(Request { path: href.to_owned(), correlation: None, body: Some(body) })
}

/// Gives back what was taken.
///
/// # Errors
/// `NotDone` when the amount cannot be said.
pub(super) fn refund(request: &Refund, href: &str) -> Result<Request, GatewayError> {
    let body = part(&request.reference, request.amount)?;
    Ok(Request { path: href.to_owned(), correlation: None, body: Some(body) })
}

/// Lets go what is held.
pub(super) fn void(href: &str) -> Request {
    Request { path: href.to_owned(), correlation: None, body: None }
}

/// How a payment stands, and what can be done with it.
pub(super) fn standing(name: &str, entity: &str) -> String {
    format!("payments/events?{}", query(&[("transactionRef", name), ("entity", entity)]))
}

/// The payments of this name.
pub(super) fn search(name: &str) -> String {
    format!("paymentQueries/payments?{}", query(&[("transactionReference", name)]))
}

/// What text goes into an address as.
pub(super) fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Stores a card. It is no money; the same card with the same data is stored once.
pub(super) fn store(card: &CardData, entity: &str, namespace: &str) -> Request {
    let body = json!({
        "description": "Tender",
        "namespace": namespace,
        "merchant": {"entity": entity},
        "paymentInstrument": {
            "type": "card/front",
            "cardHolderName": card.holder_name.as_deref().unwrap_or("Cardholder"),
            "cardNumber": card.number.expose_secret(),
            "cardExpiryDate": {"month": card.exp_month, "year": card.exp_year},
        },
    });
    Request { path: "tokens".to_owned(), correlation: None, body: Some(body) }
}

/// What tells a tenant's card from others without showing it, the same each time. `secret` is the account's.
pub(super) fn card_mark(secret: &SecretString, tenant: &TenantId, card: &CardData) -> String {
    let CardData { number, exp_month, exp_year, holder_name, .. } = card;
    let name = holder_name.as_deref().unwrap_or_default();
    let data = format!("tender card {tenant} {exp_year:04}-{exp_month:02} {name} ");
    let parts = [data.as_bytes(), number.expose_secret().as_bytes()];
    HEXLOWER.encode(&mac::sha256(secret.expose_secret().as_bytes(), &parts)[..12])
}

/// A statement's text in the characters that Worldpay takes; none when nothing readable is left.
pub(super) fn narrative(text: &str) -> Option<String> {
    let taken = |c: &char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '-' | ',');
    let text: String = text.chars().filter(taken).take(NARRATIVE_CHARS_MAX).collect();
    let text = text.trim();
    text.contains(|c: char| c.is_ascii_alphabetic()).then(|| text.to_owned())
}

/// What a charge of a stored card is made on.
fn agreement(request: &Authorize) -> Value {
    let recurring = |kind: AgreementKind| match kind {
        AgreementKind::Recurring => "subscription",
        AgreementKind::Unscheduled => "unscheduled",
    };
    if let Some(kind) = request.sca.begins {
        return json!({"type": recurring(kind), "storedCardUsage": "first"});
    }
    if request.off_session {
        let kind = request.sca.agreement.as_ref().map_or(AgreementKind::Unscheduled, |known| known.kind);
        return json!({"type": recurring(kind), "storedCardUsage": "subsequent"});
    }
    json!({"type": "cardOnFile", "storedCardUsage": "subsequent"})
}

fn part(reference: &str, amount: Money) -> Result<Value, GatewayError> {
    Ok(json!({"reference": reference, "value": value(amount)?}))
}

fn value(amount: Money) -> Result<Value, GatewayError> {
    let minor = to_gateway(WHO, amount, iso(amount.currency()))?;
    Ok(json!({"currency": amount.currency().code(), "amount": minor}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_only_what_worldpay_takes() {
        assert_eq!(narrative("Seeblick's *Hotel* <1>").as_deref(), Some("Seeblicks Hotel 1"));
        assert_eq!(
            narrative("A very long name of a shop indeed").as_deref(),
            Some("A very long name of a sh")
        );
        assert_eq!((narrative("12 34"), narrative("")), (None, None));
    }

    #[test]
    fn a_name_in_an_address_is_written_so_that_it_is_one() {
        let path = standing("hold/sandbox/att_1", "a&b");
        assert_eq!(path, "payments/events?transactionRef=hold%2Fsandbox%2Fatt_1&entity=a%26b");
    }
}
