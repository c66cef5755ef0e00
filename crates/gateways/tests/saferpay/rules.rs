//! Saferpay's rules, and what the double keeps. `Err` is a request that breaks one.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use serde_json::{Value, json};

use crate::aliases::{alias, means};
use crate::asked::{amount, payment};
use crate::standin::{Answer, Asked, Rules, only, text};
use crate::transactions::Transaction;

pub(crate) const USERNAME: &str = "API_123456_12345678";
pub(crate) const PASSWORD: &str = "password of the double";
pub(crate) const CUSTOMER: &str = "123456";
pub(crate) const TERMINAL: &str = "17812345";

pub(crate) type Ruled = Result<Answer, String>;

/// A payment that was begun, or a page.
#[derive(Clone)]
pub(crate) struct Begun {
    pub(crate) body: Value,
    is_page: bool,
    /// Whether the customer met what was wanted.
    met: Option<bool>,
    /// The transaction that it became.
    became: Option<String>,
}

#[derive(Default)]
pub(crate) struct Saferpay {
    pub(crate) transactions: BTreeMap<String, Transaction>,
    pub(crate) begun: BTreeMap<String, Begun>,
    pub(crate) aliases: BTreeMap<String, Value>,
    /// Whether captures fail with an error of Saferpay's own, and whether they are done all the same.
    pub(crate) captures_fail: Option<bool>,
    /// Whether what was captured is still shown as it was before, as it may be for some minutes.
    pub(crate) shows_late: bool,
    made: u32,
}

impl Rules for Saferpay {
    const WHO: &'static str = "Saferpay";

    fn broken(_problem: &str) -> Value {
        error("VALIDATION_FAILED")
    }

    fn answer(&mut self, asked: &Asked) -> Ruled {
        let basic = format!("Basic {}", BASE64.encode(format!("{USERNAME}:{PASSWORD}").as_bytes()));
        if asked.header("authorization") != Some(&basic) {
            return Ok((401, error("AUTHENTICATION_FAILED")));
        }
        if asked.header("content-type") != Some("application/json; charset=utf-8")
            || asked.header("accept") != Some("application/json")
        {
            return Err("content-type or accept".into());
        }
        if asked.what.starts_with("GET ") {
            return crate::reported::answer(&self.transactions, asked);
        }
        let path = asked.what.strip_prefix("POST Payment/v1/").ok_or("there is no such endpoint")?;
        let mut body = asked.json()?;
        let header =
            body.as_object_mut().ok_or("no object")?.remove("RequestHeader").ok_or("RequestHeader")?;
        let id = headed(&header)?;
        let (status, mut answer) = self.perform(path, &body)?;
        answer["ResponseHeader"] = json!({"SpecVersion": "1.53", "RequestId": id});
        Ok((status, answer))
    }

    fn is_effect(asked: &Asked) -> bool {
        ["Authorize", "AuthorizeDirect", "Capture", "Cancel", "Refund", "InsertDirect"]
            .iter()
            .any(|method| asked.what.ends_with(&format!("/{method}")))
    }
}

pub(crate) fn error(name: &str) -> Value {
    json!({"Behavior": "DO_NOT_RETRY", "ErrorName": name, "ErrorMessage": "no to 4111111111111111",
        "ErrorDetail": ["a detail"]})
}

pub(crate) fn refused(name: &str) -> Answer {
    (402, error(name))
}

/// The request id of a header.
fn headed(header: &Value) -> Result<String, String> {
    only(header, &["SpecVersion", "CustomerId", "RequestId", "RetryIndicator"])?;
    if header["SpecVersion"] != "1.53" || header["CustomerId"] != CUSTOMER || header["RetryIndicator"] != 0 {
        return Err(format!("the header {header}"));
    }
    is_id(text(header, "RequestId")?, 50)
}

pub(crate) fn is_id(text: &str, chars_max: usize) -> Result<String, String> {
    let good = text.chars().all(|c| c.is_ascii_alphanumeric() || ".:-_".contains(c));
    if good && !text.is_empty() && text.len() <= chars_max {
        Ok(text.to_owned())
    } else {
        Err(format!("the id {text}"))
    }
}

