//! The credentials of a tenant's own connector, as the vault keeps them.

use crate::kernel::{ConnectorId, TenantId, Timestamp, Version};

use super::SealedTokens;

/// Why the database refuses to seal credentials under a key: it was retired meanwhile.
pub const SECRET_SEALED_BY_RETIRED_KEY: &str = "connector_secrets_sealed_by_usable_key";

/// The sealed credentials of a connector: the current ones, and those before them while they overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorSecret {
    /// Whose.
    pub tenant: TenantId,
    /// Of which connector.
    pub connector: ConnectorId,
    /// How often they were committed.
    pub version: Version,
    /// Which credentials of the connector they are, from 1.
    pub generation: u32,
    /// They; none once they are destroyed.
    pub sealed: Option<SealedTokens>,
    /// When they last changed.
    pub updated_at: Timestamp,
}

impl ConnectorSecret {
    /// The same under another key, or with other content. Sealing anew is a change like others: nobody outside sees its
    /// version.
    #[must_use]
    pub fn sealed_as(&self, generation: u32, sealed: SealedTokens, now: Timestamp) -> Self {
        let version = self.version.next();
        Self { version, generation, sealed: Some(sealed), updated_at: now, ..self.clone() }
    }

    /// Destroyed.
    #[must_use]
    pub fn erased(&self, now: Timestamp) -> Self {
        Self { version: self.version.next(), sealed: None, updated_at: now, ..self.clone() }
    }
}
