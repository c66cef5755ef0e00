//! PayU's rules, and what the double keeps. `Err` is a request that breaks one. The point of sale's automatic collection is
//! off, unless a test switches it on.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::standin::{Answer, Asked, Rules, only, text};

pub(crate) const POS: &str = "300746";
pub(crate) const SECRET: &str = "secret of the double";
pub(crate) const NOTIFY_URL: &str = "https://pay.example.com/v1/payments/webhook/gateway/payu";

type Ruled = Result<Answer, String>;

#[derive(Clone)]
pub(crate) struct Refund {
    id: String,
    name: String,
    minor: i64,
    pub(crate) status: &'static str,
}

#[derive(Clone)]
pub(crate) struct Order {
    pub(crate) name: String,
    pub(crate) amount: i64,
    currency: String,
    pub(crate) status: &'static str,
    pub(crate) taken: i64,
    /// How often it is still shown as pending.
    looks: u32,
    /// What the last attempt to pay it ended with.
    tried: Option<String>,
    pub(crate) refunds: Vec<Refund>,
}

impl Order {
    /// From now on it is shown as it stands.
    pub(crate) fn shown(&mut self) {
        self.looks = 0;
    }
}

#[derive(Default)]
pub(crate) struct PayU {
    pub(crate) orders: BTreeMap<String, Order>,
    /// How often an order is looked at before its payment has an end.
    pub(crate) looks: u32,
    /// Whether what is paid is collected without being confirmed.
    pub(crate) collects: bool,
    /// Whether refunds stay pending.
    pub(crate) refunds_wait: bool,
    /// Whether confirming fails: not done, and not said why.
    pub(crate) confirming_fails: bool,
    /// The archives of statements, by their ids.
    pub(crate) statements: BTreeMap<String, Vec<u8>>,
    /// How many sessions were opened, and the one that counts.
    pub(crate) sessions: u32,
    made: u32,
}

impl Rules for PayU {
    const WHO: &'static str = "PayU";

    fn is_effect(asked: &Asked) -> bool {
        !asked.what.starts_with("GET ") && !asked.what.ends_with("oauth/authorize")
    }

    fn broken(problem: &str) -> Value {
        error("ERROR_VALUE_INVALID", problem)
    }

    fn file(&self, asked: &Asked) -> Option<Vec<u8>> {
        self.statements.get(asked.what.strip_prefix("GET api/v2_1/reports/")?).cloned()
    }

    fn answer(&mut self, asked: &Asked) -> Ruled {
        let (method, path) = asked.what.split_once(' ').expect("two words");
        let parts: Vec<&str> = path.split('/').collect();
        crate::statements::accepts(asked)?;
        if (method, path) == ("POST", "pl/standard/user/oauth/authorize") {
            return self.open(asked);
        }
        if let Some(refused) = crate::statements::refused(asked, self.sessions)? {
            return Ok(refused);
        }
        match (method, parts.as_slice()) {
            ("POST", ["api", "v2_1", "orders"]) => self.make(&asked.json()?),
            ("GET", ["api", "v2_1", "orders", id]) => Ok(self.show(id)),
            ("DELETE", ["api", "v2_1", "orders", id]) => Ok(self.cancel(id)),
            ("POST", ["api", "v2_1", "orders", id, "captures"]) => self.capture(id, asked),
            ("GET", ["api", "v2_1", "orders", id, "transactions"]) => Ok(self.tried(id)),
            ("POST", ["api", "v2_1", "orders", id, "refunds"]) => self.refund(id, &asked.json()?),
            ("GET", ["api", "v2_1", "orders", id, "refunds", refund]) => Ok(self.show_refund(id, refund)),
            ("GET", ["api", "v2_1", "reports", id]) => {
                Ok(if self.statements.contains_key(*id) { (200, Value::Null) } else { missing() })
            }
            _ => Err("there is no such endpoint".into()),
        }
    }
}

pub(crate) fn error(code: &str, said: &str) -> Value {
    json!({"status": {"statusCode": code, "severity": "ERROR", "code": "8300", "statusDesc": said}})
}

fn missing() -> Answer {
    (404, error("DATA_NOT_FOUND", "not there"))
}