impl Saferpay {
    fn id(&mut self, what: &str) -> String {
        self.made += 1;
        format!("{what}{:06}", self.made)
    }

    fn perform(&mut self, path: &str, body: &Value) -> Ruled {
        match path {
            "Transaction/AuthorizeDirect" => self.direct(body),
            "Transaction/Initialize" => self.initialize(body),
            "Transaction/Authorize" => self.authorize(body, false),
            "PaymentPage/Initialize" => self.page(body),
            "PaymentPage/Assert" => self.authorize(body, true),
            "Transaction/Inquire" => self.inquire(body),
            "Transaction/Capture" => self.capture(body),
            "Transaction/Cancel" => self.cancel(body),
            "Transaction/Refund" => self.refund(body),
            "Alias/InsertDirect" => self.store(body),
            "Alias/Inquire" => self.stored(body),
            _ => Err("there is no such endpoint".into()),
        }
    }

    fn direct(&mut self, body: &Value) -> Ruled {
        only(body, &["TerminalId", "Payment", "PaymentMeans", "Initiator"])?;
        if !["MERCHANT", "PAYER"].contains(&text(body, "Initiator")?) {
            return Err("Initiator".into());
        }
        payment(body, false)?;
        let alias = alias(body)?;
        if alias.ends_with("-challenged") {
            let mut soft = error("PAYER_AUTHENTICATION_REQUIRED");
            soft["ProcessorResult"] = "1A".into();
            return Ok((402, soft));
        }
        self.hold(body, &alias)
    }

    fn initialize(&mut self, body: &Value) -> Ruled {
        only(body, &["TerminalId", "Payment", "PaymentMeans", "ReturnUrl", "Authentication", "Payer"])?;
        payment(body, false)?;
        only(&body["ReturnUrl"], &["Url"])?;
        text(&body["ReturnUrl"], "Url")?;
        let alias = alias(body)?;
        let is_forced = !body["Authentication"].is_null();
        if is_forced && body["Authentication"] != json!({"ThreeDsChallenge": "FORCE"}) {
            return Err("Authentication".into());
        }
        if !self.knows(&alias) {
            return Ok(refused("ALIAS_INVALID"));
        }
        let token = self.id("token");
        let is_challenged = is_forced || alias.ends_with("-challenged");
        let met = (!is_challenged).then_some(true);
        self.begun.insert(token.clone(), Begun { body: body.clone(), is_page: false, met, became: None });
        let mut answer = json!({"Token": token, "Expiration": "2026-11-30T01:00:00.000+01:00",
            "LiabilityShift": true, "RedirectRequired": is_challenged});
        if is_challenged {
            let url = format!("https://test.saferpay.com/vt2/api/{token}");
            answer["Redirect"] = json!({"RedirectUrl": url, "PaymentMeansRequired": false});
        }
        Ok((200, answer))
    }

    fn page(&mut self, body: &Value) -> Ruled {
        let fields = [
            "TerminalId",
            "Payment",
            "PaymentMethods",
            "ReturnUrl",
            "Authentication",
            "Payer",
            "Notification",
        ];
        only(body, &fields)?;
        payment(body, true)?;
        text(&body["ReturnUrl"], "Url")?;
        let cards = body["PaymentMethods"].as_array().ok_or("PaymentMethods")?;
        if cards.iter().any(|one| ["TWINT", "PAYPAL"].contains(&one.as_str().unwrap_or("TWINT"))) {
            return Err("PaymentMethods".into());
        }
        if !body["Notification"].is_null() {
            only(&body["Notification"], &["SuccessNotifyUrl", "FailNotifyUrl"])?;
        }
        let token = self.id("page");
        self.begun
            .insert(token.clone(), Begun { body: body.clone(), is_page: true, met: None, became: None });
        let url = format!("https://test.saferpay.com/vt2/api/PaymentPage/{token}");
        Ok((200, json!({"Token": token, "Expiration": "2026-11-30T01:00:00.000+01:00", "RedirectUrl": url})))
    }

