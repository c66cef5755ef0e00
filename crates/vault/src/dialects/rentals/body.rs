//! A payment method as the rentals document's client sees it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Answer, Timestamp};
use tender_domain::vault::{Card, MethodType, PaymentMethod};
use tender_http::keep;
use tender_http::storefront::rentals::{Envelope, Named};
use utoipa::ToSchema;

use super::request::{BRAND, EXPIRY, LAST4, TYPE};

/// A payment method.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = RentalsMethod)]
pub(super) struct MethodBody {
    /// Its number.
    #[schema(value_type = i64, example = 123)]
    pub(super) id: Named,
    /// `credit_card`, `debit_card`, `paypal`, or how the platform calls a method that was saved elsewhere.
    #[serde(rename = "type")]
    method_type: String,
    /// The card's last four digits; of a bank account its number's last four characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    card_last4: Option<String>,
    /// The card's brand, as the client wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    card_brand: Option<String>,
    /// The card's last month, `MM/YY`.
    #[schema(example = "12/25")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expiry_date: Option<String>,
    /// The PayPal account's address, masked.
    #[schema(example = "b***@example.com")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Whether it is the user's default.
    is_default: bool,
    /// When it was added.
    created_at: DateTime<Utc>,
}

/// One method.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RentalsOneMethod)]
pub(super) struct OneMethod {
    /// The method.
    pub(super) payment_method: MethodBody,
}

/// A user's methods.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RentalsMethods)]
pub(super) struct Methods {
    /// The default first, then in the order in which they were added.
    pub(super) payment_methods: Vec<MethodBody>,
}

impl From<&PaymentMethod> for MethodBody {
    fn from(method: &PaymentMethod) -> Self {
        let said = |key: &str| method.metadata.entries().get(key).cloned();
        let details = &method.details;
        let expiry = |card: &Card| format!("{:02}/{:02}", card.exp_month, card.exp_year % 100);
        let own_type = match details.method_type() {
            MethodType::Card => "credit_card",
            other => other.as_str(),
        };
        Self {
            id: Named::Id(method.id.uuid()),
            method_type: said(TYPE).unwrap_or_else(|| own_type.to_owned()),
            card_last4: said(LAST4).or_else(|| details.last4().map(str::to_owned)),
            card_brand: said(BRAND).or_else(|| details.card().map(|card| card.brand.clone())),
            expiry_date: said(EXPIRY).or_else(|| details.card().map(expiry)),
            email: details.paypal().and_then(|paypal| paypal.email()).map(str::to_owned),
            is_default: method.is_default(),
            created_at: method.created_at,
        }
    }
}

/// The answer to a method that was added, as it is kept.
pub(super) fn added(method: &PaymentMethod, _now: Timestamp) -> Answer {
    let data = OneMethod { payment_method: method.into() };
    keep(200, &Envelope::success("Payment method added successfully", data))
}