fn success() -> Value {
    json!({"statusCode": "SUCCESS", "statusDesc": "Status was updated"})
}

/// An amount: digits in a text.
fn minor(body: &Value, field: &str) -> Result<i64, String> {
    let said = text(body, field)?;
    said.parse().map_err(|_| format!("{field} is {said}"))
}

impl PayU {
    fn open(&mut self, asked: &Asked) -> Ruled {
        if asked.header("content-type") != Some("application/x-www-form-urlencoded") {
            return Ok((401, json!({"error": "unauthorized"})));
        }
        let form = String::from_utf8(asked.body.clone()).map_err(|error| error.to_string())?;
        let secret = SECRET.replace(' ', "+");
        if form != format!("grant_type=client_credentials&client_id={POS}&client_secret={secret}") {
            return Ok((
                401,
                json!({"error": "invalid_client", "error_description": "Bad client credentials"}),
            ));
        }
        self.sessions += 1;
        let token = format!("session-{}", self.sessions);
        Ok((
            200,
            json!({"access_token": token, "token_type": "bearer", "expires_in": 43_199,
            "grant_type": "client_credentials"}),
        ))
    }

    fn make(&mut self, body: &Value) -> Ruled {
        let fields = [
            "merchantPosId",
            "extOrderId",
            "customerIp",
            "description",
            "currencyCode",
            "totalAmount",
            "products",
            "statementDescription",
            "notifyUrl",
            "payMethods",
            "cardOnFile",
            "recurring",
            "buyer",
            "continueUrl",
            "validityTime",
            "threeDsAuthentication",
        ];
        only(body, &fields)?;
        let total = minor(body, "totalAmount")?;
        text(body, "description")?;
        if body["merchantPosId"] != POS || text(body, "customerIp")?.parse::<std::net::IpAddr>().is_err() {
            return Err("the point of sale or the customer's address".into());
        }
        let product = &body["products"][0];
        only(product, &["name", "unitPrice", "quantity"])?;
        if minor(product, "unitPrice")? != total || product["quantity"] != "1" {
            return Err("the products are not what is paid".into());
        }
        if body["notifyUrl"] != NOTIFY_URL && total > 0 {
            return Err("notifyUrl".into());
        }
        if body["statementDescription"].as_str().is_some_and(|text| text.chars().count() > 22) {
            return Err("statementDescription".into());
        }
        if let Some(strong) = body["threeDsAuthentication"].as_object() {
            only(&json!(strong), &["challengeRequested", "browser"])?;
            if strong.get("browser").is_some_and(|browser| browser.as_object().is_none_or(|it| it.len() != 9))
            {
                return Err("the browser is not whole".into());
            }
        }
        let name = text(body, "extOrderId")?.to_owned();
        if self.orders.values().any(|order| order.name == name) {
            return Ok((400, error("ERROR_ORDER_NOT_UNIQUE", "it is there")));
        }
        let method = &body["payMethods"]["payMethod"];
        only(method, &["type", "value"])?;
        let value = text(method, "value")?.to_owned();
        self.made += 1;
        let id = format!("WZHF5FFDRJ{:06}GUEST000P01", self.made);
        let currency = text(body, "currencyCode")?.to_owned();
        let status = "PENDING";
        let order = Order {
            name,
            amount: total,
            currency,
            status,
            taken: 0,
            looks: self.looks,
            tried: None,
            refunds: Vec::new(),
        };
        match method["type"].as_str() {
            Some("PBL") if value == "c" => self.page(body, id, order),
            Some("CARD_TOKEN") if total == 0 => self.store(body, id, order, &value),
            Some("CARD_TOKEN") => self.charge(body, id, order, &value),
            _ => Err(format!("the method {method}")),
        }
    }

    fn page(&mut self, body: &Value, id: String, order: Order) -> Ruled {
        text(body, "continueUrl")?;
        text(body, "validityTime")?.parse::<u32>().map_err(|error| error.to_string())?;
        Ok(self.elsewhere(id, order, "SUCCESS"))
    }

    /// The customer goes to an address of PayU's.
    fn elsewhere(&mut self, id: String, order: Order, code: &str) -> Answer {
        let url = format!("https://merch-prod.snd.payu.com/pay/?orderId={id}");
        let told = json!({"status": {"statusCode": code}, "redirectUri": url, "orderId": id,
            "extOrderId": order.name});
        self.orders.insert(id, Order { looks: 0, ..order });
        (302, told)
    }

