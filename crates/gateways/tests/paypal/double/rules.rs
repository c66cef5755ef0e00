//! What the double does with a request whose headers are right. `Err` is a request that breaks PayPal's rules.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::server::{Answer, Books, error};

type Ruled = Result<Answer, String>;

pub(super) fn perform(books: &mut Books, path: &str, body: &Value) -> Ruled {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["v2", "checkout", "orders"] => create(books, body),
        ["v2", "checkout", "orders", id, verb @ ("authorize" | "capture")] => {
            pay_order(books, id, verb, body)
        }
        ["v2", "payments", "authorizations", id, "capture"] => capture(books, id, body),
        ["v2", "payments", "authorizations", id, "void"] => void(books, id, body),
        ["v2", "payments", "captures", id, "refund"] => refund(books, id, body),
        ["v3", "vault", "payment-tokens"] => store(books, body),
        _ => Err("there is no such endpoint".into()),
    }
}

pub(super) fn read(books: &Books, path: &str) -> Ruled {
    let parts: Vec<&str> = path.split('/').collect();
    let found = match parts.as_slice() {
        ["v2", "checkout", "orders", id] => books.orders.get(*id),
        ["v2", "payments", "refunds", id] => books.refunds.get(*id),
        ["v2", "payments", "captures", id] => return Ok(shown_capture(books, id)),
        ["v3", "vault", "payment-tokens", id] => books.tokens.get(*id),
        _ => return Err("there is no such endpoint".into()),
    };
    Ok(found.map_or_else(missing, |object| (200, object.clone())))
}

/// A capture says which order it is of.
fn shown_capture(books: &Books, id: &str) -> Answer {
    let of = |order: &&Value| order["purchase_units"][0]["payments"]["captures"][0]["id"] == id;
    let Some(order) = books.orders.values().find(of) else { return missing() };
    let unit = &order["purchase_units"][0];
    let mut capture = unit["payments"]["captures"][0].clone();
    capture["custom_id"] = unit["custom_id"].clone();
    capture["supplementary_data"] = json!({"related_ids": {"order_id": order["id"]}});
    (200, capture)
}

/// Two transactions a page, so that there are pages.
pub(super) fn report(books: &Books, query: &BTreeMap<String, String>) -> Ruled {
    let asked = |name: &str| query.get(name).map(String::as_str).ok_or_else(|| format!("{name} is needed"));
    if asked("start_date")? >= asked("end_date")?
        || asked("fields")? != "transaction_info"
        || asked("balance_affecting_records_only")? != "Y"
        || asked("page_size")?.parse().ok().is_none_or(|size: u32| size > 500)
    {
        return Err("how transactions are searched".into());
    }
    let page: usize = asked("page")?.parse().map_err(|_| "page")?;
    let found: Vec<_> = books.transactions.iter().skip(2 * (page - 1)).take(2).collect();
    let pages = books.transactions.len().div_ceil(2);
    Ok((200, json!({"transaction_details": found, "page": page, "total_pages": pages})))
}

fn purchase_unit(unit: &Value) -> Result<(), String> {
    only(unit, &["custom_id", "amount", "soft_descriptor", "shipping", "description"])?;
    if !unit["shipping"].is_null() {
        only(&unit["shipping"], &["name", "address"])?;
        text(&unit["shipping"]["address"], "country_code")?;
    }
    amount(unit)?;
    if text(unit, "custom_id")?.len() > 127
        || unit["soft_descriptor"].as_str().is_some_and(|text| text.len() > 22)
    {
        return Err("custom_id or soft_descriptor".into());
    }
    Ok(())
}

