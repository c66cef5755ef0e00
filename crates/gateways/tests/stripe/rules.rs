//! What the double does with a request whose headers are right. `Err` is a request that breaks Stripe's rules.

use serde_json::{Value, json};

use crate::double::{Answer, Books, Fields, error};
use crate::{files, pages, setups};

pub(crate) type Ruled = Result<Answer, String>;

pub(crate) fn perform(books: &mut Books, method: &str, path: &str, fields: &Fields) -> Ruled {
    let parts: Vec<&str> = path.split('/').collect();
    match (method, parts.as_slice()) {
        ("POST", ["v1", "payment_intents"]) => authorize(books, fields),
        ("POST", ["v1", "payment_intents", id, "capture"]) => capture(books, id, fields),
        ("POST", ["v1", "payment_intents", id, "cancel"]) => cancel(books, id, fields),
        ("GET", ["v1", "payment_intents", "search"]) => search(books, fields),
        ("GET", ["v1", "payment_intents", id]) => {
            only(fields, &["expand[]"])?;
            Ok(known(&books.intents, id))
        }
        ("GET", ["v1", "balance_transactions"]) => movements(books, fields),
        ("POST", ["v1", "setup_intents"]) => setups::set_up(books, fields),
        ("POST", ["v1", "setup_intents", id, "cancel"]) => setups::cancel(books, id, fields),
        ("GET", ["v1", "setup_intents", id]) => {
            only(fields, &["expand[]"])?;
            Ok(known(&books.setups, id))
        }
        ("POST", ["v1", "refunds"]) => refund(books, fields),
        ("GET", ["v1", "refunds", id]) => {
            only(fields, &[])?;
            Ok(known(&books.refunds, id))
        }
        ("POST", ["v1", "files"]) => files::keep(books, fields),
        ("POST", ["v1", "disputes", id]) => files::submit_evidence(books, id, fields),
        ("POST", ["v1", "disputes", id, "close"]) => files::close(books, id, fields),
        ("GET", ["v1", "disputes", id]) => {
            only(fields, &[])?;
            Ok(known(&books.disputes, id))
        }
        ("POST", ["v1", "payment_methods"]) => make_method(books, fields),
        ("GET", ["v1", "payment_methods", id]) => {
            only(fields, &["expand[]"])?;
            // One of Stripe's own test methods.
            if *id == "pm_card_visa" {
                let card = json!({"brand": "visa", "last4": "4242", "exp_month": 1, "exp_year": 2031,
                    "fingerprint": null, "three_d_secure_usage": {"supported": true}});
                return Ok((
                    200,
                    json!({"id": id, "object": "payment_method", "customer": null, "card": card}),
                ));
            }
            Ok(known(&books.methods, id))
        }
        ("POST", ["v1", "payment_methods", id, "attach"]) => attach(books, id, fields),
        ("POST", ["v1", "customers"]) => {
            only(fields, &["metadata[tender_tenant]"])?;
            let id = books.id("cus");
            let tenant = needed(fields, "metadata[tender_tenant]")?;
            let customer = json!({"id": id, "object": "customer", "metadata": {"tender_tenant": tenant}});
            books.customers.insert(id, customer.clone());
            Ok((200, customer))
        }
        _ => Err("there is no such endpoint".into()),
    }
}

const AUTHORIZE: &[&str] = &[
    "amount",
    "currency",
    "payment_method_types[]",
    "payment_method",
    "customer",
    "capture_method",
    "confirm",
    "metadata[tender_tenant]",
    "metadata[tender_reference]",
    "expand[]",
    "off_session",
    "return_url",
    "error_on_requires_action",
    "payment_method_options[card][request_three_d_secure]",
    "setup_future_usage",
    "statement_descriptor_suffix",
    "shipping[name]",
    "shipping[phone]",
    "shipping[address][line1]",
    "shipping[address][line2]",
    "shipping[address][city]",
    "shipping[address][state]",
    "shipping[address][postal_code]",
    "shipping[address][country]",
];

