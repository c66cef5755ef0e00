use async_trait::async_trait;

use crate::kernel::{KeyId, ScopeSet, StoreError, TenantId, Timestamp};

/// What an API key may do, as the services know it. Never the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyGrant {
    /// The key's id.
    pub id: KeyId,
    /// Its tenant.
    pub tenant: TenantId,
    /// Whether it is publishable (`pk_`) rather than secret (`sk_`).
    pub publishable: bool,
    /// Whether it is for live money.
    pub livemode: bool,
    /// What it may do.
    pub scopes: ScopeSet,
    /// When it stops to count; none is never.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// The keyed hash of an API key's text (HMAC-SHA256 with the platform's pepper).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ApiKeyLookup(pub [u8; 32]);

/// Finds what an API key may do, by its keyed hash.
#[async_trait]
pub trait ApiKeyDirectory: Send + Sync {
    /// The grant of the key, also when it is revoked or expired; none when there is no such key.
    ///
    /// # Errors
    /// When it cannot be known now. The caller is then told 503, never let in.
    async fn find(&self, lookup: &ApiKeyLookup) -> Result<Option<ApiKeyGrant>, StoreError>;
}
