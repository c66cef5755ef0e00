//! Billing details, as clients send and get them.

use serde::{Deserialize, Serialize};
use tender_domain::vault::{Address, BillingDetails};
use utoipa::ToSchema;

/// Where bills go.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BillingBody {
    /// The payer's name.
    name: Option<String>,
    /// The payer's e-mail address.
    email: Option<String>,
    /// The payer's telephone number.
    phone: Option<String>,
    /// The payer's address.
    address: Option<AddressBody>,
}

/// A postal address.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AddressBody {
    /// Street and number.
    line1: Option<String>,
    /// What does not fit the first line.
    line2: Option<String>,
    /// Town.
    city: Option<String>,
    /// State, county or province.
    state: Option<String>,
    /// Postal code.
    postal_code: Option<String>,
    /// Country, ISO 3166-1 alpha-2.
    #[schema(example = "DE")]
    country: Option<String>,
}

impl From<BillingBody> for BillingDetails {
    fn from(body: BillingBody) -> Self {
        let BillingBody { name, email, phone, address } = body;
        let address = address.map(|body| Address {
            line1: body.line1,
            line2: body.line2,
            city: body.city,
            state: body.state,
            postal_code: body.postal_code,
            country: body.country,
        });
        Self { name, email, phone, address }
    }
}

impl From<BillingDetails> for BillingBody {
    fn from(details: BillingDetails) -> Self {
        let BillingDetails { name, email, phone, address } = details;
        let address = address.map(|address| AddressBody {
            line1: address.line1,
            line2: address.line2,
            city: address.city,
            state: address.state,
            postal_code: address.postal_code,
            country: address.country,
        });
        Self { name, email, phone, address }
    }
}
