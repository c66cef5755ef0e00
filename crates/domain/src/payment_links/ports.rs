//! The store port of payment links.

use async_trait::async_trait;

use crate::kernel::{NotificationId, Page, PageRequest, PaymentLinkId, StoreError, TenantId, Timestamp};

use super::{LinkSending, PaymentLink};

/// Which links a list shows.
#[derive(Debug, Clone, Default)]
pub struct PaymentLinkFilter {
    /// For this order only.
    pub order_ref: Option<String>,
    /// Of this customer only.
    pub customer_id: Option<String>,
}

/// The reads of payment links, over the schema of intents. What is written goes with the intents' changes.
///
/// # Errors
/// Every read: when the store cannot be reached, or what is stored breaks a law.
#[async_trait]
pub trait PaymentLinkStore: Send + Sync {
    /// The link with this id.
    async fn payment_link(
        &self,
        tenant: &TenantId,
        id: PaymentLinkId,
    ) -> Result<Option<PaymentLink>, StoreError>;

    /// The link whose token has this SHA-256, whoever's it is.
    async fn payment_link_by_token(&self, hash: &[u8; 32]) -> Result<Option<PaymentLink>, StoreError>;

    /// The sending with this id.
    async fn link_sending(
        &self,
        tenant: &TenantId,
        id: NotificationId,
    ) -> Result<Option<LinkSending>, StoreError>;

    /// The newest sendings of a link, the newest first, at most so many.
    async fn sendings_of_link(
        &self,
        tenant: &TenantId,
        link: PaymentLinkId,
        limit: usize,
    ) -> Result<Vec<LinkSending>, StoreError>;

    /// Sendings of all tenants that are to be tried by now, the longest due first.
    async fn due_sendings(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(TenantId, NotificationId)>, StoreError>;

    /// A page of links, newest first.
    async fn payment_links(
        &self,
        tenant: &TenantId,
        filter: &PaymentLinkFilter,
        page: &PageRequest,
    ) -> Result<Page<PaymentLink>, StoreError>;
}
