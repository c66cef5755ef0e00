//! The Management API's reporting: every transaction of the double happened, and was captured, at one moment of yesterday.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::rules::{CUSTOMER, Ruled, TERMINAL, error, is_id};
use crate::standin::Asked;
use crate::transactions::Transaction;

/// When everything happened.
pub(crate) const HAPPENED: &str = "2026-11-29T10:00:00.250";
/// When today began: days that are not over are not reported.
const TODAY: &str = "2026-11-30T00:00";
/// It shrinks larger pages, as Saferpay may.
pub(crate) const PAGE_SIZE_MAX: usize = 2;

pub(crate) fn answer(transactions: &BTreeMap<String, Transaction>, asked: &Asked) -> Ruled {
    if asked.what != format!("GET rest/customers/{CUSTOMER}/transactions") || !asked.body.is_empty() {
        return Err("there is no such endpoint".into());
    }
    if asked.header("saferpay-apiversion") != Some("1.53") {
        return Err("Saferpay-ApiVersion".into());
    }
    is_id(asked.header("saferpay-requestid").ok_or("Saferpay-RequestId")?, 50)?;
    let known = ["TransactionState", "TerminalId", "StartDate", "EndDate", "PageSize", "PageNumber"];
    if asked.query.len() != known.len() || asked.query.keys().any(|name| !known.contains(&name.as_str())) {
        return Err(format!("the query {:?}", asked.query));
    }
    let said = |name: &str| asked.query[name].as_str();
    if said("TransactionState") != "SUCCESSFUL" || said("TerminalId") != TERMINAL {
        return Err("TransactionState or TerminalId".into());
    }
    let (from, until) = (minute(said("StartDate"))?, minute(said("EndDate"))?);
    if until >= TODAY || from > until {
        return Ok((400, error("VALIDATION_FAILED")));
    }
    let size: usize = said("PageSize").parse().map_err(|_| "PageSize")?;
    let page: usize = said("PageNumber").parse().map_err(|_| "PageNumber")?;
    if !(1..=2_000).contains(&size) || page == 0 {
        return Err("PageSize or PageNumber".into());
    }
    let size = size.min(PAGE_SIZE_MAX);
    // Later than the one, and in the minute of the other or before.
    let is_within = from < HAPPENED && HAPPENED[..16] <= *until;
    let found: Vec<Value> =
        transactions.iter().filter(|_| is_within).map(|(id, one)| shown(id, one)).collect();
    let shown: Vec<&Value> = found.iter().skip((page - 1) * size).take(size).collect();
    Ok((
        200,
        json!({"PageNumber": page - 1, "PageSize": size, "TotalTransactions": found.len(),
            "Transactions": shown}),
    ))
}

/// `yyyy-MM-ddTHH:mm`.
fn minute(text: &str) -> Result<&str, String> {
    let form = |(place, c): (usize, char)| match place {
        4 | 7 => c == '-',
        10 => c == 'T',
        13 => c == ':',
        _ => c.is_ascii_digit(),
    };
    if text.len() == 16 && text.chars().enumerate().all(form) {
        Ok(text)
    } else {
        Err(format!("the time {text}"))
    }
}

fn shown(id: &str, one: &Transaction) -> Value {
    let major =
        |minor: i64| json!({"Value": format!("{}.{:02}", minor / 100, minor % 100), "CurrencyCode": "EUR"});
    let mut details = json!({"AuthorizationDate": HAPPENED, "LastActionDate": HAPPENED, "Type": one.kind,
        "State": one.status, "CapturedMerchantAmount": major(one.taken), "HasCVC": false,
        "HasPartialCaptures": false, "IsCaptured": one.status == "CAPTURED", "PayerAmount": major(one.amount)});
    if one.status == "CAPTURED" {
        details["CaptureDate"] = HAPPENED.into();
    }
    json!({"MerchantAmount": major(one.amount), "CustomerId": 123_456, "TerminalId": 17_812_345,
        "TerminalType": "ECOM", "Application": "Json Api", "TransactionId": id, "OrderId": one.order,
        "Provider": "VISA Saferpay Test", "PaymentMethod": "VISA", "AuthorizationDetails": details})
}
