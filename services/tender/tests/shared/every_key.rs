//! A directory of API keys that has each that is asked for.

use async_trait::async_trait;
use tender_domain::kernel::{KeyId, ScopeSet, StoreError, TenantId};
use tender_domain::ports::{ApiKeyDirectory, ApiKeyGrant, ApiKeyLookup};
use uuid::Uuid;

/// Knows every secret key of the sandbox's tenant, and lets each do this.
pub(crate) struct EveryKey(pub(crate) ScopeSet);

#[async_trait]
impl ApiKeyDirectory for EveryKey {
    async fn find(&self, _: &ApiKeyLookup) -> Result<Option<ApiKeyGrant>, StoreError> {
        Ok(Some(ApiKeyGrant {
            id: KeyId::from_uuid(Uuid::from_u128(1)),
            tenant: TenantId::sandbox(),
            publishable: false,
            livemode: false,
            scopes: self.0,
            expires_at: None,
            revoked_at: None,
        }))
    }
}