fn authorize(books: &mut Books, fields: &Fields) -> Ruled {
    if fields.contains_key("payment_method_data[type]") {
        return pages::begin(books, fields);
    }
    only(fields, AUTHORIZE)?;
    let amount = amount(fields, "amount")?;
    let currency = needed(fields, "currency")?;
    if currency.len() != 3 || currency.to_lowercase() != currency {
        return Err(format!("the currency {currency}"));
    }
    is(fields, "payment_method_types[]", "card")?;
    is(fields, "confirm", "true")?;
    is(fields, "expand[]", "latest_charge")?;
    let ways = ["off_session", "return_url", "error_on_requires_action"];
    if ways.iter().filter(|name| fields.contains_key(**name)).count() != 1 {
        return Err("one of off_session, return_url and error_on_requires_action".into());
    }
    let method = needed(fields, "payment_method")?;
    let belongs = books.methods.get(method).map(|method| method["customer"]["id"].clone());
    let token = belongs.as_ref().map_or(method, |_| "pm_card_visa");
    let named = fields.get("customer").map(String::as_str);
    let wrong_customer = belongs.is_some_and(|owner| owner.as_str() != named);
    if !token.starts_with("pm_card_") || wrong_customer {
        let mut body = error("invalid_request_error", "resource_missing", "No such PaymentMethod");
        body["error"]["param"] = "payment_method".into();
        return Ok((400, body));
    }
    let (id, charge) = (books.id("pi"), books.id("ch"));
    let mut intent = json!({
        "id": id, "object": "payment_intent", "amount": amount, "amount_capturable": 0,
        "amount_received": 0, "currency": currency, "status": "requires_confirmation",
        "capture_method": needed(fields, "capture_method")?,
        "metadata": {
            "tender_tenant": needed(fields, "metadata[tender_tenant]")?,
            "tender_reference": needed(fields, "metadata[tender_reference]")?,
        },
        "next_action": null, "last_payment_error": null, "latest_charge": null, "refunded": 0,
        "setup_future_usage": fields.get("setup_future_usage"),
    });
    let force = fields.get("payment_method_options[card][request_three_d_secure]").map(String::as_str);
    let challenge = token == "pm_card_authenticationRequired" || force == Some("challenge");
    let answer = if let Some(code) = token.strip_prefix("pm_card_declined_") {
        declined(&mut intent, &charge, ("card_declined", code))
    } else if challenge && !fields.contains_key("return_url") {
        declined(&mut intent, &charge, ("authentication_required", "authentication_required"))
    } else if challenge {
        let back = fields["return_url"].clone();
        intent["status"] = "requires_action".into();
        intent["next_action"] = json!({
            "type": "redirect_to_url",
            "redirect_to_url": {"url": format!("https://hooks.stripe.com/3ds/{id}"), "return_url": back},
        });
        (200, intent.clone())
    } else if token == "pm_card_processing" {
        intent["status"] = "processing".into();
        (200, intent.clone())
    } else {
        charge_it(&mut intent, &charge);
        if token == "pm_card_wrongAmount" {
            let less = intent["amount_received"].as_i64().unwrap_or_default() - 1;
            intent["amount_received"] = less.into();
        }
        (200, intent.clone())
    };
    books.intents.insert(id, intent);
    Ok(answer)
}

/// The payment is made, as it is when it needs no challenge or the challenge was met.
pub(crate) fn charge_it(intent: &mut Value, charge: &str) {
    let manual = intent["capture_method"] == "manual";
    let (status, filled) =
        if manual { ("requires_capture", "amount_capturable") } else { ("succeeded", "amount_received") };
    intent["status"] = status.into();
    intent[filled] = intent["amount"].clone();
    intent["next_action"] = Value::Null;
    // Stripe tells the network's name of every payment; here of those that somebody asks for it.
    let network_name = intent["setup_future_usage"].as_str().map(|_| "network-1");
    intent["latest_charge"] = json!({
        "id": charge, "object": "charge", "amount": intent["amount"],
        "payment_method_details": {"type": "card", "card": {"brand": "visa", "network_transaction_id": network_name, "checks": {
            "address_line1_check": null, "address_postal_code_check": "pass", "cvc_check": "pass"}}},
    });
}

