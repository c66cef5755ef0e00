//! What happened to orders.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Currency, IntentId, TenantId, Timestamp, Version};
use utoipa::ToSchema;

use crate::exact_amount;
use crate::public_event::public_event;

/// `order.changed`: an order (a booking, a reservation) is confirmed because it was paid, waits for its payment again
/// since a gateway took that back, or was given up. Who keeps the order directory writes it back; refunds gives back what
/// a cancellation gives back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OrderChanged {
    /// The order, as the ordering side names it.
    #[schema(example = "R-2026-000123")]
    pub order_id: String,
    /// What it is: `reservation` where Tender keeps it, else `order`.
    #[schema(example = "reservation")]
    pub kind: String,
    /// `confirmed`, `pending` again, or `canceled`.
    #[schema(example = "confirmed")]
    pub status: String,
    /// What all of it costs, in major units, exact.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    pub amount: Decimal,
    /// The same in minor units.
    pub amount_minor: i64,
    /// The currency.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
    /// The payments that took money for it.
    #[schema(value_type = Vec<String>, example = json!(["pi_01h2xcejqtf2nbrexx3vqjhp41"]))]
    pub paid_by: Vec<IntentId>,
    /// Those of them of which is given back now what the refund policy gives.
    #[schema(value_type = Vec<String>, example = json!([]))]
    pub refund: Vec<IntentId>,
    /// Why that is given back, as refund policies name it: `GUEST_CANCELLATION`, or `PAID_AFTER_CANCELLATION`, of which
    /// all goes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "GUEST_CANCELLATION")]
    pub refund_reason: Option<String>,
    /// When what was ordered was to start: of a stay the beginning of its first day, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub starts_at: Option<Timestamp>,
    /// What kind of thing was ordered, as refund policies name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "guided_trip")]
    pub product_type: Option<String>,
    /// At which rate plan it was ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_plan: Option<String>,
    /// The tenant.
    #[schema(value_type = String, example = "sandbox")]
    pub tenant_id: TenantId,
    /// Its version: of a reservation its own, of an order that is given up that of its row in the built-in directory, of
    /// one that the ordering side keeps that of the payment.
    #[schema(value_type = i64, example = 2)]
    pub version: Version,
    /// When it changed.
    #[schema(value_type = String, format = DateTime)]
    pub changed_at: Timestamp,
}

public_event! {
    OrderChanged is ORDER_CHANGED of "/tender/intents":
    key order_id, subject order_id, at changed_at, amount
}
