//! Worldpay's rules, and what the double keeps. `Err` is a request that breaks one.

#[path = "verifications.rs"]
mod verifications;

use std::collections::BTreeMap;

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::standin::{Answer, Asked, Rules, only, text};

pub(crate) const USERNAME: &str = "user";
pub(crate) const PASSWORD: &str = "password of the double";
pub(crate) const ENTITY: &str = "default";

const V7: &str = "application/vnd.worldpay.payments-v7+json";
const QUERIES: &str = "application/vnd.worldpay.payment-queries-v1.hal+json";
const TOKENS: &str = "application/vnd.worldpay.tokens-v3.hal+json";
const VERIFICATIONS: &str = "application/vnd.worldpay.cardVerifications-v6+json";
const PAGES: &str = "application/vnd.worldpay.payment_pages-v1.hal+json";

type Ruled = Result<Answer, String>;

#[derive(Clone)]
pub(crate) struct Payment {
    pub(crate) last_event: &'static str,
    pub(crate) amount: i64,
    pub(crate) taken: i64,
    pub(crate) refunded: i64,
    pub(crate) id: String,
}

#[derive(Default)]
pub(crate) struct Worldpay {
    pub(crate) payments: BTreeMap<String, Payment>,
    pub(crate) tokens: BTreeMap<String, Value>,
    /// Whether the quick way to a payment knows it.
    pub(crate) is_slow: bool,
    /// Whether the search is behind.
    pub(crate) search_lags: bool,
    pub(crate) statement: Option<Value>,
    made: u32,
}

impl Rules for Worldpay {
    const WHO: &'static str = "Worldpay";

    fn broken(problem: &str) -> Value {
        error("bodyDoesNotMatchSchema", problem)
    }

    fn answer(&mut self, asked: &Asked) -> Ruled {
        let basic = format!("Basic {}", BASE64.encode(format!("{USERNAME}:{PASSWORD}").as_bytes()));
        if asked.header("authorization") != Some(&basic) {
            return Ok((401, error("accessDenied", "no")));
        }
        let (method, path) = asked.what.split_once(' ').expect("two words");
        let parts: Vec<&str> = path.split('/').collect();
        match (method, parts.as_slice()) {
            ("POST", ["api", "payments"]) => {
                if asked.header("wp-api-version") != Some("2024-06-01") {
                    return Err("wp-api-version".into());
                }
                headed(asked, "application/json")?;
                self.pay(&asked.json()?)
            }
            ("GET", ["payments", "events"]) => {
                headed(asked, V7)?;
                self.standing(asked)
            }
            ("GET", ["paymentQueries", "payments"]) => self.search(asked),
            ("GET", ["paymentQueries", "payments", id]) => self.by_id(asked, id),
            ("POST", ["payments", "settlements", "partials", link]) => {
                headed(asked, V7)?;
                self.settle(link, &asked.json()?)
            }
            ("POST", ["payments", "authorizations", "cancellations", link]) => {
                headed(asked, V7)?;
                self.cancel(link, asked)
            }
            ("POST", ["payments", "settlements", "refunds", "partials", link]) => {
                headed(asked, V7)?;
                self.refund(link, &asked.json()?)
            }
            ("POST", ["payment_pages"]) => self.page(asked),
            ("POST", ["tokens"]) => {
                headed(asked, TOKENS)?;
                self.store(&asked.json()?)
            }
            ("GET", ["tokens", id]) => {
                if asked.header("accept") != Some(TOKENS) {
                    return Err("accept".into());
                }
                Ok(self.tokens.get(*id).map_or_else(missing, |token| (200, token.clone())))
            }
            ("POST", ["cardVerifications"]) => {
                headed(asked, VERIFICATIONS)?;
                verifications::verify(&asked.json()?)
            }
            ("GET", ["accounts", "statements"]) => self.statements(asked),
            _ => Err("there is no such endpoint".into()),
        }
    }
}

