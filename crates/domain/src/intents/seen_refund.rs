//! Refunds of an intent, as refunds tells of them.

use crate::kernel::{AttemptId, IntentId, Money, RefundId, TenantId, Timestamp};

/// A refund that gave money back: a projection of `refund.processed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRefund {
    /// Its id.
    pub id: RefundId,
    /// Whose.
    pub tenant: TenantId,
    /// Of which intent.
    pub intent: IntentId,
    /// Of which attempt's charge.
    pub attempt: AttemptId,
    /// How much was given back.
    pub amount: Money,
    /// What the gateway calls it.
    pub gateway_reference: Option<String>,
    /// When it was known to be done.
    pub processed_at: Timestamp,
}
