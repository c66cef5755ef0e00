//! Adyen's messages, as far as they are read. What it adds is ignored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An amount in Adyen's minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Amount {
    pub(super) currency: String,
    pub(super) value: i64,
}

/// Further data, most of it switched on for an account.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Additional(BTreeMap<String, Value>);

impl Additional {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }
}

/// A payment, and what became of it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payment {
    pub(super) result_code: String,
    pub(super) psp_reference: Option<String>,
    pub(super) merchant_reference: Option<String>,
    pub(super) amount: Option<Amount>,
    pub(super) refusal_reason: Option<String>,
    pub(super) refusal_reason_code: Option<String>,
    pub(super) action: Option<Action>,
    pub(super) additional_data: Option<Additional>,
}

/// What the customer must do next.
#[derive(Deserialize)]
pub(super) struct Action {
    #[serde(rename = "type")]
    pub(super) action_type: String,
    pub(super) method: Option<String>,
    pub(super) url: Option<String>,
}

/// A capture, cancel or refund that was received.
#[derive(Deserialize)]
pub(super) struct Modification {
    pub(super) status: String,
}

/// A stored payment method.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredMethod {
    pub(super) id: String,
    pub(super) brand: Option<String>,
    pub(super) last_four: Option<String>,
    pub(super) expiry_month: Option<String>,
    pub(super) expiry_year: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StoredMethods {
    #[serde(default)]
    pub(super) stored_payment_methods: Vec<StoredMethod>,
}

/// Why something was refused.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServiceError {
    pub(super) error_code: String,
    pub(super) error_type: Option<String>,
    pub(super) message: Option<String>,
}

/// Notifications, as they come.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Notifications {
    pub(super) notification_items: Vec<Wrapped>,
}

#[derive(Deserialize)]
pub(super) struct Wrapped {
    #[serde(rename = "NotificationRequestItem")]
    pub(super) item: Item,
}

/// One notification.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    pub(super) psp_reference: String,
    pub(super) original_reference: Option<String>,
    pub(super) merchant_account_code: String,
    #[serde(default)]
    pub(super) merchant_reference: String,
    pub(super) amount: Amount,
    pub(super) event_code: String,
    /// `true` or `false`, as text.
    pub(super) success: String,
    pub(super) event_date: Option<String>,
    pub(super) payment_method: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) additional_data: Option<Additional>,
}