/// Accept and Content-Type must be this.
fn headed(asked: &Asked, media: &str) -> Result<(), String> {
    if asked.header("accept") == Some(media) && asked.header("content-type") == Some(media) {
        return Ok(());
    }
    Err(format!("the media types, {media} is wanted"))
}

pub(crate) fn error(name: &str, message: &str) -> Value {
    json!({"errorName": name, "message": message})
}

fn missing() -> Answer {
    (404, error("urlContainsInvalidValue", "not there"))
}

/// It was received, and can be looked at.
fn taken_in(link: &str) -> Answer {
    (202, json!({"_links": {"cardPayments:events": {"href": format!("/payments/events/{link}")}}}))
}

fn amount(value: &Value) -> Result<i64, String> {
    only(value, &["currency", "amount"])?;
    if value["currency"] != "EUR" {
        return Err(format!("the currency {}", value["currency"]));
    }
    value["amount"].as_i64().filter(|minor| *minor > 0).ok_or_else(|| format!("the amount {value}"))
}

impl Worldpay {
    fn id(&mut self, what: &str) -> String {
        self.made += 1;
        format!("{what}{:06}", self.made)
    }

    fn pay(&mut self, body: &Value) -> Ruled {
        only(body, &["transactionReference", "merchant", "instruction"])?;
        let name = text(body, "transactionReference")?.to_owned();
        let instruction = &body["instruction"];
        only(
            instruction,
            &["method", "paymentInstrument", "narrative", "value", "settlement", "customerAgreement"],
        )?;
        if name.len() > 64 || body["merchant"] != json!({"entity": ENTITY}) || instruction["method"] != "card"
        {
            return Err("the reference, the entity or the method".into());
        }
        if text(&instruction["narrative"], "line1")?.len() > 24 {
            return Err("narrative.line1".into());
        }
        only(&instruction["customerAgreement"], &["type", "storedCardUsage", "schemeReference"])?;
        let minor = amount(&instruction["value"])?;
        let is_sale = instruction["settlement"]["auto"].as_bool().ok_or("settlement.auto")?;
        let instrument = &instruction["paymentInstrument"];
        only(instrument, &["type", "href"])?;
        if instrument["type"] != "token" {
            return Err(format!("the instrument {instrument}"));
        }
        if self.payments.contains_key(&name) {
            return Ok((400, error("transactionHasAlreadyBeenProcessed", "it was")));
        }
        let token = text(instrument, "href")?.rsplit('/').next().unwrap_or_default().to_owned();
        let id = self.id("pay");
        let payment = Payment { last_event: "Authorized", amount: minor, taken: 0, refunded: 0, id };
        if let Some(code) = token.strip_prefix("tokenrefused") {
            let risks = json!([{"type": "cvc", "risk": "notChecked"},
                {"type": "avs", "detail": "address", "risk": "notChecked"},
                {"type": "avs", "detail": "postcode", "risk": "notMatched"}]);
            let refused = json!({"outcome": "refused", "transactionReference": name, "paymentId": payment.id,
                "refusalCode": code, "refusalDescription": "no to 4444333322221111", "riskFactors": risks});
            self.payments.insert(name, Payment { last_event: "Refused", ..payment });
            return Ok((201, refused));
        }
        if let Some(outcome) = token.strip_prefix("tokenoutcome") {
            return Ok((201, json!({"outcome": outcome, "transactionReference": name})));
        }
        if !token.starts_with("tokenvisa") && !self.tokens.contains_key(&token) {
            let problem = json!({"errorName": "fieldHasInvalidValue",
                "jsonPath": "$.instruction.paymentInstrument.href"});
            let mut body = error("bodyDoesNotMatchSchema", "no such token");
            body["validationErrors"] = json!([problem]);
            return Ok((400, body));
        }
        let (last_event, taken) = if is_sale { ("Sent for Settlement", minor) } else { ("Authorized", 0) };
        self.payments.insert(name.clone(), Payment { last_event, taken, ..payment });
        let (status, outcome) = if is_sale { (202, "sentForSettlement") } else { (201, "authorized") };
        let risks = json!([{"type": "cvc", "risk": "matched"}, {"type": "avs", "risk": "notMatched"}]);
        Ok((
            status,
            json!({"outcome": outcome, "transactionReference": name, "riskFactors": risks,
            "schemeReference": "060720116005060",
            "_links": {"self": {"href": "https://access.worldpay.com/api/payments/eyJ"}}}),
        ))
    }

