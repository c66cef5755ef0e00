//! Square's rules, and what the double keeps. `Err` is a request that breaks one.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::disputed::Disputes;
use crate::standin::{Answer, Asked, Rules, only, text};

pub(crate) const TOKEN: &str = "EAAAtoken";
pub(crate) const LOCATION: &str = "L88917AVBK2S5";

type Ruled = Result<Answer, String>;

/// What is kept of a key: where it was used, with what, and the answer.
struct Kept {
    what: String,
    body: Value,
    answer: Answer,
}

#[derive(Default)]
pub(crate) struct Square {
    pub(crate) payments: BTreeMap<String, Value>,
    pub(crate) refunds: BTreeMap<String, Value>,
    pub(crate) cards: BTreeMap<String, Value>,
    pub(crate) customers: BTreeMap<String, Value>,
    pub(crate) links: BTreeMap<String, Value>,
    pub(crate) orders: BTreeMap<String, Value>,
    pub(crate) payouts: Vec<(Value, Vec<Value>)>,
    pub(crate) disputes: Disputes,
    /// Whether an order can be paid yet when its page was taken away.
    pub(crate) keeps_orders: bool,
    keys: BTreeMap<String, Kept>,
    made: u32,
}

impl Rules for Square {
    const WHO: &'static str = "Square";

    fn broken(problem: &str) -> Value {
        error("INVALID_REQUEST_ERROR", "BAD_REQUEST", "-", problem)
    }

    fn answer(&mut self, asked: &Asked) -> Ruled {
        if asked.header("authorization") != Some("Bearer EAAAtoken") {
            return Ok((401, error("AUTHENTICATION_ERROR", "UNAUTHORIZED", "-", "no")));
        }
        if asked.header("square-version") != Some("2026-09-16") {
            return Err("square-version".into());
        }
        let (method, path) = asked.what.split_once(' ').expect("two words");
        let parts: Vec<&str> = path.split('/').collect();
        if let ["v2", "disputes", of @ ..] = parts.as_slice() {
            return self.disputes.answer(method, of, asked);
        }
        match method {
            "GET" => return self.read(&parts, asked),
            "DELETE" => return self.delete(&parts),
            _ => {}
        }
        if asked.header("content-type") != Some("application/json") {
            return Err("content-type".into());
        }
        let body = asked.json()?;
        let Some(key) = body["idempotency_key"].as_str().map(str::to_owned) else {
            return self.perform(method, &parts, &body);
        };
        if key.is_empty() || key.len() > 45 {
            return Err(format!("the key {key}"));
        }
        if let Some(kept) = self.keys.get(&key) {
            let is_same = kept.what == asked.what && kept.body == body;
            let reused =
                (400, error("INVALID_REQUEST_ERROR", "IDEMPOTENCY_KEY_REUSED", "idempotency_key", "no"));
            return Ok(if is_same { kept.answer.clone() } else { reused });
        }
        let answer = self.perform(method, &parts, &body)?;
        self.keys.insert(key, Kept { what: asked.what.clone(), body, answer: answer.clone() });
        Ok(answer)
    }
}

pub(crate) fn error(category: &str, code: &str, field: &str, detail: &str) -> Value {
    json!({"errors": [{"category": category, "code": code, "field": field, "detail": detail}]})
}

fn missing() -> Answer {
    (404, error("INVALID_REQUEST_ERROR", "NOT_FOUND", "-", "not there"))
}

fn refused(detail: &str) -> Answer {
    (400, error("INVALID_REQUEST_ERROR", "BAD_REQUEST", "-", detail))
}

fn money(value: &Value) -> Result<i64, String> {
    only(value, &["amount", "currency"])?;
    if value["currency"] != "EUR" {
        return Err(format!("the currency {}", value["currency"]));
    }
    value["amount"].as_i64().filter(|minor| *minor > 0).ok_or_else(|| format!("the amount {value}"))
}

impl Square {
    fn id(&mut self, what: &str) -> String {
        self.made += 1;
        format!("{what}{:06}", self.made)
    }

