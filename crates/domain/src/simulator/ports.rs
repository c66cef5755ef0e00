use async_trait::async_trait;

use super::{BookedCallback, BookedOperation, BookedPayment};
use crate::kernel::{Currency, Save, StoreError, TenantId, Timestamp};
use crate::ports::CallKind;

/// One operation with its money effect, written together.
#[derive(Debug, Clone)]
pub struct BookEntry {
    /// The operation: new, or a challenged one with what the challenge ended with.
    pub operation: Save<BookedOperation>,
    /// The payment it makes or changes.
    pub payment: Option<Save<BookedPayment>>,
    /// What is told of it by callback. One whose id is there already is not written again.
    pub callbacks: Vec<BookedCallback>,
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

    /// Writes callbacks beside no operation. One whose id is there already is not written again.
    async fn add_callbacks(&self, callbacks: &[BookedCallback]) -> Result<(), StoreError>;

    /// Up to `limit` callbacks of all tenants that are due by now, the longest waiting first.
    async fn due_callbacks(&self, now: Timestamp, limit: usize) -> Result<Vec<BookedCallback>, StoreError>;

    /// Writes what became of a delivery: `due_at`, `failures`, `delivered_at`.
    async fn save_callback(&self, callback: &BookedCallback) -> Result<(), StoreError>;

    /// The callback with this id.
    async fn callback(&self, tenant: &TenantId, id: &str) -> Result<Option<BookedCallback>, StoreError>;

    /// The callbacks of a reference, the newest first, at most 100.
    async fn callbacks(&self, tenant: &TenantId, reference: &str) -> Result<Vec<BookedCallback>, StoreError>;
}

/// A callback as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCallback {
    /// The headers that sign it.
    pub headers: Vec<(&'static str, String)>,
    /// The body, JSON.
    pub body: String,
}

/// Where the simulated gateway sends its callbacks.
#[async_trait]
pub trait CallbackTarget: Send + Sync {
    /// Delivers one.
    ///
    /// # Errors
    /// Why the receiver did not say that it has it: it is sent again later.
    async fn deliver(&self, callback: &SignedCallback) -> Result<(), String>;
}