    fn store(&mut self, body: &Value, id: String, order: Order, value: &str) -> Ruled {
        text(&body["buyer"], "extCustomerId")?;
        if body["cardOnFile"] != "FIRST" || !value.starts_with("TOK_") {
            return Err("a first order is made with what the form made".into());
        }
        if value == "TOK_challenged" {
            return Ok(self.elsewhere(id, order, "WARNING_CONTINUE_3DS"));
        }
        let told = json!({"status": {"statusCode": "SUCCESS"}, "orderId": id, "extOrderId": order.name,
            "payMethods": {"payMethod": {"type": "CARD_TOKEN", "value": "TOKC_visa",
                "card": {"number": "411111******1111", "expirationMonth": "4", "expirationYear": 2040}}}});
        self.orders.insert(id, Order { status: "COMPLETED", ..order });
        Ok((201, told))
    }

    fn charge(&mut self, body: &Value, id: String, mut order: Order, value: &str) -> Ruled {
        text(&body["buyer"], "extCustomerId")?;
        if body["cardOnFile"].is_string() == body["recurring"].is_string() || !value.starts_with("TOKC_") {
            return Err("who charges a stored card must be said, once".into());
        }
        if value == "TOKC_expired" {
            let mut said = error("ERROR_INTERNAL", "no to 4444333322221111");
            said["status"]["codeLiteral"] = "CARD_CARD_EXPIRED".into();
            return Ok((400, said));
        }
        if value == "TOKC_fraud" {
            return Ok((400, error("BUSINESS_ERROR", "Order was rejected by antifraud system")));
        }
        if value == "TOKC_challenged" || body["threeDsAuthentication"]["challengeRequested"] == "YES" {
            return Ok(self.elsewhere(id, order, "WARNING_CONTINUE_3DS"));
        }
        if value == "TOKC_less" {
            order.amount -= 1;
        }
        let code = value.strip_prefix("TOKC_declined").unwrap_or("000").to_owned();
        self.paid(&mut order, &code);
        let told = json!({"status": {"statusCode": "SUCCESS"}, "orderId": id, "extOrderId": order.name});
        self.orders.insert(id, order);
        Ok((201, told))
    }

    /// An attempt to pay an order ended with this code.
    fn paid(&self, order: &mut Order, code: &str) {
        order.tried = Some(code.to_owned());
        order.status = match (code, self.collects) {
            ("000", false) => "WAITING_FOR_CONFIRMATION",
            ("000", true) => "COMPLETED",
            _ => "CANCELED",
        };
        if order.status == "COMPLETED" {
            order.taken = order.amount;
        }
    }

    /// The customer has met the challenge, or paid on the page; or neither. What ended before stays.
    pub(crate) fn meet(&mut self, id: &str, met: bool) {
        let Some(mut order) = self.orders.get(id).cloned().filter(|order| order.status == "PENDING") else {
            return;
        };
        self.paid(&mut order, if met { "000" } else { "114" });
        self.orders.insert(id.to_owned(), order);
    }

    fn show(&mut self, id: &str) -> Answer {
        let Some(order) = self.orders.get_mut(id) else { return missing() };
        let status = if order.looks > 0 { "PENDING" } else { order.status };
        order.looks = order.looks.saturating_sub(1);
        let shown = json!({"orderId": id, "extOrderId": order.name, "orderCreateDate": "2026-01-03T14:58:17.443+01:00",
            "merchantPosId": POS, "currencyCode": order.currency, "totalAmount": order.amount.to_string(),
            "status": status});
        (200, json!({"orders": [shown], "status": {"statusCode": "SUCCESS"}, "properties": []}))
    }

    fn tried(&self, id: &str) -> Answer {
        let Some(order) = self.orders.get(id) else { return missing() };
        let tried = order.tried.iter().map(|code| {
            json!({"payMethod": {"value": "c"}, "card": {"cardData": {"cardNumberMasked": "543402******4014",
                "cardResponseCode": code}}})
        });
        (200, json!({"transactions": tried.collect::<Vec<_>>()}))
    }

