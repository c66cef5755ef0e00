use async_trait::async_trait;

use crate::kernel::{StoreError, Timestamp, Version};

use super::{ApiKeyGrant, ApiKeyLookup};

/// An API key as a service that is not its owner keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectedKey {
    /// The keyed hash of its text.
    pub lookup: ApiKeyLookup,
    /// What it may do.
    pub grant: ApiKeyGrant,
    /// Which version of the key this is.
    pub version: Version,
    /// When its owner last said so, by event or by answer.
    pub confirmed_at: Timestamp,
}

/// A service's own copy of the API keys, in its own store.
///
/// # Errors
/// Both: when the store cannot be reached, or what is stored breaks a law.
#[async_trait]
pub trait ApiKeyProjection: Send + Sync {
    /// The key whose text has this hash, if it was ever recorded.
    async fn find(&self, lookup: &ApiKeyLookup) -> Result<Option<ProjectedKey>, StoreError>;

    /// Keeps what the owner said. What is older than what is kept changes nothing; of the same version only the
    /// later `confirmed_at` is kept.
    async fn record(&self, key: &ProjectedKey) -> Result<(), StoreError>;
}

/// The owner of the API keys, asked directly.
#[async_trait]
pub trait ApiKeyAuthority: Send + Sync {
    /// The key whose text has this hash with its version, also when it is revoked or expired; none when there is
    /// none.
    ///
    /// # Errors
    /// When the owner does not answer: nothing is known.
    async fn ask(&self, lookup: &ApiKeyLookup) -> Result<Option<(ApiKeyGrant, Version)>, StoreError>;
}
