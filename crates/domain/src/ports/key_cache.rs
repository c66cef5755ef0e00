use async_trait::async_trait;

use super::ApiKeyLookup;

/// What remembers for a moment what API keys may do, and is told when one changed.
#[async_trait]
pub trait ApiKeyMemory: Send + Sync {
    /// Forgets what is remembered of the key: from now on it is asked for again.
    async fn forget(&self, lookup: &ApiKeyLookup);
}
