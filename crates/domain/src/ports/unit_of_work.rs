use async_trait::async_trait;

use crate::kernel::{Change, CommitError, Committed, KeyRecord, KeyScope, StoreError, TenantId};

/// What every store can do: commit a change whole, and say what became of an idempotency key.
///
/// A service's store port adds its reads to this. No transaction crosses the port.
#[async_trait]
pub trait UnitOfWork: Send + Sync {
    /// The service's list of aggregates that can be saved.
    type Write: Send + Sync + 'static;

    /// Writes all of the change, or nothing.
    ///
    /// # Errors
    /// See [`CommitError`]; only `Unresolved` leaves open whether the change was written.
    async fn commit(&self, change: Change<Self::Write>) -> Result<Committed, CommitError>;

    /// The record of an idempotency key.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn key(&self, tenant: &TenantId, scope: &KeyScope) -> Result<Option<KeyRecord>, StoreError>;
}