fn create(books: &mut Books, body: &Value) -> Ruled {
    only(body, &["intent", "purchase_units", "payment_source"])?;
    let intent = text(body, "intent")?.to_owned();
    if !matches!(intent.as_str(), "CAPTURE" | "AUTHORIZE") {
        return Err(format!("the intent {intent}"));
    }
    let [unit] = body["purchase_units"].as_array().map(Vec::as_slice).unwrap_or_default() else {
        return Err("one purchase unit".into());
    };
    purchase_unit(unit)?;
    if body["payment_source"]["paypal"].is_object() {
        return wallet(books, &intent, unit, &body["payment_source"]);
    }
    let card = &body["payment_source"]["card"];
    only(&body["payment_source"], &["card"])?;
    only(card, &["vault_id", "stored_credential", "attributes", "experience_context"])?;
    let credential = &card["stored_credential"];
    let away = stored_credential(credential)?;
    let method = card["attributes"]["verification"]["method"].as_str().unwrap_or_default();
    let back = card["experience_context"]["return_url"].as_str();
    if !matches!(method, "" | "SCA_ALWAYS" | "SCA_WHEN_REQUIRED") || method.is_empty() != back.is_none() {
        return Err(format!("the verification {method} with the way back {back:?}"));
    }
    if away && back.is_some() {
        return Err("the customer is away".into());
    }
    let token = text(card, "vault_id")?.to_owned();
    let id = books.id("ORDER");
    let order = json!({"id": id, "intent": intent, "status": "CREATED", "purchase_units": [unit],
        "payment_source": {"card": {"brand": "VISA", "last_digits": "1111"}}, "links": []});
    books.orders.insert(id.clone(), order);
    let challenged = token == "tokenchallenge" || method == "SCA_ALWAYS";
    let answer = if challenged && back.is_none() {
        moved(books, &id, "5650");
        books.orders[&id].clone()
    } else if challenged {
        let order = books.orders.get_mut(&id).expect("just made");
        order["status"] = "PAYER_ACTION_REQUIRED".into();
        let href =
            format!("https://www.sandbox.paypal.com/webapps/helios?action=verify&flow=3ds&cart_id={id}");
        order["links"] =
            json!([{"href": "https://api/self", "rel": "self"}, {"href": href, "rel": "payer-action"}]);
        order.clone()
    } else if let Some(code) = token.strip_prefix("tokendeclined") {
        moved(books, &id, code);
        books.orders[&id].clone()
    } else if token == "tokenissue" {
        return Ok((422, error("UNPROCESSABLE_ENTITY", "CARD_EXPIRED", "/payment_source/card")));
    } else if token == "tokenless" || token.starts_with("tokenvisa") || books.tokens.contains_key(&token) {
        moved(books, &id, "0000");
        if token == "tokenless" {
            let order = books.orders.get_mut(&id).expect("just made");
            order["purchase_units"][0]["payments"]["captures"][0]["amount"]["value"] = "7.99".into();
        }
        books.orders[&id].clone()
    } else {
        return Ok((
            422,
            error("UNPROCESSABLE_ENTITY", "TOKEN_ID_NOT_FOUND", "/payment_source/card/vault_id"),
        ));
    };
    Ok((201, answer))
}

/// Whether the customer is away. What goes with what is PayPal's own rule.
fn stored_credential(credential: &Value) -> Result<bool, String> {
    only(
        credential,
        &["payment_initiator", "payment_type", "usage", "previous_network_transaction_reference"],
    )?;
    let network = &credential["previous_network_transaction_reference"];
    if !network.is_null() {
        only(network, &["id"])?;
        text(network, "id")?;
    }
    let said = ["payment_initiator", "payment_type", "usage"].map(|name| text(credential, name));
    match (said[0].clone()?, said[1].clone()?, said[2].clone()?) {
        ("CUSTOMER", "ONE_TIME", "SUBSEQUENT") | ("CUSTOMER", "RECURRING" | "UNSCHEDULED", "FIRST")
            if network.is_null() =>
        {
            Ok(false)
        }
        ("MERCHANT", "RECURRING" | "UNSCHEDULED", "SUBSEQUENT") => Ok(true),
        other => Err(format!("the stored credential {other:?}")),
    }
}

