//! What the double does with a request whose headers are right. `Err` is a request that breaks Adyen's rules.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::notices::notice;
use super::server::{Answer, Books, MERCHANT, error};
use super::sessions;

pub(super) type Ruled = Result<Answer, String>;

pub(super) fn perform(books: &mut Books, path: &str, body: &Value) -> Ruled {
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["payments"] if body["amount"]["value"] == 0 => check(books, body),
        ["payments"] if body["paymentMethod"]["type"] != "scheme" => sessions::begin(books, body),
        ["payments"] => authorize(books, body),
        ["payments", "details"] => details(books, body),
        ["payments", psp, what @ ("captures" | "cancels" | "refunds")] => modify(books, psp, what, body),
        ["storedPaymentMethods"] => store(books, body),
        ["paymentMethods"] => {
            only(body, &["merchantAccount"])?;
            merchant(body)?;
            Ok((200, json!({"paymentMethods": [{"name": "Cards", "type": "scheme"}]})))
        }
        _ => Err("there is no such endpoint".into()),
    }
}

pub(super) fn read(books: &Books, path: &str, query: &BTreeMap<String, String>) -> Ruled {
    let named: Vec<&str> = query.keys().map(String::as_str).collect();
    if path != "storedPaymentMethods" || named != ["merchantAccount", "shopperReference"] {
        return Err(format!("there is no such endpoint, or not with {named:?}"));
    }
    if query["merchantAccount"] != MERCHANT {
        return Ok((403, error(403, "901", "Invalid Merchant Account")));
    }
    let shopper = &query["shopperReference"];
    let methods = books.stored.get(shopper).cloned().unwrap_or_default();
    let list =
        json!({"merchantAccount": MERCHANT, "shopperReference": shopper, "storedPaymentMethods": methods});
    Ok((200, list))
}

const AUTHORIZE: &[&str] = &[
    "merchantAccount",
    "reference",
    "amount",
    "paymentMethod",
    "shopperReference",
    "shopperInteraction",
    "recurringProcessingModel",
    "channel",
    "returnUrl",
    "captureDelayHours",
    "additionalData",
    "authenticationData",
    "shopperStatement",
    "shopperEmail",
    "shopperName",
    "shopperIP",
    "telephoneNumber",
    "billingAddress",
    "deliveryAddress",
    "browserInfo",
];

/// A payment of nothing: nobody is there, and nothing is captured.
fn check(books: &mut Books, body: &Value) -> Ruled {
    only(body, &AUTHORIZE[..9].iter().copied().chain(["authenticationData"]).collect::<Vec<_>>())?;
    merchant(body)?;
    if text(body, "shopperInteraction")? != "ContAuth"
        || text(body, "recurringProcessingModel")? != "UnscheduledCardOnFile"
        || body["authenticationData"] != json!({"attemptAuthentication": "never"})
        || body["amount"] != json!({"currency": "EUR", "value": 0})
    {
        return Err("how a card is checked".into());
    }
    let id = text(&body["paymentMethod"], "storedPaymentMethodId")?.to_owned();
    let (psp, reference) = (books.id("PAY"), reference(body)?);
    let payment = json!({"pspReference": psp, "reference": reference, "amount": body["amount"], "manual": true,
        "state": "open", "captured": 0, "refunded": 0, "brought": null, "less": false});
    if let Some(code) = id.strip_prefix("DECLINED000000") {
        return Ok((200, refused(books, &payment, code.trim_start_matches('0'))));
    }
    match id.as_str() {
        "PENDING000000001" => Ok((200, json!({"resultCode": "Pending", "pspReference": psp}))),
        _ if id.starts_with("VISA") => Ok((200, authorised(books, payment))),
        _ => Ok((422, error(422, "803", "PaymentDetail not found"))),
    }
}

/// An address is whole or it is refused.
fn addresses(body: &Value) -> Result<(), String> {
    const NEEDED: [&str; 5] = ["street", "houseNumberOrName", "city", "postalCode", "country"];
    for name in ["billingAddress", "deliveryAddress"] {
        let address = &body[name];
        if !address.is_null() {
            only(address, &[&NEEDED[..], &["stateOrProvince"]].concat())?;
            NEEDED.iter().try_for_each(|part| text(address, part).map(drop))?;
        }
    }
    Ok(())
}

