//! Nobody has an API key here.

use async_trait::async_trait;
use tender_domain::kernel::StoreError;
use tender_domain::ports::{ApiKeyDirectory, ApiKeyGrant, ApiKeyLookup};

/// No API keys: tests come with tokens.
pub(crate) struct NoKeys;

#[async_trait]
impl ApiKeyDirectory for NoKeys {
    async fn find(&self, _: &ApiKeyLookup) -> Result<Option<ApiKeyGrant>, StoreError> {
        Ok(None)
    }
}