/// An order that its owner is to approve.
fn wallet(books: &mut Books, intent: &str, unit: &Value, source: &Value) -> Ruled {
    only(source, &["paypal"])?;
    only(&source["paypal"], &["experience_context", "email_address"])?;
    let context = &source["paypal"]["experience_context"];
    only(context, &["return_url", "cancel_url", "user_action", "shipping_preference"])?;
    text(context, "return_url")?;
    text(context, "cancel_url")?;
    let id = books.id("ORDER");
    let href = format!("https://www.sandbox.paypal.com/checkoutnow?token={id}");
    let order = json!({"id": id, "intent": intent, "status": "PAYER_ACTION_REQUIRED", "purchase_units": [unit],
        "payment_source": {"paypal": {}}, "links": [{"href": href, "rel": "payer-action"}]});
    books.orders.insert(id, order.clone());
    Ok((200, order))
}

/// The order is paid, or its card is declined with this code.
fn moved(books: &mut Books, id: &str, code: &str) {
    let own = books.id("MOVED");
    let order = books.orders.get_mut(id).expect("it is there");
    let takes = order["intent"] == "CAPTURE";
    let (list, good, bad) =
        if takes { ("captures", "COMPLETED", "DECLINED") } else { ("authorizations", "CREATED", "DENIED") };
    let done = code == "0000";
    let amount = order["purchase_units"][0]["amount"].clone();
    let movement = json!({"id": own, "status": if done { good } else { bad }, "amount": amount,
        "processor_response": {"response_code": code, "avs_code": "Y", "cvv_code": "M"},
        "network_transaction_reference": {"id": "MCC123456", "network": "MASTERCARD"}});
    order["status"] = "COMPLETED".into();
    order["purchase_units"][0]["payments"] = json!({list: [movement]});
}

fn pay_order(books: &mut Books, id: &str, verb: &str, body: &Value) -> Ruled {
    only(body, &[])?;
    let Some(order) = books.orders.get(id) else { return Ok(missing()) };
    let wanted = if order["intent"] == "CAPTURE" { "capture" } else { "authorize" };
    if verb != wanted {
        return Err(format!("an order of intent {} is not to {verb}", order["intent"]));
    }
    if order["status"] != "APPROVED" {
        return Ok((422, error("UNPROCESSABLE_ENTITY", "ORDER_NOT_APPROVED", "")));
    }
    moved(books, id, "0000");
    Ok((201, books.orders[id].clone()))
}

/// The order with this authorization or capture.
fn of<'a>(books: &'a mut Books, list: &str, id: &str) -> Option<&'a mut Value> {
    books.orders.values_mut().find(|order| order["purchase_units"][0]["payments"][list][0]["id"] == *id)
}

fn capture(books: &mut Books, id: &str, body: &Value) -> Ruled {
    only(body, &["amount", "final_capture", "invoice_id"])?;
    let taken = amount(body)?;
    if text(body, "invoice_id")?.len() > 127 {
        return Err("invoice_id".into());
    }
    if body["final_capture"] != true {
        return Err("final_capture".into());
    }
    let own = books.id("CAPTURE");
    let asked = body["amount"].clone();
    let Some(order) = of(books, "authorizations", id) else { return Ok(missing()) };
    let payments = &mut order["purchase_units"][0]["payments"];
    let issue = match payments["authorizations"][0]["status"].as_str() {
        Some("CREATED") if taken > amount(&payments["authorizations"][0])? => {
            Some("MAX_CAPTURE_AMOUNT_EXCEEDED")
        }
        Some("CREATED") => None,
        Some("VOIDED") => Some("AUTHORIZATION_VOIDED"),
        _ => Some("AUTHORIZATION_ALREADY_CAPTURED"),
    };
    if let Some(issue) = issue {
        return Ok((422, error("UNPROCESSABLE_ENTITY", issue, "")));
    }
    payments["authorizations"][0]["status"] = "CAPTURED".into();
    let movement = json!({"id": own, "status": "COMPLETED", "amount": asked, "final_capture": true});
    payments["captures"] = json!([movement]);
    Ok((201, movement))
}

fn void(books: &mut Books, id: &str, body: &Value) -> Ruled {
    only(body, &[])?;
    let Some(order) = of(books, "authorizations", id) else { return Ok(missing()) };
    let held = &mut order["purchase_units"][0]["payments"]["authorizations"][0];
    let issue = match held["status"].as_str() {
        Some("CREATED") => {
            held["status"] = "VOIDED".into();
            return Ok((200, held.clone()));
        }
        Some("VOIDED") => "PREVIOUSLY_VOIDED",
        _ => "PREVIOUSLY_CAPTURED",
    };
    Ok((422, error("UNPROCESSABLE_ENTITY", issue, "")))
}

