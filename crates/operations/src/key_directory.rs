//! Other services' questions about keys, answered from the store itself.

use async_trait::async_trait;
use tender_domain::kernel::{StoreError, Version};
use tender_domain::ports::{ApiKeyAuthority, ApiKeyDirectory, ApiKeyGrant, ApiKeyLookup};

use crate::OperationsService;

#[async_trait]
impl ApiKeyAuthority for OperationsService {
    async fn ask(&self, lookup: &ApiKeyLookup) -> Result<Option<(ApiKeyGrant, Version)>, StoreError> {
        let found = self.store().api_key_by_lookup(lookup).await?;
        Ok(found.map(|key| (key.grant(), key.version)))
    }
}

/// The directory of the process that owns the keys: nothing to project, nothing to go stale.
#[async_trait]
impl ApiKeyDirectory for OperationsService {
    async fn find(&self, lookup: &ApiKeyLookup) -> Result<Option<ApiKeyGrant>, StoreError> {
        Ok(self.ask(lookup).await?.map(|(grant, _)| grant))
    }
}