fn declined(intent: &mut Value, charge: &str, (code, decline_code): (&str, &str)) -> Answer {
    let checks =
        json!({"address_line1_check": "pass", "address_postal_code_check": "pass", "cvc_check": "fail"});
    let mut why = json!({
        "type": "card_error", "code": code, "decline_code": decline_code, "charge": charge,
        "message": "Your card was declined.", "network_decline_code": "05",
        "payment_method": {"id": "pm_1", "object": "payment_method", "type": "card", "card": {"checks": checks}},
    });
    intent["status"] = "requires_payment_method".into();
    intent["last_payment_error"] = why.clone();
    why["payment_intent"] = intent.clone();
    (402, json!({"error": why}))
}

fn capture(books: &mut Books, id: &str, fields: &Fields) -> Ruled {
    only(fields, &["amount_to_capture", "metadata[tender_capture]", "expand[]"])?;
    let taken = amount(fields, "amount_to_capture")?;
    let reference = needed(fields, "metadata[tender_capture]")?;
    let Some(intent) = books.intents.get_mut(id) else { return Ok(missing(id)) };
    if intent["status"] != "requires_capture" {
        return Ok(unexpected(intent));
    }
    if taken > intent["amount_capturable"].as_i64().unwrap_or_default() {
        return Ok((400, error("invalid_request_error", "amount_too_large", "more than is held")));
    }
    intent["status"] = "succeeded".into();
    intent["amount_received"] = taken.into();
    intent["amount_capturable"] = 0.into();
    intent["metadata"]["tender_capture"] = reference.into();
    Ok((200, intent.clone()))
}

fn cancel(books: &mut Books, id: &str, fields: &Fields) -> Ruled {
    only(fields, &["cancellation_reason"])?;
    is(fields, "cancellation_reason", "requested_by_customer")?;
    let Some(intent) = books.intents.get_mut(id) else { return Ok(missing(id)) };
    if matches!(intent["status"].as_str(), Some("succeeded" | "canceled")) {
        return Ok(unexpected(intent));
    }
    intent["status"] = "canceled".into();
    intent["amount_capturable"] = 0.into();
    Ok((200, intent.clone()))
}

fn refund(books: &mut Books, fields: &Fields) -> Ruled {
    only(fields, &["payment_intent", "amount", "metadata[tender_tenant]", "metadata[tender_reference]"])?;
    let given = amount(fields, "amount")?;
    let of = needed(fields, "payment_intent")?.to_owned();
    let id = books.id("re");
    let Some(intent) = books.intents.get_mut(&of) else { return Ok(missing(&of)) };
    let refunded = intent["refunded"].as_i64().unwrap_or_default() + given;
    if refunded > intent["amount_received"].as_i64().unwrap_or_default() {
        return Ok((400, error("invalid_request_error", "charge_already_refunded", "more than is left")));
    }
    // One that ends in 78 is more than the balance covers.
    if given % 100 == 78 {
        return Ok((400, error("invalid_request_error", "balance_insufficient", "your balance is too low")));
    }
    intent["refunded"] = refunded.into();
    // As Stripe's test cards have it: an amount that ends in 77 hangs.
    let status = if given % 100 == 77 { "pending" } else { "succeeded" };
    let refund = json!({
        "id": id, "object": "refund", "amount": given, "currency": intent["currency"], "status": status,
        "payment_intent": of, "failure_reason": null,
        "metadata": {
            "tender_tenant": needed(fields, "metadata[tender_tenant]")?,
            "tender_reference": needed(fields, "metadata[tender_reference]")?,
        },
    });
    books.refunds.insert(id, refund.clone());
    Ok((200, refund))
}

fn search(books: &Books, fields: &Fields) -> Ruled {
    only(fields, &["query", "limit", "expand[]"])?;
    is(fields, "expand[]", "data.latest_charge")?;
    let query = needed(fields, "query")?;
    let mut wanted = Vec::new();
    for clause in query.split(" AND ") {
        let clause = clause.strip_prefix("metadata['").and_then(|clause| clause.strip_suffix('\''));
        let pair = clause.and_then(|clause| clause.split_once("']:'"));
        wanted.push(pair.ok_or_else(|| format!("the query {query}"))?);
    }
    let fits = |intent: &&Value| wanted.iter().all(|(name, value)| intent["metadata"][*name] == *value);
    let found: Vec<&Value> = books.intents.values().filter(|_| !books.search_lags).filter(fits).collect();
    Ok((200, json!({"object": "search_result", "data": found, "has_more": false})))
}