    /// The customer meets what is wanted, or does not; what ended stays as it is.
    pub(crate) fn meet(&mut self, challenge: &str, met: bool) {
        let token = challenge.rsplit('/').next().unwrap_or_default();
        if let Some(begun) = self.begun.get_mut(token) {
            begun.met.get_or_insert(met);
        }
    }

    fn authorize(&mut self, body: &Value, is_page: bool) -> Ruled {
        only(body, &["Token"])?;
        let token = text(body, "Token")?.to_owned();
        let Some(begun) = self.begun.get(&token).filter(|begun| begun.is_page == is_page).cloned() else {
            return Ok(refused("TOKEN_INVALID"));
        };
        if let Some(became) = &begun.became {
            return Ok((200, self.shown(became)));
        }
        match begun.met {
            None => return Ok(refused("TRANSACTION_NOT_STARTED")),
            Some(false) if is_page => return Ok(refused("TRANSACTION_ABORTED")),
            Some(false) => return Ok(refused("3DS_AUTHENTICATION_FAILED")),
            Some(true) => {}
        }
        let alias = alias(&begun.body).unwrap_or_default();
        let answer = self.hold(&begun.body, &alias)?;
        let id = answer.1["Transaction"]["Id"].as_str().map(str::to_owned);
        self.begun.get_mut(&token).expect("it is there").became = id;
        Ok(answer)
    }

    fn knows(&self, alias: &str) -> bool {
        let known = ["-visa", "-challenged", "-less"].iter().any(|name| alias.ends_with(name));
        known || alias.contains("-declined") || self.aliases.contains_key(alias)
    }

    fn hold(&mut self, body: &Value, alias: &str) -> Ruled {
        if let Some((_, code)) = alias.split_once("-declined") {
            let mut answer = error("TRANSACTION_DECLINED");
            answer["ProcessorName"] = "Saferpay Test".into();
            answer["ProcessorResult"] = code.into();
            answer["TransactionId"] = self.id("tx").into();
            return Ok((402, answer));
        }
        if !alias.is_empty() && !self.knows(alias) {
            return Ok(refused("ALIAS_INVALID"));
        }
        let minor = amount(&body["Payment"]["Amount"])?;
        let minor = if alias.ends_with("-less") { minor - 1 } else { minor };
        let order = text(&body["Payment"], "OrderId")?.to_owned();
        let id = self.id("tx");
        let held = Transaction {
            kind: "PAYMENT",
            status: "AUTHORIZED",
            amount: minor,
            order,
            taken: 0,
            refunded: 0,
            of: None,
        };
        self.transactions.insert(id.clone(), held);
        Ok((200, self.shown(&id)))
    }

    fn shown(&self, id: &str) -> Value {
        let found = &self.transactions[id];
        let is_captured = found.status == "CAPTURED";
        let status = if is_captured && self.shows_late { "AUTHORIZED" } else { found.status };
        // Of what was captured it shows how much.
        let minor = if status == "CAPTURED" { found.taken } else { found.amount };
        let mut shown = json!({"Type": found.kind, "Status": status, "Id": id,
            "Date": "2026-11-30T00:45:22.258+01:00", "Amount": {"Value": minor.to_string(), "CurrencyCode": "EUR"}, "OrderId": found.order,
            "AcquirerName": "Saferpay Test", "SixTransactionReference": format!("0:0:3:{id}")});
        if status == "CAPTURED" {
            shown["CaptureId"] = format!("{id}_c").into();
        }
        json!({"Transaction": shown, "PaymentMeans": means("411111xxxxxx1111"),
            "Liability": {"LiabilityShift": true, "LiableEntity": "THREEDS",
                "ThreeDs": {"Authenticated": true, "AuthenticationType": "FRICTIONLESS"}}})
    }

