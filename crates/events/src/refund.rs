//! What happened to refunds.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{ChargeId, Currency, IntentId, Metadata, RefundId, TenantId, Timestamp, Version};
use tender_domain::refunds::{Refund, RefundOrigin, RefundState, RefundableCharge};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::exact_amount;
use crate::public_event::public_event;

/// `refund.processed`: a refund succeeded, money went back. The ledger posts it by `refundId`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefundProcessed {
    /// The refund: the effect's id.
    #[schema(value_type = String, example = "rf_01h2xcejqtf2nbrexx3vqjhp41")]
    pub refund_id: RefundId,
    /// The charge that was refunded.
    #[schema(value_type = String, example = "ch_01h2xcejqtf2nbrexx3vqjhp41")]
    pub charge_id: ChargeId,
    /// The intent.
    #[schema(value_type = String, example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    pub intent_id: IntentId,
    /// The intent's UUID.
    pub payment_id: Uuid,
    /// The tenant.
    #[schema(value_type = String, example = "sandbox")]
    pub tenant_id: TenantId,
    /// The order that had been paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The customer who had paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// The merchant account that bears it.
    pub merchant_account_id: String,
    /// The connector that gave the money back; of store credit the one that had taken it.
    pub connector: String,
    /// What the gateway calls the refund; left out of store credit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_reference: Option<String>,
    /// How much was given back, in major units, exact.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    pub amount: Decimal,
    /// How much was given back, in minor units.
    pub amount_minor: i64,
    /// The currency.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
    /// The refund's status (`succeeded`).
    pub status: String,
    /// Why it was asked for.
    pub reason: String,
    /// How it was given back: `original_payment_method`, or `store_credit`, which the ledger keeps for `customerId`.
    pub refund_method: String,
    /// Who asked the gateway for it: `tender`, or a person in its dashboard (`gateway`).
    #[serde(default = "by_tender")]
    pub origin: String,
    /// Whether the money is real.
    pub livemode: bool,
    /// The refund's version.
    #[schema(value_type = i64)]
    pub version: Version,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was known to be done.
    #[schema(value_type = String, format = DateTime)]
    pub processed_at: Timestamp,
    /// The client's metadata.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub metadata: Metadata,
}

/// `refund-failed`: a refund is known not to have happened, or was taken back after it had. One that is found to have happened
/// all the same is told by a `refund.processed` of a later version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefundFailed {
    /// The refund.
    #[schema(value_type = String, example = "rf_01h2xcejqtf2nbrexx3vqjhp41")]
    pub refund_id: RefundId,
    /// The charge that was to be refunded.
    #[schema(value_type = String, example = "ch_01h2xcejqtf2nbrexx3vqjhp41")]
    pub charge_id: ChargeId,
    /// The intent.
    #[schema(value_type = String, example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    pub intent_id: IntentId,
    /// The intent's UUID.
    pub payment_id: Uuid,
    /// The tenant.
    #[schema(value_type = String, example = "sandbox")]
    pub tenant_id: TenantId,
    /// The order that had been paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The customer who had paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// The merchant account.
    pub merchant_account_id: String,
    /// The connector that was asked.
    pub connector: String,
    /// What the gateway calls the refund, when it had done it before it took it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_reference: Option<String>,
    /// How much was not given back, in major units, exact.
    #[serde(with = "exact_amount")]
    #[schema(schema_with = exact_amount::schema)]
    pub amount: Decimal,
    /// How much was not given back, in minor units.
    pub amount_minor: i64,
    /// The currency.
    #[schema(value_type = String, example = "EUR")]
    pub currency: Currency,
    /// The refund's status (`failed`).
    pub status: String,
    /// Why it was asked for.
    pub reason: String,
    /// How it was to be given back.
    pub refund_method: String,
    /// Who asked the gateway for it: `tender`, or a person in its dashboard (`gateway`).
    #[serde(default = "by_tender")]
    pub origin: String,
    /// Why it failed: a decline code, or `gateway_error`.
    pub failure_reason: String,
    /// Why it failed, for a person.
    pub failure_message: String,
    /// What can be done about it.
    pub actions: Vec<String>,
    /// Whether it had succeeded before: then a `refund.processed` of the same refund was posted and is to be reversed.
    pub after_success: bool,
    /// Whether the money is real.
    pub livemode: bool,
    /// The refund's version.
    #[schema(value_type = i64)]
    pub version: Version,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was known to have failed.
    #[schema(value_type = String, format = DateTime)]
    pub failed_at: Timestamp,
    /// The client's metadata.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub metadata: Metadata,
}

/// Of messages from before there were others.
fn by_tender() -> String {
    RefundOrigin::Tender.as_str().to_owned()
}

impl RefundProcessed {
    /// The message of a refund that succeeded; none when it has not.
    #[must_use]
    pub fn of(charge: &RefundableCharge, refund: &Refund) -> Option<Self> {
        let RefundState::Succeeded { gateway_reference, at } = &refund.state else { return None };
        Some(Self {
            refund_id: refund.id,
            charge_id: charge.id,
            intent_id: charge.intent_id,
            payment_id: charge.intent_id.uuid(),
            tenant_id: charge.tenant.clone(),
            order_id: charge.order_id.clone(),
            customer_id: charge.customer_id.clone(),
            merchant_account_id: charge.merchant_account_id.clone(),
            connector: charge.connector.clone(),
            gateway_reference: gateway_reference.clone(),
            amount: refund.amount.to_decimal(),
            amount_minor: refund.amount.minor(),
            currency: refund.amount.currency(),
            status: refund.status().as_str().to_owned(),
            reason: refund.reason.as_str().to_owned(),
            refund_method: refund.method.as_str().to_owned(),
            origin: refund.origin.as_str().to_owned(),
            livemode: refund.livemode,
            version: refund.version,
            created_at: refund.created_at,
            processed_at: *at,
            metadata: refund.metadata.clone(),
        })
    }
}

impl RefundFailed {
    /// The message of a refund that failed; none when it has not.
    #[must_use]
    pub fn of(charge: &RefundableCharge, refund: &Refund, after_success: bool) -> Option<Self> {
        let RefundState::Failed { failure, gateway_reference, at, .. } = &refund.state else { return None };
        Some(Self {
            refund_id: refund.id,
            charge_id: charge.id,
            intent_id: charge.intent_id,
            payment_id: charge.intent_id.uuid(),
            tenant_id: charge.tenant.clone(),
            order_id: charge.order_id.clone(),
            customer_id: charge.customer_id.clone(),
            merchant_account_id: charge.merchant_account_id.clone(),
            connector: charge.connector.clone(),
            gateway_reference: gateway_reference.clone(),
            amount: refund.amount.to_decimal(),
            amount_minor: refund.amount.minor(),
            currency: refund.amount.currency(),
            status: refund.status().as_str().to_owned(),
            reason: refund.reason.as_str().to_owned(),
            refund_method: refund.method.as_str().to_owned(),
            origin: refund.origin.as_str().to_owned(),
            failure_reason: failure.reason.clone(),
            failure_message: failure.message.clone(),
            actions: failure.actions.iter().map(|action| action.as_str().to_owned()).collect(),
            after_success,
            livemode: refund.livemode,
            version: refund.version,
            created_at: refund.created_at,
            failed_at: *at,
            metadata: refund.metadata.clone(),
        })
    }
}

public_event! {
    RefundProcessed is REFUND_PROCESSED of "/tender/refunds":
    key intent_id, subject refund_id, at processed_at, amount
}

public_event! {
    RefundFailed is REFUND_FAILED of "/tender/refunds":
    key intent_id, subject refund_id, at failed_at, amount
}
