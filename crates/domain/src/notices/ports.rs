//! The store port of messages that belong to no aggregate beside them.

use async_trait::async_trait;

use crate::kernel::{IntentId, NotificationId, StoreError, TenantId, Timestamp};

use super::RefundNotice;

/// The reads of what people are told of refunds, over the schema of intents. What is written goes with the intents'
/// changes.
///
/// # Errors
/// Every read: when the store cannot be reached, or what is stored breaks a law.
#[async_trait]
pub trait RefundNoticeStore: Send + Sync {
    /// The message with this id.
    async fn refund_notice(
        &self,
        tenant: &TenantId,
        id: NotificationId,
    ) -> Result<Option<RefundNotice>, StoreError>;

    /// What was told of the refunds of a payment, the oldest first, at most so many.
    async fn refund_notices_of(
        &self,
        tenant: &TenantId,
        payment: IntentId,
        limit: usize,
    ) -> Result<Vec<RefundNotice>, StoreError>;

    /// Messages of all tenants that are to be tried by now, the longest due first.
    async fn due_refund_notices(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(TenantId, NotificationId)>, StoreError>;
}
