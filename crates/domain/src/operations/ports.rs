use async_trait::async_trait;

use crate::kernel::{KeyId, Page, PageRequest, Save, StoreError, TenantId, Timestamp};
use crate::ports::{ApiKeyLookup, UnitOfWork};

use super::{ApiKey, ApiKeyStatus, SubsystemHealth, Tenant, TenantSettings};

/// An aggregate of operations, to be saved.
#[derive(Debug, Clone)]
pub enum OperationsWrite {
    /// A tenant.
    Tenant(Save<Tenant>),
    /// An API key; with it its entry in the locator.
    ApiKey(Save<ApiKey>),
    /// A tenant's settings.
    Settings(Save<TenantSettings>),
}

impl From<Save<Tenant>> for OperationsWrite {
    fn from(save: Save<Tenant>) -> Self {
        Self::Tenant(save)
    }
}

impl From<Save<ApiKey>> for OperationsWrite {
    fn from(save: Save<ApiKey>) -> Self {
        Self::ApiKey(save)
    }
}

impl From<Save<TenantSettings>> for OperationsWrite {
    fn from(save: Save<TenantSettings>) -> Self {
        Self::Settings(save)
    }
}

/// Which keys a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ApiKeyFilter {
    /// Those of this status at that instant; none is all.
    pub status: Option<(ApiKeyStatus, Timestamp)>,
}

/// Where operations keeps what it owns.
///
/// # Errors
/// Every read: when the store cannot be reached, or what is stored breaks a law.
#[async_trait]
pub trait OperationsStore: UnitOfWork<Write = OperationsWrite> {
    /// The tenant with this id.
    async fn tenant(&self, tenant: &TenantId) -> Result<Option<Tenant>, StoreError>;

    /// Tenants by name, at most 100, beginning after `after`.
    async fn tenants(&self, after: Option<&TenantId>) -> Result<Vec<Tenant>, StoreError>;

    /// Tenants that were made and have no settings, at most `limit`.
    async fn tenants_without_settings(&self, limit: u32) -> Result<Vec<TenantId>, StoreError>;

    /// The tenant's key with this id.
    async fn api_key(&self, tenant: &TenantId, id: KeyId) -> Result<Option<ApiKey>, StoreError>;

    /// The key whose text has this keyed hash, whoever's it is.
    async fn api_key_by_lookup(&self, lookup: &ApiKeyLookup) -> Result<Option<ApiKey>, StoreError>;

    /// The tenant's keys, newest first.
    async fn api_keys(
        &self,
        tenant: &TenantId,
        filter: &ApiKeyFilter,
        page: &PageRequest,
    ) -> Result<Page<ApiKey>, StoreError>;

    /// The tenant's settings; none when nothing was ever set.
    async fn settings(&self, tenant: &TenantId) -> Result<Option<TenantSettings>, StoreError>;
}

/// A part of the platform that can say how it works.
#[async_trait]
pub trait HealthSource: Send + Sync {
    /// Its name (`database`, `vault`).
    fn name(&self) -> &str;

    /// How it works now. Never an error: what cannot be asked is down and says so.
    async fn check(&self) -> SubsystemHealth;
}