fn authorize(books: &mut Books, body: &Value) -> Ruled {
    only(body, AUTHORIZE)?;
    addresses(body)?;
    merchant(body)?;
    let (reference, amount) = (reference(body)?, amount(body)?);
    for (name, allowed) in [
        ("shopperInteraction", &["ContAuth"][..]),
        ("recurringProcessingModel", &["CardOnFile", "Subscription", "UnscheduledCardOnFile"]),
        ("channel", &["Web"]),
    ] {
        let value = text(body, name)?;
        if !allowed.contains(&value) {
            return Err(format!("{name} is {value}"));
        }
    }
    if !text(body, "returnUrl")?.starts_with("https://") || text(body, "shopperReference")?.len() < 3 {
        return Err("returnUrl or shopperReference".into());
    }
    let manual = match (&body["captureDelayHours"], &body["additionalData"]) {
        (Value::Null, data) if *data == json!({"manualCapture": "true"}) => true,
        (delay, Value::Null) if *delay == json!(0) => false,
        other => return Err(format!("captured by hand or at once: {other:?}")),
    };
    let attempt = match &body["authenticationData"] {
        Value::Null => "",
        data => {
            only(data, &["attemptAuthentication"])?;
            text(data, "attemptAuthentication")?
        }
    };
    if !matches!(attempt, "" | "always" | "never") {
        return Err(format!("attemptAuthentication {attempt}"));
    }
    let method = &body["paymentMethod"];
    only(method, &["type", "storedPaymentMethodId"])?;
    if text(method, "type")? != "scheme" {
        return Err("the type of the method".into());
    }
    let id = text(method, "storedPaymentMethodId")?.to_owned();
    let of_shopper = books.stored.get(text(body, "shopperReference")?);
    let is_stored = of_shopper.is_some_and(|methods| methods.iter().any(|method| method["id"] == *id));
    let psp = books.id("PAY");
    let payment = json!({"pspReference": psp, "reference": reference, "amount": amount, "manual": manual,
        "state": "open", "captured": 0, "refunded": 0, "brought": null, "less": id == "WRONGAMOUNT00001"});
    let challenged = id == "CHALLENGE0000001" || attempt == "always";
    let answer = if let Some(code) = id.strip_prefix("DECLINED000000") {
        refused(books, &payment, code.trim_start_matches('0'))
    } else if challenged && attempt == "never" {
        refused(books, &payment, "38")
    } else if challenged {
        let url = format!("https://checkoutshopper-test.adyen.com/checkoutshopper/threeDS/redirect?MD={psp}");
        let action = json!({"type": "redirect", "method": "GET", "url": url, "paymentMethodType": "scheme"});
        books.payments.insert(psp.clone(), payment);
        json!({"resultCode": "RedirectShopper", "pspReference": psp, "action": action})
    } else if id == "PENDING000000001" {
        books.payments.insert(psp.clone(), payment);
        json!({"resultCode": "Pending", "pspReference": psp, "merchantReference": reference})
    } else if is_stored || id.starts_with("VISA") || id == "WRONGAMOUNT00001" {
        authorised(books, payment)
    } else {
        return Ok((422, error(422, "803", "PaymentDetail not found")));
    };
    Ok((200, answer))
}

pub(super) fn authorised(books: &mut Books, mut payment: Value) -> Value {
    let psp = payment["pspReference"].as_str().expect("text").to_owned();
    let mut amount = payment["amount"].clone();
    if payment["less"] == true {
        amount["value"] = (amount["value"].as_i64().expect("an amount") - 1).into();
    }
    payment["state"] = "authorised".into();
    if payment["manual"] == false {
        payment["captured"] = amount["value"].clone();
    }
    let reference = payment["reference"].as_str().expect("text").to_owned();
    books.notices.push(notice("AUTHORISATION", (&psp, ""), &reference, &amount, None));
    books.payments.insert(psp.clone(), payment);
    json!({"resultCode": "Authorised", "pspReference": psp, "merchantReference": reference, "amount": amount,
        "additionalData": {"cvcResultRaw": "M", "avsResultRaw": "Y", "acquirerCode": "TestPmmAcquirer",
            "networkTxReference": "MCC123456"}})
}

pub(super) fn refused(books: &mut Books, payment: &Value, code: &str) -> Value {
    let reason = match code {
        "11" => "3D Not Authenticated",
        "12" => "Not enough balance",
        "38" => "Authentication required",
        _ => "Refused",
    };
    let psp = payment["pspReference"].as_str().expect("text");
    let reference = payment["reference"].as_str().expect("text");
    books.notices.push(notice("AUTHORISATION", (psp, ""), reference, &payment["amount"], Some(reason)));
    json!({"resultCode": "Refused", "pspReference": psp, "merchantReference": reference,
        "refusalReason": reason, "refusalReasonCode": code,
        "additionalData": {"refusalReasonRaw": "05 : Do not honor", "acquirerCode": "TestPmmAcquirer",
            "avsResultRaw": "N", "cvcResultRaw": "M"}})
}

fn details(books: &mut Books, body: &Value) -> Ruled {
    only(body, &["details"])?;
    only(&body["details"], &["redirectResult"])?;
    let (word, psp) = text(&body["details"], "redirectResult")?.split_once('!').unwrap_or_default();
    if let Some(told) = sessions::come_back(books, psp) {
        return Ok((200, told));
    }
    let Some(payment) = books.payments.get(psp).filter(|payment| payment["state"] == "open").cloned() else {
        return Ok((422, error(422, "14_018", "Invalid redirectResult provided")));
    };
    if word == "met" {
        return Ok((200, authorised(books, payment)));
    }
    if let Some(payment) = books.payments.get_mut(psp) {
        payment["state"] = "refused".into();
    }
    Ok((200, refused(books, &payment, "11")))
}

