use tender_domain::kernel::{CommitError, KeyId, StoreError, TenantId};
use tender_domain::operations::{ApiKeyRefusal, SettingsRefusal, TenantRefusal};
use tender_http::Problem;

/// Why a use case of operations did not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OperationsError {
    /// The tenant was not made.
    #[error(transparent)]
    Tenant(#[from] TenantRefusal),
    /// There is no such tenant.
    #[error("there is no tenant `{0}`; make it first")]
    UnknownTenant(TenantId),
    /// The key was not issued.
    #[error(transparent)]
    ApiKey(#[from] ApiKeyRefusal),
    /// The tenant has no such key.
    #[error("there is no API key {0}")]
    UnknownKey(KeyId),
    /// The settings were not changed.
    #[error(transparent)]
    Settings(#[from] SettingsRefusal),
    /// The client names no version, or another one than there is; as it is told to the client.
    #[error("{0}")]
    Stale(Problem),
    /// The idempotency key is in flight or belongs to another request; as it is told to the client.
    #[error("{0}")]
    KeyReused(Problem),
    /// A read failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The commit failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
}