    fn inquire(&self, body: &Value) -> Ruled {
        only(body, &["TransactionReference"])?;
        let reference = &body["TransactionReference"];
        only(reference, &["TransactionId", "OrderId"])?;
        let found = match (reference["TransactionId"].as_str(), reference["OrderId"].as_str()) {
            (Some(id), None) => self.transactions.contains_key(id).then_some(id),
            (None, Some(order)) => {
                is_id(order, 80)?;
                let mut named = self.transactions.iter().filter(|(_, one)| one.order == order);
                let first = named.next();
                if named.next().is_some() {
                    return Err("the order id is of several".into());
                }
                first.map(|(id, _)| id.as_str())
            }
            _ => return Err("exactly one reference".into()),
        };
        Ok(found.map_or_else(|| refused("TRANSACTION_NOT_FOUND"), |id| (200, self.shown(id))))
    }

    fn capture(&mut self, body: &Value) -> Ruled {
        only(body, &["TransactionReference", "Amount"])?;
        only(&body["TransactionReference"], &["TransactionId"])?;
        let id = text(&body["TransactionReference"], "TransactionId")?;
        let asked = if body["Amount"].is_null() { None } else { Some(amount(&body["Amount"])?) };
        if self.captures_fail == Some(false) {
            return Ok((500, error("INTERNAL_ERROR")));
        }
        let Some(found) = self.transactions.get_mut(id) else { return Ok(refused("TRANSACTION_NOT_FOUND")) };
        match found.status {
            "AUTHORIZED" => {}
            "CAPTURED" => return Ok(refused("TRANSACTION_ALREADY_CAPTURED")),
            _ => return Ok(refused("TRANSACTION_IN_WRONG_STATE")),
        }
        let taken = asked.unwrap_or(found.amount);
        if taken > found.amount {
            return Ok(refused("AMOUNT_INVALID"));
        }
        (found.status, found.taken) = ("CAPTURED", taken);
        if self.captures_fail == Some(true) {
            return Ok((500, error("INTERNAL_ERROR")));
        }
        Ok((
            200,
            json!({"CaptureId": format!("{id}_c"), "Status": "CAPTURED", "Date": "2026-11-30T00:45:23+01:00"}),
        ))
    }

    fn cancel(&mut self, body: &Value) -> Ruled {
        only(body, &["TransactionReference"])?;
        let id = text(&body["TransactionReference"], "TransactionId")?;
        let Some(found) = self.transactions.get_mut(id) else { return Ok(refused("TRANSACTION_NOT_FOUND")) };
        if found.status != "AUTHORIZED" {
            return Ok(refused("TRANSACTION_IN_WRONG_STATE"));
        }
        found.status = "CANCELED";
        Ok((200, json!({"TransactionId": id, "OrderId": found.order, "Date": "2026-11-30T00:45:23+01:00"})))
    }

    fn refund(&mut self, body: &Value) -> Ruled {
        only(body, &["Refund", "CaptureReference"])?;
        let asked = &body["Refund"];
        only(asked, &["Amount", "OrderId", "RestrictRefundAmountToCapturedAmount"])?;
        if asked["RestrictRefundAmountToCapturedAmount"] != true {
            return Err("more than was taken could be given back".into());
        }
        let (minor, order) = (amount(&asked["Amount"])?, is_id(text(asked, "OrderId")?, 80)?);
        only(&body["CaptureReference"], &["CaptureId"])?;
        let of = text(&body["CaptureReference"], "CaptureId")?.trim_end_matches("_c").to_owned();
        let id = self.id("tx");
        let Some(found) = self.transactions.get_mut(&of) else { return Ok(refused("TRANSACTION_NOT_FOUND")) };
        if found.status != "CAPTURED" || found.refunded + minor > found.taken {
            return Ok(refused("AMOUNT_INVALID"));
        }
        found.refunded += minor;
        let refund = Transaction {
            kind: "REFUND",
            status: "AUTHORIZED",
            amount: minor,
            order,
            taken: 0,
            refunded: 0,
            of: Some(of),
        };
        self.transactions.insert(id.clone(), refund);
        let mut answer = self.shown(&id);
        answer.as_object_mut().expect("an object").remove("Liability");
        Ok((200, answer))
    }

    /// How much was given back for good of a payment.
    pub(crate) fn given_back(&self, payment: &str) -> i64 {
        let refunds = self.transactions.values().filter(|one| one.of.as_deref() == Some(payment));
        refunds.filter(|one| one.status == "CAPTURED").map(|one| one.taken).sum()
    }
}