    fn perform(&mut self, method: &str, parts: &[&str], body: &Value) -> Ruled {
        match (method, parts) {
            ("POST", ["v2", "payments"]) => self.pay(body),
            ("PUT", ["v2", "payments", id]) => self.resize(id, body),
            ("POST", ["v2", "payments", id, "complete"]) => self.complete(id, body),
            ("POST", ["v2", "payments", id, "cancel"]) => self.cancel(id, body),
            ("POST", ["v2", "refunds"]) => self.refund(body),
            ("POST", ["v2", "customers"]) => self.customer(body),
            ("POST", ["v2", "cards"]) => self.store(body),
            ("POST", ["v2", "online-checkout", "payment-links"]) => self.link(body),
            _ => Err("there is no such endpoint".into()),
        }
    }

    fn read(&mut self, parts: &[&str], asked: &Asked) -> Ruled {
        let (name, found) = match parts {
            ["v2", "payments", id] => ("payment", self.payments.get(*id)),
            ["v2", "refunds", id] => ("refund", self.refunds.get(*id)),
            ["v2", "cards", id] => ("card", self.cards.get(*id)),
            ["v2", "customers", id] => ("customer", self.customers.get(*id)),
            ["v2", "online-checkout", "payment-links", id] => ("payment_link", self.links.get(*id)),
            ["v2", "orders", id] => ("order", self.orders.get(*id)),
            ["v2", "locations", id] => {
                return Ok(if *id == LOCATION { (200, json!({"location": {}})) } else { missing() });
            }
            ["v2", "payouts"] => return self.payouts(asked),
            ["v2", "payouts", id, "payout-entries"] => return self.entries(id, asked),
            _ => return Err("there is no such endpoint".into()),
        };
        Ok(found.map_or_else(missing, |object| (200, json!({name: object}))))
    }

    fn delete(&mut self, parts: &[&str]) -> Ruled {
        let ["v2", "online-checkout", "payment-links", id] = parts else {
            return Err("there is no such endpoint".into());
        };
        let Some(link) = self.links.remove(*id) else { return Ok(missing()) };
        let order = self.orders.get_mut(link["order_id"].as_str().expect("text")).expect("it is there");
        if self.keeps_orders || order["state"] != "DRAFT" {
            return Ok((200, json!({"id": id})));
        }
        order["state"] = "CANCELED".into();
        Ok((200, json!({"id": id, "cancelled_order_id": order["id"]})))
    }

    fn pay(&mut self, body: &Value) -> Ruled {
        let fields = [
            "source_id",
            "customer_id",
            "idempotency_key",
            "amount_money",
            "autocomplete",
            "location_id",
            "note",
            "customer_details",
            "reference_id",
            "delay_duration",
            "delay_action",
            "statement_description_identifier",
            "buyer_email_address",
            "billing_address",
            "shipping_address",
        ];
        only(body, &fields)?;
        text(body, "idempotency_key")?;
        let minor = money(&body["amount_money"])?;
        let is_sale = body["autocomplete"].as_bool().ok_or("autocomplete")?;
        if is_sale != body["delay_duration"].is_null() || body["location_id"] != LOCATION {
            return Err("the delay or the location".into());
        }
        if text(body, "note")?.len() > 500
            || body["reference_id"].as_str().is_some_and(|text| text.len() > 40)
            || body["statement_description_identifier"].as_str().is_some_and(|text| text.len() > 20)
        {
            return Err("note, reference_id or statement_description_identifier".into());
        }
        let card = text(body, "source_id")?.to_owned();
        if let Some(code) = card.strip_prefix("ccof:declined-") {
            return Ok(self.decline(body, code));
        }
        let known = card == "ccof:visa" || card == "ccof:less" || self.cards.contains_key(&card);
        if !known {
            return Ok((404, error("INVALID_REQUEST_ERROR", "NOT_FOUND", "source_id", "no card")));
        }
        let id = self.id("PAY");
        let named = if card == "ccof:less" { minor - 1 } else { minor };
        let payment = json!({"id": id, "status": if is_sale { "COMPLETED" } else { "APPROVED" }, "note": body["note"],
            "amount_money": {"amount": named, "currency": "EUR"}, "version_token": "v0",
            "card_details": {"status": "CAPTURED", "avs_status": "AVS_ACCEPTED", "cvv_status": "CVV_NOT_CHECKED"}});
        self.payments.insert(id, payment.clone());
        Ok((200, json!({"payment": payment})))
    }

