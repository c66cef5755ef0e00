//! The store port of deposit policies.

use async_trait::async_trait;

use crate::kernel::{StoreError, TenantId};

use super::HotelPolicies;

/// The reads of deposit policies, over the schema of intents. What is written goes with the intents' changes.
///
/// # Errors
/// When the store cannot be reached, or what is stored breaks a law.
#[async_trait]
pub trait DepositStore: Send + Sync {
    /// The policies of a hotel.
    async fn deposit_policies(
        &self,
        tenant: &TenantId,
        hotel_id: &str,
    ) -> Result<Option<HotelPolicies>, StoreError>;
}
