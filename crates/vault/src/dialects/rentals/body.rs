//! A payment method as the rentals document's client sees it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::Answer;
use tender_domain::vault::PaymentMethod;
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
    /// `credit_card` or `debit_card`.
    #[serde(rename = "type")]
    method_type: String,
    /// The card's last four digits.
    card_last4: String,
    /// The card's brand, as the client wrote it.
    card_brand: String,
    /// The card's last month, `MM/YY`.
    #[schema(example = "12/25")]
    expiry_date: String,
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
        let card = &method.card;
        Self {
            id: Named::Id(method.id.uuid()),
            method_type: said(TYPE).unwrap_or_else(|| "credit_card".to_owned()),
            card_last4: said(LAST4).unwrap_or_else(|| card.last4.clone()),
            card_brand: said(BRAND).unwrap_or_else(|| card.brand.clone()),
            expiry_date: said(EXPIRY)
                .unwrap_or_else(|| format!("{:02}/{:02}", card.exp_month, card.exp_year % 100)),
            is_default: method.is_default(),
            created_at: method.created_at,
        }
    }
}

/// The answer to a method that was added, as it is kept.
pub(super) fn added(method: &PaymentMethod) -> Answer {
    let data = OneMethod { payment_method: method.into() };
    keep(200, &Envelope::success("Payment method added successfully", data))
}