    /// The payment that failed is there, and told beside the error.
    fn decline(&mut self, body: &Value, code: &str) -> Answer {
        let mut answer = error("PAYMENT_METHOD_ERROR", code, "-", "no to 4111111111111111");
        let id = self.id("PAY");
        let payment = json!({"id": id, "status": "FAILED", "note": body["note"],
            "amount_money": body["amount_money"], "card_details": {"status": "FAILED",
                "avs_status": "AVS_ACCEPTED", "cvv_status": "CVV_REJECTED", "errors": answer["errors"]}});
        self.payments.insert(id, payment.clone());
        answer["payment"] = payment;
        (402, answer)
    }

    fn resize(&mut self, id: &str, body: &Value) -> Ruled {
        only(body, &["idempotency_key", "payment"])?;
        only(&body["payment"], &["amount_money"])?;
        let minor = money(&body["payment"]["amount_money"])?;
        text(body, "idempotency_key")?;
        let version = self.id("v");
        let Some(payment) = self.payments.get_mut(id) else { return Ok(missing()) };
        let held = payment["amount_money"]["amount"].as_i64().unwrap_or_default();
        if payment["status"] != "APPROVED" || minor > held {
            return Ok(refused("it cannot be changed so"));
        }
        payment["amount_money"]["amount"] = minor.into();
        payment["version_token"] = version.into();
        Ok((200, json!({"payment": payment})))
    }

    fn complete(&mut self, id: &str, body: &Value) -> Ruled {
        only(body, &["version_token"])?;
        let version = text(body, "version_token")?.to_owned();
        let next = self.id("v");
        let Some(payment) = self.payments.get_mut(id) else { return Ok(missing()) };
        if payment["status"] != "APPROVED" {
            return Ok(refused("it is not held"));
        }
        if payment["version_token"] != version.as_str() {
            return Ok((409, error("INVALID_REQUEST_ERROR", "VERSION_MISMATCH", "version_token", "another")));
        }
        payment["status"] = "COMPLETED".into();
        payment["version_token"] = next.into();
        Ok((200, json!({"payment": payment})))
    }

    fn cancel(&mut self, id: &str, body: &Value) -> Ruled {
        only(body, &[])?;
        let Some(payment) = self.payments.get_mut(id) else { return Ok(missing()) };
        if payment["status"] != "APPROVED" {
            return Ok(refused("it is not held"));
        }
        payment["status"] = "CANCELED".into();
        Ok((200, json!({"payment": payment})))
    }

    fn refund(&mut self, body: &Value) -> Ruled {
        only(body, &["idempotency_key", "payment_id", "amount_money", "reason"])?;
        text(body, "idempotency_key")?;
        let minor = money(&body["amount_money"])?;
        if text(body, "reason")?.len() > 192 {
            return Err("reason".into());
        }
        let own = self.id("REFUND");
        let Some(payment) = self.payments.get_mut(text(body, "payment_id")?) else { return Ok(missing()) };
        let refunded = payment["refunded"].as_i64().unwrap_or_default() + minor;
        if payment["status"] != "COMPLETED"
            || refunded > payment["amount_money"]["amount"].as_i64().unwrap_or(0)
        {
            return Ok((
                400,
                error("REFUND_ERROR", "REFUND_AMOUNT_INVALID", "amount_money", "more than is there"),
            ));
        }
        payment["refunded"] = refunded.into();
        // Pending at first; an amount that ends in 77 stays so.
        let mut refund = json!({"id": own, "status": "PENDING", "amount_money": body["amount_money"],
            "payment_id": body["payment_id"], "reason": body["reason"]});
        let answer = json!({"refund": refund.clone()});
        if minor % 100 != 77 {
            refund["status"] = "COMPLETED".into();
        }
        self.refunds.insert(own, refund);
        Ok((200, answer))
    }

