//! PayPal's messages, as far as they are read. What it adds is ignored.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// An amount, as decimal text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Amount {
    pub(super) currency_code: String,
    pub(super) value: String,
}

/// An order, and what became of it.
#[derive(Deserialize)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) status: String,
    /// Whether it is to be captured at once.
    #[serde(default)]
    pub(super) intent: String,
    #[serde(default)]
    pub(super) purchase_units: Vec<PurchaseUnit>,
    pub(super) payment_source: Option<PaymentSource>,
    #[serde(default)]
    pub(super) links: Vec<Link>,
}

#[derive(Deserialize)]
pub(super) struct PurchaseUnit {
    pub(super) custom_id: Option<String>,
    pub(super) payments: Option<Payments>,
}

#[derive(Default, Deserialize)]
pub(super) struct Payments {
    #[serde(default)]
    pub(super) authorizations: Vec<Movement>,
    #[serde(default)]
    pub(super) captures: Vec<Movement>,
}

/// An authorization, a capture or a refund.
#[derive(Deserialize)]
pub(super) struct Movement {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) amount: Option<Amount>,
    pub(super) processor_response: Option<ProcessorResponse>,
    pub(super) network_transaction_reference: Option<NetworkReference>,
}

/// What the card's network calls a payment.
#[derive(Debug, Deserialize)]
pub(super) struct NetworkReference {
    pub(super) id: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ProcessorResponse {
    pub(super) avs_code: Option<String>,
    pub(super) cvv_code: Option<String>,
    pub(super) response_code: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct PaymentSource {
    pub(super) card: Option<Card>,
    /// PayPal's own wallet; what is in it is nobody's business here.
    pub(super) paypal: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct Card {
    pub(super) brand: Option<String>,
    pub(super) last_digits: Option<String>,
    /// `YYYY-MM`.
    pub(super) expiry: Option<String>,
    pub(super) authentication_result: Option<AuthenticationResult>,
}

#[derive(Deserialize)]
pub(super) struct AuthenticationResult {
    pub(super) three_d_secure: Option<ThreeDSecure>,
}

#[derive(Deserialize)]
pub(super) struct ThreeDSecure {
    pub(super) authentication_status: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Link {
    pub(super) href: String,
    pub(super) rel: String,
}

/// A payment token of the vault.
#[derive(Deserialize)]
pub(super) struct PaymentToken {
    pub(super) id: String,
    pub(super) customer: Option<Customer>,
    pub(super) payment_source: Option<PaymentSource>,
}

#[derive(Deserialize)]
pub(super) struct Customer {
    pub(super) merchant_customer_id: Option<String>,
}

/// A page of transactions.
#[derive(Deserialize)]
pub(super) struct Transactions {
    #[serde(default)]
    pub(super) transaction_details: Vec<TransactionDetail>,
    #[serde(default)]
    pub(super) page: u32,
    #[serde(default)]
    pub(super) total_pages: u32,
}

#[derive(Deserialize)]
pub(super) struct TransactionDetail {
    pub(super) transaction_info: Moved,
}

/// A transaction as reports have it.
#[derive(Deserialize)]
pub(super) struct Moved {
    pub(super) transaction_id: String,
    pub(super) paypal_reference_id: Option<String>,
    pub(super) paypal_reference_id_type: Option<String>,
    pub(super) transaction_event_code: String,
    pub(super) transaction_initiation_date: String,
    pub(super) transaction_status: Option<String>,
    pub(super) transaction_amount: Amount,
    pub(super) fee_amount: Option<Amount>,
    pub(super) custom_field: Option<String>,
}

/// Why something was refused.
#[derive(Deserialize)]
pub(super) struct ErrorBody {
    pub(super) name: String,
    pub(super) message: Option<String>,
    #[serde(default)]
    pub(super) details: Vec<Detail>,
}

#[derive(Deserialize)]
pub(super) struct Detail {
    pub(super) issue: Option<String>,
    pub(super) description: Option<String>,
    pub(super) field: Option<String>,
}
