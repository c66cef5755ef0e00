//! Worldpay's messages, as far as they are read. What it adds is ignored.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

/// The answer to a payment.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payment {
    pub(super) outcome: String,
    pub(super) refusal_code: Option<String>,
    pub(super) refusal_description: Option<String>,
    /// What the card network calls it.
    pub(super) scheme_reference: Option<String>,
    #[serde(default)]
    pub(super) risk_factors: Vec<RiskFactor>,
}

/// What a check found.
#[derive(Deserialize)]
pub(super) struct RiskFactor {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) risk: Option<String>,
}

/// A page for the customer's browser.
#[derive(Deserialize)]
pub(super) struct Page {
    pub(super) url: String,
}

/// How a payment stands, and what can be done with it.
#[derive(Deserialize)]
pub(super) struct Standing {
    #[serde(rename = "lastEvent")]
    pub(super) last_event: Option<String>,
    #[serde(rename = "_links", default)]
    pub(super) links: BTreeMap<String, serde_json::Value>,
    #[serde(rename = "_actions", default)]
    pub(super) actions: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    pub(super) events: Vec<PastEvent>,
}

/// The answer to what was asked of a payment, when it is taken in.
#[derive(Deserialize)]
pub(super) struct Accepted {
    pub(super) outcome: Option<String>,
    #[serde(rename = "_links", default)]
    pub(super) links: BTreeMap<String, serde_json::Value>,
    #[serde(rename = "_actions", default)]
    pub(super) actions: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
pub(super) struct PastEvent {
    #[serde(rename = "eventName")]
    pub(super) event_name: Option<String>,
}

/// What a search finds.
#[derive(Deserialize)]
pub(super) struct Found {
    #[serde(rename = "_embedded", default)]
    pub(super) embedded: Embedded,
}

#[derive(Default, Deserialize)]
pub(super) struct Embedded {
    #[serde(default)]
    pub(super) payments: Vec<Summary>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Summary {
    pub(super) payment_id: Option<String>,
    pub(super) transaction_reference: String,
    pub(super) value: Option<Value>,
}

/// An amount, as payments and queries have it.
#[derive(Deserialize)]
pub(super) struct Value {
    pub(super) currency: String,
    pub(super) amount: i64,
}

/// A stored card.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Token {
    pub(super) token_payment_instrument: Href,
    pub(super) namespace: Option<String>,
    pub(super) payment_instrument: Option<MaskedCard>,
}

#[derive(Deserialize)]
pub(super) struct Href {
    pub(super) href: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MaskedCard {
    pub(super) card_number: Option<String>,
    pub(super) card_expiry_date: Option<Expiry>,
    pub(super) brand: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Expiry {
    pub(super) month: u8,
    pub(super) year: u16,
}

/// Why something was refused.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorBody {
    pub(super) error_name: String,
    pub(super) message: Option<String>,
    #[serde(default)]
    pub(super) validation_errors: Vec<Problem>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Problem {
    pub(super) error_name: Option<String>,
    pub(super) json_path: Option<String>,
}

/// An event.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event {
    pub(super) event_id: String,
    pub(super) event_timestamp: String,
    pub(super) event_details: Details,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Details {
    #[serde(default)]
    pub(super) classification: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) transaction_reference: Option<String>,
    /// Ours, of a part.
    pub(super) reference: Option<String>,
    pub(super) amount: Option<EventAmount>,
    pub(super) refund: Option<RefundDetails>,
}

/// An amount, as events have it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EventAmount {
    pub(super) value: i64,
    pub(super) currency_code: String,
}

#[derive(Deserialize)]
pub(super) struct RefundDetails {
    pub(super) refusal: Option<RefundRefusal>,
}

#[derive(Deserialize)]
pub(super) struct RefundRefusal {
    pub(super) code: Option<String>,
    pub(super) description: Option<String>,
}

/// A page of an account's statement. Amounts are JSON numbers, and read as they are written.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Statement<'a> {
    pub(super) currency: Option<String>,
    #[serde(borrow)]
    pub(super) account_statement_items: Option<Vec<StatementItem<'a>>>,
    pub(super) page_number: Option<u32>,
    pub(super) page_count: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StatementItem<'a> {
    pub(super) statement_item_id: String,
    pub(super) transaction_reference: Option<String>,
    pub(super) transfer_type: Option<String>,
    #[serde(borrow)]
    pub(super) amount: &'a RawValue,
    pub(super) timestamp: String,
    pub(super) funding_type: Option<String>,
    pub(super) statement_number: Option<i64>,
}
