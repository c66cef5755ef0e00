//! The store port of what hotels want kept.

use async_trait::async_trait;

use crate::kernel::{IntentId, StoreError, TenantId};

use super::HotelPayment;

/// The reads of the hotels dialect, over the schema of intents. What is written goes with the intents' changes.
///
/// # Errors
/// When the store cannot be reached, or what is stored breaks a law.
#[async_trait]
pub trait HotelStore: Send + Sync {
    /// What is kept of the payment of this intent; none when it is no hotel's.
    async fn hotel_payment(
        &self,
        tenant: &TenantId,
        id: IntentId,
    ) -> Result<Option<HotelPayment>, StoreError>;

    /// Whose payment page this is, by the key under which it was [located](crate::intents::PageLocation): for a browser
    /// or a gateway that comes without a credential.
    async fn tenant_of_page(&self, key: &str) -> Result<Option<TenantId>, StoreError>;
}