fn make_method(books: &mut Books, fields: &Fields) -> Ruled {
    let card = ["type", "card[number]", "card[exp_month]", "card[exp_year]", "card[cvc]"];
    only(fields, &[&card[..], &["billing_details[name]"]].concat())?;
    is(fields, "type", "card")?;
    let number = needed(fields, "card[number]")?;
    if number != "4242424242424242" {
        return Ok((402, error("card_error", "incorrect_number", "Your card number is incorrect.")));
    }
    let id = books.id("pm");
    let number_of = |name: &str| needed(fields, name)?.parse::<u16>().map_err(|error| error.to_string());
    let method = json!({
        "id": id, "object": "payment_method", "type": "card", "customer": null,
        "card": {"brand": "visa", "last4": &number[12..], "fingerprint": "fp_visa_4242",
            "exp_month": number_of("card[exp_month]")?, "exp_year": number_of("card[exp_year]")?},
    });
    books.methods.insert(id, method.clone());
    Ok((200, method))
}

fn attach(books: &mut Books, id: &str, fields: &Fields) -> Ruled {
    only(fields, &["customer"])?;
    let customer = needed(fields, "customer")?;
    let Some(owner) = books.customers.get(customer).cloned() else { return Ok(missing(customer)) };
    let Some(method) = books.methods.get_mut(id) else { return Ok(missing(id)) };
    method["customer"] = owner;
    // Not asked to be expanded here.
    let mut shown = method.clone();
    shown["customer"] = customer.into();
    Ok((200, shown))
}

pub(crate) fn known(kept: &std::collections::BTreeMap<String, Value>, id: &str) -> Answer {
    kept.get(id).map_or_else(|| missing(id), |object| (200, object.clone()))
}

pub(crate) fn missing(id: &str) -> Answer {
    (404, error("invalid_request_error", "resource_missing", &format!("No such object: '{id}'")))
}

fn unexpected(intent: &Value) -> Answer {
    let mut body = error("invalid_request_error", "payment_intent_unexpected_state", "not in this state");
    body["error"]["payment_intent"] = intent.clone();
    (400, body)
}

fn movements(books: &Books, fields: &Fields) -> Ruled {
    only(fields, &["created[gte]", "created[lt]", "limit", "expand[]", "starting_after"])?;
    let time = |name| needed(fields, name)?.parse::<i64>().map_err(|_| name.to_owned());
    if time("created[gte]")? >= time("created[lt]")? || needed(fields, "expand[]")? != "data.source" {
        return Err("the time, or what is expanded".into());
    }
    let place = match fields.get("starting_after") {
        Some(after) => 1 + books.movements.iter().position(|one| one["id"] == **after).ok_or("the cursor")?,
        None => 0,
    };
    // Two at once, so that there are pages.
    let data: Vec<_> = books.movements.iter().skip(place).take(2).collect();
    Ok((200, json!({"object": "list", "data": data, "has_more": place + 2 < books.movements.len()})))
}

pub(crate) fn only(fields: &Fields, allowed: &[&str]) -> Result<(), String> {
    match fields.keys().find(|name| !allowed.contains(&name.as_str())) {
        Some(name) => Err(format!("there is no field {name}")),
        None => Ok(()),
    }
}

pub(crate) fn needed<'a>(fields: &'a Fields, name: &str) -> Result<&'a str, String> {
    fields
        .get(name)
        .map(String::as_str)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| format!("{name} is needed"))
}

pub(crate) fn is(fields: &Fields, name: &str, value: &str) -> Result<(), String> {
    let found = needed(fields, name)?;
    if found == value { Ok(()) } else { Err(format!("{name} is {found}, not {value}")) }
}

pub(crate) fn amount(fields: &Fields, name: &str) -> Result<i64, String> {
    let amount: i64 = needed(fields, name)?.parse().map_err(|_| format!("{name} is no integer"))?;
    if amount > 0 { Ok(amount) } else { Err(format!("{name} is {amount}")) }
}