    /// What can be done with a payment.
    fn links(payment: &Payment) -> Value {
        let id = &payment.id;
        match payment.last_event {
            "Authorized" => json!({
                "cardPayments:cancel": {"href": format!("/payments/authorizations/cancellations/{id}")},
                "cardPayments:partialSettle": {"href": format!("/payments/settlements/partials/{id}")},
                "curies": [{"name": "cardPayments", "href": "/rels/{rel}", "templated": true}]}),
            _ if payment.taken > 0 => json!({
                "cardPayments:partialRefund": {"href": format!("/payments/settlements/refunds/partials/{id}")}}),
            _ => json!({}),
        }
    }

    fn standing(&mut self, asked: &Asked) -> Ruled {
        if asked.query.get("entity").map(String::as_str) != Some(ENTITY) {
            return Err("the entity".into());
        }
        let name = asked.query.get("transactionRef").ok_or("transactionRef")?;
        let known = self.payments.get(name).filter(|_| !self.is_slow);
        Ok(known.map_or_else(missing, |payment| {
            (200, json!({"lastEvent": payment.last_event, "_links": Self::links(payment)}))
        }))
    }

    fn search(&mut self, asked: &Asked) -> Ruled {
        if asked.header("accept") != Some(QUERIES) {
            return Err("accept".into());
        }
        let name = asked.query.get("transactionReference").ok_or("transactionReference")?;
        let found = self.payments.get(name).filter(|_| !self.search_lags).map(|payment| {
            json!({"paymentId": payment.id, "transactionReference": name,
                "value": {"currency": "EUR", "amount": payment.amount}})
        });
        Ok((200, json!({"_embedded": {"payments": found.into_iter().collect::<Vec<_>>()}})))
    }

    fn by_id(&mut self, asked: &Asked, id: &str) -> Ruled {
        if asked.header("accept") != Some(QUERIES) {
            return Err("accept".into());
        }
        let found = self.payments.values().find(|payment| payment.id == id);
        Ok(found.map_or_else(missing, |payment| {
            (200, json!({"events": [{"eventName": payment.last_event}], "_links": Self::links(payment)}))
        }))
    }

    fn linked(&mut self, link: &str) -> Option<&mut Payment> {
        self.payments.values_mut().find(|payment| payment.id == link)
    }

    fn settle(&mut self, link: &str, body: &Value) -> Ruled {
        only(body, &["reference", "value", "sequence"])?;
        if body["sequence"] != json!({"number": 1, "total": 1}) || text(body, "reference")?.len() > 64 {
            return Err("the sequence or the reference".into());
        }
        let minor = amount(&body["value"])?;
        let Some(payment) = self.linked(link) else { return Ok(missing()) };
        if payment.last_event != "Authorized" || minor > payment.amount {
            return Ok((400, error("settlementNotPossible", "no")));
        }
        (payment.last_event, payment.taken) = ("Sent for Settlement", minor);
        Ok(taken_in(link))
    }

    fn cancel(&mut self, link: &str, asked: &Asked) -> Ruled {
        if !asked.body.is_empty() {
            return Err("no body is wanted".into());
        }
        let Some(payment) = self.linked(link) else { return Ok(missing()) };
        if payment.last_event != "Authorized" {
            return Ok((400, error("cancellationNotPossible", "no")));
        }
        payment.last_event = "Sent for Cancellation";
        Ok(taken_in(link))
    }

