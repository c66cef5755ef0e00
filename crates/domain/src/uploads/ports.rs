//! What is read of uploads.

use async_trait::async_trait;

use crate::kernel::{StoreError, TenantId, Timestamp, UploadId};

use super::Upload;

/// Reads uploads. They are written through the unit of work of the service whose purpose they serve.
///
/// # Errors
/// Every method fails with [`StoreError`] when the store cannot be read or holds what breaks a law.
#[async_trait]
pub trait UploadStore: Send + Sync {
    /// An upload; none when this tenant has none of that id.
    async fn upload(&self, tenant: &TenantId, id: UploadId) -> Result<Option<Upload>, StoreError>;

    /// Those of these uploads that the tenant has, in the order of their ids.
    async fn uploads(&self, tenant: &TenantId, ids: &[UploadId]) -> Result<Vec<Upload>, StoreError>;

    /// Uploads of all tenants whose content is to be removed, and those that were declared before `unused_since` and still
    /// wait; the one that changed longest ago first, at most `limit`.
    async fn uploads_to_remove(&self, unused_since: Timestamp, limit: u32)
    -> Result<Vec<Upload>, StoreError>;
}
