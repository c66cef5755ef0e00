//! A row of `refunds_seen`.

use chrono::{DateTime, Utc};
use tender_domain::intents::SeenRefund;
use tender_domain::kernel::{AttemptId, IntentId, Money, RefundId, StoreError};
use uuid::Uuid;

use super::column::{Place, from_row};

/// A row of `refunds_seen`.
#[derive(Debug)]
pub(crate) struct RefundSeenRow {
    tenant_id: String,
    refund_id: Uuid,
    intent_id: Uuid,
    attempt_id: Uuid,
    amount_minor: i64,
    currency: String,
    gateway_reference: Option<String>,
    processed_at: DateTime<Utc>,
}

from_row!(RefundSeenRow {
    tenant_id,
    refund_id,
    intent_id,
    attempt_id,
    amount_minor,
    currency,
    gateway_reference,
    processed_at
});

impl TryFrom<RefundSeenRow> for SeenRefund {
    type Error = StoreError;

    fn try_from(row: RefundSeenRow) -> Result<Self, StoreError> {
        let place = Place { table: "refunds_seen", row: row.refund_id };
        Ok(Self {
            id: RefundId::from_uuid(row.refund_id),
            tenant: row.tenant_id.parse().map_err(|error| place.corrupt("tenant_id", error))?,
            intent: IntentId::from_uuid(row.intent_id),
            attempt: AttemptId::from_uuid(row.attempt_id),
            amount: Money::new(row.amount_minor, place.currency("currency", &row.currency)?),
            gateway_reference: row.gateway_reference,
            processed_at: row.processed_at,
        })
    }
}