    fn refund(&mut self, link: &str, body: &Value) -> Ruled {
        only(body, &["reference", "value"])?;
        text(body, "reference")?;
        let minor = amount(&body["value"])?;
        let Some(payment) = self.linked(link) else { return Ok(missing()) };
        if payment.refunded + minor > payment.taken {
            return Ok((400, error("refundNotPossible", "more than is there")));
        }
        payment.refunded += minor;
        payment.last_event = "Sent for Refund";
        Ok(taken_in(link))
    }

    fn page(&mut self, asked: &Asked) -> Ruled {
        headed(asked, PAGES)?;
        let is_word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        let correlation = asked.header("wp-correlationid").unwrap_or_default();
        if !(1..=64).contains(&correlation.len()) || !correlation.bytes().all(is_word) {
            return Err(format!("the correlation {correlation}"));
        }
        let body = asked.json()?;
        let fields = [
            "transactionReference",
            "merchant",
            "narrative",
            "value",
            "resultURLs",
            "settlement",
            "expiry",
            "description",
        ];
        only(&body, &fields)?;
        text(&body, "transactionReference")?;
        amount(&body["value"])?;
        only(
            &body["resultURLs"],
            &["successURL", "pendingURL", "failureURL", "errorURL", "cancelURL", "expiryURL"],
        )?;
        let lives = |seconds: &u32| (300..=2_592_000).contains(seconds);
        text(&body, "expiry")?.parse().ok().filter(lives).ok_or("expiry")?;
        Ok((200, json!({"url": "https://payments.worldpay.com/app/hpp/1", "_links": {}})))
    }

    /// The customer has paid on the page, or not.
    pub(crate) fn visit(&mut self, name: &str, minor: i64, paid: bool) {
        let is_sale = name.starts_with("sale/");
        let (last_event, taken) = match (paid, is_sale) {
            (true, true) => ("Sent for Settlement", minor),
            (true, false) => ("Authorized", 0),
            (false, _) => ("Refused", 0),
        };
        let id = self.id("pay");
        self.payments.insert(name.to_owned(), Payment { last_event, amount: minor, taken, refunded: 0, id });
    }

    fn store(&mut self, body: &Value) -> Ruled {
        only(body, &["description", "namespace", "merchant", "paymentInstrument"])?;
        if text(body, "namespace")?.len() > 64 || text(body, "description")?.len() > 255 {
            return Err("the namespace or the description".into());
        }
        let card = &body["paymentInstrument"];
        only(card, &["type", "cardHolderName", "cardNumber", "cardExpiryDate"])?;
        if card["type"] != "card/front" || text(card, "cardHolderName")?.is_empty() {
            return Err(format!("the instrument of type {}", card["type"]));
        }
        let number = text(card, "cardNumber")?;
        if number != "4444333322221111" {
            return Ok((400, error("bodyDoesNotMatchSchema", "no card, nothing like 4444333322221111")));
        }
        let id = self.id("eyJtoken");
        let token = json!({"tokenPaymentInstrument": {"type": "card/tokenized",
                "href": format!("https://try.access.worldpay.com/tokens/{id}")},
            "tokenId": "9902480679618049603", "namespace": body["namespace"],
            "paymentInstrument": {"type": "card/masked", "cardNumber": "4444********1111", "brand": "VISA",
                "cardExpiryDate": card["cardExpiryDate"]}});
        self.tokens.insert(id, token.clone());
        Ok((201, token))
    }

    fn statements(&mut self, asked: &Asked) -> Ruled {
        if asked.header("wp-api-version") != Some("2025-01-01") {
            return Err("wp-api-version".into());
        }
        let wanted = ["accountNumber", "endDate", "pageNumber", "pageSize", "startDate"];
        if !asked.query.keys().eq(wanted) || asked.query["accountNumber"].len() != 16 {
            return Err(format!("the query {:?}", asked.query));
        }
        Ok(self.statement.clone().map_or((204, Value::Null), |statement| (200, statement)))
    }
}