    fn cancel(&mut self, id: &str) -> Answer {
        let Some(order) = self.orders.get_mut(id) else { return missing() };
        if matches!(order.status, "COMPLETED" | "CANCELED") {
            return (400, error("ERROR_VALUE_INVALID", "it has ended"));
        }
        order.status = "CANCELED";
        (200, json!({"orderId": id, "extOrderId": order.name, "status": success()}))
    }

    fn capture(&mut self, id: &str, asked: &Asked) -> Ruled {
        if self.confirming_fails {
            return Ok((500, error("ERROR_INTERNAL", "try again later")));
        }
        let Some(order) = self.orders.get_mut(id) else { return Ok(missing()) };
        let taken = if asked.body.is_empty() {
            order.amount
        } else {
            let body = asked.json()?;
            only(&body, &["amount", "currencyCode"])?;
            let part = minor(&body, "amount")?;
            if part >= order.amount || body["currencyCode"] != order.currency.as_str() {
                return Err("a part must be less than the order, in its currency".into());
            }
            part
        };
        if order.status != "WAITING_FOR_CONFIRMATION" {
            return Ok((400, error("ERROR_VALUE_INVALID", "it does not wait")));
        }
        (order.status, order.taken) = ("COMPLETED", taken);
        Ok((200, json!({"status": success()})))
    }

    fn refund(&mut self, id: &str, body: &Value) -> Ruled {
        only(body, &["refund"])?;
        let asked = &body["refund"];
        only(asked, &["description", "amount", "currencyCode", "extRefundId"])?;
        text(asked, "description")?;
        let (name, minor) = (text(asked, "extRefundId")?.to_owned(), minor(asked, "amount")?);
        let waits = self.refunds_wait;
        self.made += 1;
        let new = format!("50000{:05}", self.made);
        let Some(order) = self.orders.get_mut(id) else { return Ok(missing()) };
        if asked["currencyCode"] != order.currency.as_str() {
            return Err("the currency".into());
        }
        // The same again is the same.
        if let Some(known) = order.refunds.iter().find(|known| known.name == name && known.minor == minor) {
            let told = refund_of(known, &order.currency);
            return Ok((200, json!({"orderId": id, "refund": told, "status": {"statusCode": "SUCCESS"}})));
        }
        let given: i64 = order.refunds.iter().map(|refund| refund.minor).sum();
        if order.status != "COMPLETED" || given + minor > order.taken {
            return Ok((400, error("ERROR_VALUE_INVALID", "more than is there")));
        }
        // One that ends in 78 is more than the balance covers, one in 79 of a payment that has not ended.
        if let Some((_, literal)) =
            [(78, "NO_BALANCE"), (79, "TRANS_NOT_ENDED")].iter().find(|(n, _)| minor % 100 == *n)
        {
            let status =
                json!({"statusCode": "OPENPAYU_BUSINESS_ERROR", "codeLiteral": literal, "code": "9102"});
            return Ok((400, json!({"status": status})));
        }
        let refund = Refund { id: new, name, minor, status: "PENDING" };
        let told = refund_of(&refund, &order.currency);
        // It is queued, and done at once after that.
        order.refunds.push(Refund { status: if waits { "PENDING" } else { "FINALIZED" }, ..refund });
        Ok((
            200,
            json!({"orderId": id, "refund": told, "status": {"statusCode": "SUCCESS",
            "statusDesc": "Refund queued for processing"}}),
        ))
    }

    fn show_refund(&self, id: &str, refund: &str) -> Answer {
        let Some(order) = self.orders.get(id) else { return missing() };
        let found = order.refunds.iter().find(|known| known.id == refund);
        found.map_or_else(missing, |found| (200, refund_of(found, &order.currency)))
    }
}

/// A refund as PayU shows it.
pub(crate) fn refund_of(refund: &Refund, currency: &str) -> Value {
    json!({"refundId": refund.id, "extRefundId": refund.name, "amount": refund.minor.to_string(),
        "currencyCode": currency, "description": "Refund", "creationDateTime": "2026-01-03T14:58:17.443+01:00",
        "status": refund.status, "statusDatetime": "2026-01-03T14:58:18.000+01:00"})
}