    fn customer(&mut self, body: &Value) -> Ruled {
        only(body, &["idempotency_key", "given_name", "reference_id"])?;
        let id = self.id("CUST");
        let customer = json!({"id": id, "reference_id": text(body, "reference_id")?});
        self.customers.insert(id, customer.clone());
        Ok((200, json!({"customer": customer})))
    }

    fn store(&mut self, body: &Value) -> Ruled {
        only(body, &["idempotency_key", "source_id", "card"])?;
        only(&body["card"], &["customer_id"])?;
        let customer = text(&body["card"], "customer_id")?;
        if !self.customers.contains_key(customer) {
            return Ok(missing());
        }
        if text(body, "source_id")? != "cnon:card-nonce-ok" {
            return Ok((400, error("INVALID_REQUEST_ERROR", "INVALID_CARD_DATA", "source_id", "no")));
        }
        let card = json!({"id": "ccof:stored", "card_brand": "VISA", "last_4": "1111", "exp_month": 4,
            "exp_year": 2040, "customer_id": customer, "fingerprint": "sq-1-fp", "enabled": true});
        self.cards.insert("ccof:stored".into(), card.clone());
        Ok((200, json!({"card": card})))
    }

    fn link(&mut self, body: &Value) -> Ruled {
        only(
            body,
            &["idempotency_key", "quick_pay", "checkout_options", "payment_note", "pre_populated_data"],
        )?;
        only(&body["quick_pay"], &["name", "price_money", "location_id"])?;
        only(&body["checkout_options"], &["redirect_url"])?;
        money(&body["quick_pay"]["price_money"])?;
        text(body, "payment_note")?;
        let (id, order) = (self.id("LINK"), self.id("ORDER"));
        self.orders.insert(order.clone(), json!({"id": order, "state": "DRAFT", "tenders": []}));
        let mut link = json!({"id": id, "url": format!("https://square.link/u/{id}"), "order_id": order});
        let answer = (200, json!({"payment_link": link.clone()}));
        link["asked"] = body.clone();
        self.links.insert(id, link);
        Ok(answer)
    }

    /// The customer pays on a page, or tries to.
    pub(crate) fn visit(&mut self, page: &str, status: &str) {
        let id = self.id("PAY");
        let link = &self.links[page.split('/').next().expect("one part")];
        let order = link["order_id"].as_str().expect("text").to_owned();
        let asked = &link["asked"];
        let payment = json!({"id": id, "status": status, "note": asked["payment_note"],
            "amount_money": asked["quick_pay"]["price_money"], "version_token": "v0"});
        self.payments.insert(id.clone(), payment);
        let order = self.orders.get_mut(&order).expect("it is there");
        order["tenders"].as_array_mut().expect("a list").push(json!({"payment_id": id}));
        if status == "COMPLETED" {
            order["state"] = "OPEN".into();
        }
    }

    fn payouts(&mut self, asked: &Asked) -> Ruled {
        for name in ["location_id", "begin_time", "end_time", "limit"] {
            asked.query.get(name).ok_or_else(|| format!("{name} is needed"))?;
        }
        let place = asked.query.get("cursor").map_or(Ok(0), |cursor| cursor.parse()).map_err(|_| "cursor")?;
        let found: Vec<_> =
            self.payouts.iter().map(|(payout, _)| payout.clone()).skip(place).take(1).collect();
        let mut answer = json!({"payouts": found});
        if place + 1 < self.payouts.len() {
            answer["cursor"] = (place + 1).to_string().into();
        }
        Ok((200, answer))
    }

    fn entries(&mut self, id: &str, asked: &Asked) -> Ruled {
        let Some((_, entries)) = self.payouts.iter().find(|(payout, _)| payout["id"] == id) else {
            return Ok(missing());
        };
        let place: usize =
            asked.query.get("cursor").map_or(Ok(0), |cursor| cursor.parse()).map_err(|_| "cursor")?;
        let mut answer = json!({"payout_entries": entries.iter().skip(place).take(2).collect::<Vec<_>>()});
        if place + 2 < entries.len() {
            answer["cursor"] = (place + 2).to_string().into();
        }
        Ok((200, answer))
    }
}
