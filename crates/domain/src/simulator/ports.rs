use async_trait::async_trait;

use super::{BookedOperation, BookedPayment};
use crate::kernel::{Currency, Save, StoreError, TenantId};
use crate::ports::CallKind;

/// One operation with its money effect, written together.
#[derive(Debug, Clone)]
pub struct BookEntry {
    /// The operation: new, or a challenged one with what the challenge ended with.
    pub operation: Save<BookedOperation>,
    /// The payment it makes or changes.
    pub payment: Option<Save<BookedPayment>>,
}

/// What became of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Recorded {
    /// It is durable, whole.
    Written,
    /// Nothing was written: the books have this operation with an outcome already; here it is.
    Existing(BookedOperation),
    /// Nothing was written: the payment was changed by another call since it was loaded. Load and decide again.
    Stale,
}

/// Sums over a tenant's payments in one currency, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BookTotals {
    /// The currency.
    pub currency: Currency,
    /// How many authorizations were approved.
    pub payments: i64,
    /// The sum that was approved.
    pub authorized_minor: i128,
    /// The sum that was taken.
    pub captured_minor: i128,
    /// The sum that was given back.
    pub refunded_minor: i128,
}

/// Where the simulated gateway keeps its books: every call once by (tenant, kind, reference), in one transaction
/// with its money effect.
///
/// # Errors
/// Every method fails with [`StoreError`] when the books cannot be reached or hold what breaks a law. After a failed
/// `record` it is open whether the entry was written; recording it again answers that.
#[async_trait]
pub trait SimulatorBooks: Send + Sync {
    /// Writes the entry, or nothing.
    async fn record(&self, entry: &BookEntry) -> Result<Recorded, StoreError>;

    /// The operation with this reference.
    async fn operation(
        &self,
        tenant: &TenantId,
        kind: CallKind,
        reference: &str,
    ) -> Result<Option<BookedOperation>, StoreError>;

    /// The payment the simulator calls so.
    async fn payment(
        &self,
        tenant: &TenantId,
        gateway_reference: &str,
    ) -> Result<Option<BookedPayment>, StoreError>;

    /// Sums by currency, in the order of the currency codes.
    async fn totals(&self, tenant: &TenantId) -> Result<Vec<BookTotals>, StoreError>;

    /// Up to `limit` payments in the order of their gateway references, beginning after the one named.
    async fn payments(
        &self,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<BookedPayment>, StoreError>;
}
