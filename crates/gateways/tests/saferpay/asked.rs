//! Saferpay's rules of what a payment is asked for with.

use serde_json::{Value, json};

use crate::rules::{TERMINAL, is_id};
use crate::standin::{only, text};

pub(crate) fn amount(value: &Value) -> Result<i64, String> {
    only(value, &["Value", "CurrencyCode"])?;
    if value["CurrencyCode"] != "EUR" {
        return Err(format!("the currency {}", value["CurrencyCode"]));
    }
    let minor: i64 = text(value, "Value")?.parse().map_err(|_| "Value")?;
    if minor > 0 { Ok(minor) } else { Err(format!("the amount {value}")) }
}

pub(crate) fn payment(body: &Value, is_page: bool) -> Result<(), String> {
    if body["TerminalId"] != TERMINAL {
        return Err("TerminalId".into());
    }
    let payment = &body["Payment"];
    only(payment, &["Amount", "OrderId", "PayerNote", "Description", "Recurring"])?;
    if !payment["Recurring"].is_null() && payment["Recurring"] != json!({"Initial": true}) {
        return Err("Recurring".into());
    }
    amount(&payment["Amount"])?;
    is_id(text(payment, "OrderId")?, 80)?;
    if is_page {
        text(payment, "Description")?;
    }
    if payment["PayerNote"].as_str().is_some_and(|note| note.chars().count() > 50) {
        return Err("PayerNote".into());
    }
    Ok(())
}
