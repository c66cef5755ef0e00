//! `payment-method.changed`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tender_domain::kernel::{MethodId, TenantId, Timestamp, Version};
use utoipa::ToSchema;

use crate::public_event::public_event;

/// A saved payment method changed: its whole public state, masked. Never a card number, a token or billing details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentMethodChanged {
    /// The method (`pm_…`).
    #[schema(value_type = String, example = "pm_01h2xcejqtf2nbrexx3vqjhp41")]
    pub payment_method_id: MethodId,
    /// The tenant.
    #[schema(value_type = String, example = "sandbox")]
    pub tenant_id: TenantId,
    /// What happened: `created`, `updated`, `attached`, `verification_changed`, `expiring` (the last month of its card has
    /// begun), `expired` (it is over) or `deleted`.
    pub change: String,
    /// `active` or `deleted`.
    pub status: String,
    /// The customer it belongs to; absent until it is attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// The merchant account that alone may charge it; absent while each of the tenant's may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merchant_account_id: Option<String>,
    /// `card`, `bank_account`, `apple_pay`, `google_pay`, `paypal` or `sepa_debit`.
    #[serde(rename = "type")]
    pub method_type: String,
    /// The card's scheme; of cards, also in a wallet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// The last four characters of the card's or account's number; absent for `paypal`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last4: Option<String>,
    /// The month the card expires in, 1 to 12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp_month: Option<u8>,
    /// The year the card expires in, four digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp_year: Option<u16>,
    /// Where the bank account is held (ISO 3166-1 alpha-2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The account's bank (BIC), when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bic: Option<String>,
    /// The reference of the mandate; of `sepa_debit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandate_reference: Option<String>,
    /// The method (`pm_…`) of the same card or account that the customer had already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "pm_01h2xcejqtf2nbrexx3vqjhp42")]
    pub duplicate_of: Option<MethodId>,
    /// `unverified`, `pending`, `verified` or `failed`; absent in events of before there were verifications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification_status: Option<String>,
    /// Keyed; equal for the same card or account of the same tenant and type.
    pub fingerprint: String,
    /// Whether it is its customer's default.
    pub is_default: bool,
    /// What the client keeps with it.
    pub metadata: BTreeMap<String, String>,
    /// Which version of the consent text the customer agreed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent_text_version: Option<String>,
    /// When the customer agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub consented_at: Option<Timestamp>,
    /// Whether it is for live money.
    pub livemode: bool,
    /// How often it was committed.
    #[schema(value_type = i64)]
    pub version: Version,
    /// When it was saved.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// When it was deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub deleted_at: Option<Timestamp>,
}

public_event! {
    PaymentMethodChanged is PAYMENT_METHOD_CHANGED of "/tender/vault":
    key payment_method_id, subject payment_method_id, at updated_at
}
