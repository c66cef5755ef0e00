//! The adventures document's own event.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Currency, IntentId, TenantId, Timestamp, Version};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::exact_amount;
use crate::public_event::public_event;

/// `novatrek.support.payment.processed`: money was taken by a payment of the adventures API. In the document's own
/// words, with those of the platform beside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdventuresPaymentProcessed {
    /// The payment: the intent's UUID.
    pub payment_id: Uuid,
    /// The reservation that is paid for.
    pub reservation_id: Option<String>,
    /// The guest who pays.
    pub guest_id: Option<String>,
    /// How much was taken, in major units, exact.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    pub amount: Decimal,
    /// The currency.
    #[schema(value_type = String, example = "USD")]
    pub currency: Currency,
    /// `COMPLETED`.
    pub status: String,
    /// What the gateway calls it.
    pub gateway_ref: String,
    /// When the gateway did it.
    #[schema(value_type = String, format = DateTime)]
    pub processed_at: Timestamp,
    /// How much was taken, in minor units.
    pub amount_minor: i64,
    /// The tenant.
    #[schema(value_type = String, example = "sandbox")]
    pub tenant_id: TenantId,
    /// The intent.
    #[schema(value_type = String, example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    pub intent_id: IntentId,
    /// The intent's version.
    #[schema(value_type = i64)]
    pub version: Version,
}

public_event! {
    AdventuresPaymentProcessed is ADVENTURES_PAYMENT_PROCESSED of "/tender/intents":
    key intent_id, subject intent_id, at processed_at, amount
}
