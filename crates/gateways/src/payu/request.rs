//! What is asked of PayU: pure functions from the port's words to a request.

use serde_json::{Value, json};
use tender_domain::kernel::{Currency, Money, TenantId, Timestamp};
use tender_domain::ports::{
    AgreementKind, Authorize, Capture, GatewayError, Refund, SessionRequest, ThreeDs,
};

use super::call::WHO;
use super::payer;
use super::token::{Token, is_id};
use crate::minor_units::{MinorUnit, from_gateway, to_gateway};
use crate::name::{Kind, Room};

/// The references that PayU takes.
pub(super) const NAMES: Room = Room { who: WHO, chars_max: 1_024 };
/// The longest text on a statement, and the longest description of an order that is sent.
const STATEMENT_CHARS_MAX: usize = 22;
const DESCRIPTION_CHARS_MAX: usize = 80;
/// How long an order can be paid at least and at most, in seconds.
const PAGE_SECONDS: std::ops::RangeInclusive<i64> = 60..=604_800;

/// A call that is not sent yet. It may hold a card's token, and is printed nowhere.
pub(super) struct Request {
    pub(super) path: String,
    /// None is no body at all.
    pub(super) body: Option<Value>,
}

/// Where orders are made, and what each of them says of it.
pub(super) struct Shop<'a> {
    /// The point of sale.
    pub(super) pos_id: &'a str,
    /// Where PayU tells what becomes of orders.
    pub(super) notify_url: Option<&'a str>,
}

impl Shop<'_> {
    /// Charges a stored card; `back` is where the customer comes back to.
    ///
    /// # Errors
    /// `NotDone` when the amount or the name cannot be said.
    pub(super) fn charge(
        &self,
        request: &Authorize,
        token: Token<'_>,
        back: Option<&str>,
    ) -> Result<Request, GatewayError> {
        let mut body = self.order(request, None)?;
        body["payMethods"] = json!({"payMethod": {"type": "CARD_TOKEN", "value": token.card}});
        let (field, said) = initiated(request);
        body[field] = said.into();
        let mut strong = json!({});
        if request.three_ds == ThreeDs::Force {
            strong["challengeRequested"] = "YES".into();
        }
        let known = request.payer.browser.as_ref().filter(|_| !request.off_session);
        if let Some(browser) = known.and_then(|browser| payer::browser(browser)) {
            strong["browser"] = browser;
        }
        if strong != json!({}) {
            body["threeDsAuthentication"] = strong;
        }
        set(&mut body, "buyer", payer::buyer(request, None, Some(token.customer)));
        set(&mut body, "continueUrl", back.map(Value::from));
        Ok(Request { path: "api/v2_1/orders".to_owned(), body: Some(body) })
    }

    /// PayU's page for cards, on which the customer enters one and authenticates.
    ///
    /// # Errors
    /// `NotDone` when the amount or the name cannot be said, or there is no way back from the page.
    pub(super) fn page(
        &self,
        request: &Authorize,
        session: &SessionRequest,
        (return_url, now): (Option<&str>, Timestamp),
    ) -> Result<Request, GatewayError> {
        let Some(back) = session.return_url.as_deref().or(return_url) else {
            return Err(GatewayError::NotDone("customers have no way back from PayU's page".to_owned()));
        };
        let page = session.page.as_deref();
        let mut body = self.order(request, page.and_then(|page| page.reference.as_deref()))?;
        // `c` are cards.
        body["payMethods"] = json!({"payMethod": {"type": "PBL", "value": "c"}});
        body["continueUrl"] = back.into();
        let seconds = (session.expires_at - now).num_seconds();
        body["validityTime"] = seconds.clamp(*PAGE_SECONDS.start(), *PAGE_SECONDS.end()).to_string().into();
        if request.three_ds == ThreeDs::Force {
            body["threeDsAuthentication"] = json!({"challengeRequested": "YES"});
        }
        set(&mut body, "buyer", payer::buyer(request, page, None));
        Ok(Request { path: "api/v2_1/orders".to_owned(), body: Some(body) })
    }

    /// Stores a card with its first token: an order of nothing. It is no money; the same token is stored once.
    pub(super) fn store(&self, tenant: &TenantId, customer: &str, once: &str) -> Request {
        let body = json!({
            "merchantPosId": self.pos_id,
            "extOrderId": format!("card/{tenant}/{customer}"),
            "customerIp": "127.0.0.1",
            "description": "Card",
            // An amount of nothing is nothing in each of them.
            "currencyCode": "PLN",
            "totalAmount": "0",
            "products": [{"name": "Card", "unitPrice": "0", "quantity": "1"}],
            "buyer": {"extCustomerId": customer},
            "payMethods": {"payMethod": {"type": "CARD_TOKEN", "value": once}},
            "cardOnFile": "FIRST",
        });
        Request { path: "api/v2_1/orders".to_owned(), body: Some(body) }
    }

    fn order(&self, request: &Authorize, described: Option<&str>) -> Result<Value, GatewayError> {
        let amount = amount(request.amount)?;
        let name =
            NAMES.name(Kind::of_authorization(request.capture), &request.tenant, &request.reference)?;
        let statement = request.statement_descriptor.as_deref();
        let description: String =
            described.or(statement).unwrap_or("Payment").chars().take(DESCRIPTION_CHARS_MAX).collect();
        let mut body = json!({
            "merchantPosId": self.pos_id,
            "extOrderId": name,
            "customerIp": payer::address(request),
            "description": description,
            "currencyCode": request.amount.currency().code(),
            "totalAmount": amount,
            "products": [{"name": description, "unitPrice": amount, "quantity": "1"}],
        });
        let short = |text: &str| text.chars().take(STATEMENT_CHARS_MAX).collect::<String>();
        set(&mut body, "statementDescription", statement.map(|text| short(text).into()));
        set(&mut body, "notifyUrl", self.notify_url.map(Value::from));
        Ok(body)
    }
}