fn modify(books: &mut Books, psp: &str, what: &str, body: &Value) -> Ruled {
    let takes_amount = what != "cancels";
    let fields: &[&str] = if takes_amount {
        &["merchantAccount", "reference", "amount"]
    } else {
        &["merchantAccount", "reference"]
    };
    only(body, fields)?;
    merchant(body)?;
    let reference = reference(body)?.to_owned();
    let asked = if takes_amount { amount(body)?.clone() } else { Value::Null };
    let own = books.id(&what[..3].to_uppercase());
    let Some(payment) = books.payments.get_mut(psp) else {
        return Ok((422, error(422, "167", "Original pspReference required for this operation")));
    };
    let number = |value: &Value| value.as_i64().unwrap_or_default();
    let (captured, refunded) = (number(&payment["captured"]), number(&payment["refunded"]));
    let is_held = payment["state"] == "authorised" && captured == 0;
    let value = number(&asked["value"]);
    let failure = match what {
        "captures" if !is_held => Some("Payment is already captured or cancelled"),
        "captures" if value > number(&payment["amount"]["value"]) => Some("Insufficient balance on payment"),
        "captures" => {
            payment["captured"] = value.into();
            None
        }
        "cancels" if !is_held => Some("Transaction is not in a cancellable state"),
        "cancels" => {
            payment["state"] = "cancelled".into();
            None
        }
        _ if refunded + value > captured => Some("Insufficient balance on payment"),
        _ => {
            payment["refunded"] = (refunded + value).into();
            None
        }
    };
    let told = if takes_amount { asked.clone() } else { payment["amount"].clone() };
    let event = match what {
        "captures" => "CAPTURE",
        "cancels" => "CANCELLATION",
        _ => "REFUND",
    };
    books.notices.push(notice(event, (&own, psp), &reference, &told, failure));
    let mut answer = json!({"merchantAccount": MERCHANT, "paymentPspReference": psp, "pspReference": own,
        "reference": reference, "status": "received"});
    if takes_amount {
        answer["amount"] = asked;
    }
    Ok((201, answer))
}

fn store(books: &mut Books, body: &Value) -> Ruled {
    only(body, &["merchantAccount", "paymentMethod", "recurringProcessingModel", "shopperReference"])?;
    merchant(body)?;
    let method = &body["paymentMethod"];
    only(method, &["type", "number", "expiryMonth", "expiryYear", "cvc", "holderName"])?;
    if text(method, "type")? != "scheme" || text(body, "recurringProcessingModel")? != "CardOnFile" {
        return Err("how it is stored".into());
    }
    let number = text(method, "number")?;
    if number != "4111111111111111" {
        return Ok((422, error(422, "101", "Invalid card number, nothing like 4111111111111111")));
    }
    let (month, year) = (text(method, "expiryMonth")?, text(method, "expiryYear")?);
    if month.len() != 2 || year.len() != 4 {
        return Err(format!("the date {month}/{year}"));
    }
    let shopper = text(body, "shopperReference")?;
    if shopper.contains(number) || shopper.len() < 3 {
        return Err("the shopper's reference".into());
    }
    let known = books.stored.get(shopper).and_then(|methods| methods.first()).cloned();
    let stored = known.unwrap_or_else(|| {
        let id = books.id("CARD");
        json!({"id": id, "type": "scheme", "brand": "visa", "lastFour": &number[12..], "expiryMonth": month,
            "expiryYear": &year[2..], "holderName": "Ada Lovelace", "shopperReference": shopper})
    });
    books.stored.insert(shopper.to_owned(), vec![stored.clone()]);
    Ok((201, stored))
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

pub(super) fn merchant(body: &Value) -> Result<(), String> {
    let found = text(body, "merchantAccount")?;
    if found == MERCHANT { Ok(()) } else { Err(format!("the merchant account {found}")) }
}

pub(super) fn reference(body: &Value) -> Result<&str, String> {
    let reference = text(body, "reference")?;
    if reference.len() <= 80 { Ok(reference) } else { Err(format!("the reference {reference}")) }
}

pub(super) fn amount(body: &Value) -> Result<&Value, String> {
    let amount = &body["amount"];
    only(amount, &["currency", "value"])?;
    let currency = text(amount, "currency")?;
    let is_good = currency.len() == 3 && currency.to_uppercase() == currency;
    match amount["value"].as_i64() {
        Some(1..) if is_good => Ok(amount),
        _ => Err(format!("the amount {amount}")),
    }
}