fn refund(books: &mut Books, id: &str, body: &Value) -> Ruled {
    only(body, &["amount", "custom_id"])?;
    text(body, "custom_id")?;
    let given = amount(body)?;
    let own = books.id("REFUND");
    let Some(order) = of(books, "captures", id) else { return Ok(missing()) };
    let taken = amount(&order["purchase_units"][0]["payments"]["captures"][0])?;
    let refunded = order["refunded"].as_i64().unwrap_or_default() + given;
    if refunded > taken {
        return Ok((422, error("UNPROCESSABLE_ENTITY", "REFUND_AMOUNT_EXCEEDED", "")));
    }
    // One that ends in 78 is more than the balance covers, one in 79 of money that is still on its way.
    let later = [(78, "REFUND_FAILED_INSUFFICIENT_FUNDS"), (79, "PENDING_CAPTURE")];
    if let Some((_, issue)) = later.into_iter().find(|(last, _)| given % 100 == *last) {
        return Ok((422, error("UNPROCESSABLE_ENTITY", issue, "")));
    }
    order["refunded"] = refunded.into();
    // An amount that ends in 77 hangs.
    let status = if given % 100 == 77 { "PENDING" } else { "COMPLETED" };
    let movement = json!({"id": own, "status": status, "amount": body["amount"]});
    books.refunds.insert(own, movement.clone());
    Ok((201, movement))
}

fn store(books: &mut Books, body: &Value) -> Ruled {
    only(body, &["customer", "payment_source"])?;
    only(&body["customer"], &["merchant_customer_id"])?;
    if text(&body["customer"], "merchant_customer_id")?.len() > 64 {
        return Err("merchant_customer_id".into());
    }
    let card = &body["payment_source"]["card"];
    only(&body["payment_source"], &["card"])?;
    only(card, &["number", "expiry", "security_code", "name"])?;
    let (number, expiry) = (text(card, "number")?, text(card, "expiry")?);
    if expiry.len() != 7 || expiry.as_bytes()[4] != b'-' {
        return Err(format!("the date {expiry}"));
    }
    if number != "4111111111111111" {
        let issue = error("UNPROCESSABLE_ENTITY", "INVALID_CARD, nothing like 4111111111111111", "");
        return Ok((422, issue));
    }
    let id = books.id("token");
    let token = json!({"id": id, "customer": {"id": "c1", "merchant_customer_id": body["customer"]["merchant_customer_id"]},
        "payment_source": {"card": {"brand": "VISA", "last_digits": &number[12..], "expiry": expiry}}});
    books.tokens.insert(id, token.clone());
    Ok((201, token))
}

pub(super) fn missing() -> Answer {
    (404, error("RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID", ""))
}

pub(super) fn only(body: &Value, allowed: &[&str]) -> Result<(), String> {
    let fields = body.as_object().ok_or("an object is wanted")?;
    match fields.keys().find(|name| !allowed.contains(&name.as_str())) {
        Some(name) => Err(format!("there is no field {name}")),
        None => Ok(()),
    }
}

pub(super) fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, String> {
    body[name].as_str().filter(|value| !value.is_empty()).ok_or_else(|| format!("{name} is needed"))
}

/// The amount in hundredths, as far as its text is right.
fn amount(body: &Value) -> Result<i64, String> {
    let amount = &body["amount"];
    only(amount, &["currency_code", "value"])?;
    let (currency, value) = (text(amount, "currency_code")?, text(amount, "value")?);
    let wrong = || format!("the amount {amount}");
    let whole_only = matches!(currency, "JPY" | "HUF" | "TWD");
    match (whole_only, value.split_once('.')) {
        (true, None) => value.parse::<i64>().map(|whole| whole * 100).map_err(|_| wrong()),
        (false, Some((whole, rest))) if rest.len() == 2 => {
            format!("{whole}{rest}").parse::<i64>().ok().filter(|minor| *minor > 0).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}
