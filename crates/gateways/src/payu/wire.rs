//! PayU's messages, as far as they are read. What it adds is ignored.

use serde::Deserialize;

/// The answer to an order that was made.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Created {
    pub(super) status: Status,
    pub(super) order_id: Option<String>,
    pub(super) redirect_uri: Option<String>,
    pub(super) pay_methods: Option<PayMethods>,
}

/// How a request went.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Status {
    pub(super) status_code: Option<String>,
    pub(super) code_literal: Option<String>,
    pub(super) status_desc: Option<String>,
    /// In place of the others, where no one may ask.
    pub(super) error: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PayMethods {
    pub(super) pay_method: Option<PayMethod>,
}

/// The token that was made of a card.
#[derive(Deserialize)]
pub(super) struct PayMethod {
    pub(super) value: Option<String>,
    pub(super) card: Option<Card>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Card {
    /// Masked.
    pub(super) number: Option<String>,
    pub(super) expiration_month: Option<Digits>,
    pub(super) expiration_year: Option<Digits>,
}

/// A number, that is written as text in places.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Digits {
    Number(u64),
    Text(String),
}

/// What a question about an order is answered with.
#[derive(Deserialize)]
pub(super) struct Orders {
    #[serde(default)]
    pub(super) orders: Vec<Order>,
}

/// An order as it stands.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order {
    pub(super) order_id: String,
    pub(super) ext_order_id: Option<String>,
    pub(super) order_create_date: Option<String>,
    pub(super) status: String,
    pub(super) total_amount: String,
    pub(super) currency_code: String,
}

/// What was tried to pay an order.
#[derive(Deserialize)]
pub(super) struct Transactions {
    #[serde(default)]
    pub(super) transactions: Vec<Transaction>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transaction {
    pub(super) card: Option<TransactionCard>,
    pub(super) result_code: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TransactionCard {
    pub(super) card_data: Option<CardData>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CardData {
    pub(super) card_response_code: Option<String>,
}

/// The answer to a refund.
#[derive(Deserialize)]
pub(super) struct WithRefund {
    pub(super) refund: Refund,
}

/// A refund as it stands.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Refund {
    pub(super) refund_id: String,
    pub(super) ext_refund_id: Option<String>,
    pub(super) amount: String,
    pub(super) currency_code: Option<String>,
    pub(super) status: String,
    #[serde(alias = "statusDatetime")]
    pub(super) status_date_time: Option<String>,
    pub(super) reason_description: Option<String>,
}

/// Why something was refused.
#[derive(Deserialize)]
pub(super) struct ErrorBody {
    pub(super) status: Option<Status>,
    /// Where no session was opened.
    pub(super) error: Option<String>,
}

/// A notification: of an order, or of a refund.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Notification {
    pub(super) order: Option<Order>,
    pub(super) local_receipt_date_time: Option<String>,
    pub(super) order_id: Option<String>,
    pub(super) ext_order_id: Option<String>,
    pub(super) refund: Option<Refund>,
}