/// Takes what an order holds, of `held`: all of it without a word, or a part; the rest is let go.
///
/// # Errors
/// `NotDone` when the amount cannot be said.
pub(super) fn capture(request: &Capture, id: &str, held: Money) -> Result<Request, GatewayError> {
    if request.amount == held {
        return Ok(confirm(id));
    }
    let body = json!({"amount": amount(request.amount)?, "currencyCode": request.amount.currency().code()});
    Ok(Request { path: format!("api/v2_1/orders/{id}/captures"), body: Some(body) })
}

/// Takes all that an order holds.
pub(super) fn confirm(id: &str) -> Request {
    Request { path: format!("api/v2_1/orders/{id}/captures"), body: None }
}

/// Gives back what was taken.
///
/// # Errors
/// `NotDone` when the amount or the name cannot be said.
pub(super) fn refund(request: &Refund, id: &str) -> Result<Request, GatewayError> {
    let refund = json!({
        "description": "Refund",
        "amount": amount(request.amount)?,
        "currencyCode": request.amount.currency().code(),
        // By it an equal refund is another one, and this one again is this one.
        "extRefundId": NAMES.name(Kind::Refund, &request.tenant, &request.reference)?,
    });
    Ok(Request { path: format!("api/v2_1/orders/{id}/refunds"), body: Some(json!({"refund": refund})) })
}

/// The order that a payment is at PayU.
///
/// # Errors
/// `NotDone` when there can be no such payment.
pub(super) fn order(gateway_reference: &str) -> Result<&str, GatewayError> {
    if is_id(gateway_reference) {
        return Ok(gateway_reference);
    }
    Err(GatewayError::NotDone("PayU has no such payment".to_owned()))
}

/// An amount that PayU names; none when it is in no currency of ours, or no amount of it.
pub(super) fn money(minor: &str, currency: &str) -> Option<Money> {
    let currency: Currency = currency.parse().ok()?;
    from_gateway(minor.parse().ok()?, currency, unit(currency)?)
}

/// How PayU counts: always a hundred to one, also in currencies that have no smaller unit.
fn unit(currency: Currency) -> Option<MinorUnit> {
    match (currency.code(), currency.exponent()) {
        // Five to one.
        ("MGA" | "MRU", _) => None,
        (_, 2) => Some(MinorUnit::Same),
        (_, 0) => Some(MinorUnit::HundredTimes),
        _ => None,
    }
}

fn amount(amount: Money) -> Result<String, GatewayError> {
    Ok(to_gateway(WHO, amount, unit(amount.currency()))?.to_string())
}

/// Who has the stored card charged, in PayU's words: the customer, or we on an agreement.
fn initiated(request: &Authorize) -> (&'static str, &'static str) {
    let on = request.sca.agreement.as_ref().map(|agreement| agreement.kind);
    match (request.sca.begins, request.off_session, on) {
        (Some(AgreementKind::Recurring), _, _) => ("recurring", "FIRST"),
        (Some(AgreementKind::Unscheduled), _, _) => ("cardOnFile", "FIRST"),
        (None, true, Some(AgreementKind::Recurring)) => ("recurring", "STANDARD"),
        (None, true, _) => ("cardOnFile", "STANDARD_MERCHANT"),
        (None, false, _) => ("cardOnFile", "STANDARD_CARDHOLDER"),
    }
}

fn set(body: &mut Value, field: &str, told: Option<Value>) {
    if let Some(told) = told {
        body[field] = told;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(minor: i64, code: &str) -> Money {
        Money::new(minor, code.parse().expect("a currency"))
    }

    #[test]
    fn amounts_are_a_hundred_to_one_in_each_currency() {
        for (minor, code, said) in [(1_000, "EUR", "1000"), (1_000, "HUF", "1000"), (10, "JPY", "1000")] {
            assert_eq!(amount(of(minor, code)).expect("it can be said"), said, "{code}");
            assert_eq!(money(said, code), Some(of(minor, code)));
        }
        for (minor, code) in [(1_000, "KWD"), (1_000, "MGA"), (0, "EUR"), (-1, "PLN"), (i64::MAX, "JPY")] {
            assert!(matches!(amount(of(minor, code)), Err(GatewayError::NotDone(_))), "{code}");
        }
        for (said, code) in [("1001", "JPY"), ("10.00", "EUR"), ("", "EUR"), ("1000", "XXQ"), ("1", "KWD")] {
            assert_eq!(money(said, code), None, "{said} {code}");
        }
    }
}
