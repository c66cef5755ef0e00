use async_trait::async_trait;
use uuid::Uuid;

use crate::kernel::{StoreError, TenantId};

/// What has numbers beside its ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NumberKind {
    /// Payments: intents.
    Payment,
    /// Refunds.
    Refund,
    /// Payment methods.
    Method,
}

impl NumberKind {
    /// The text form, as stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Method => "method",
        }
    }
}

/// Finds things by their number.
#[async_trait]
pub trait NumberLookup: Send + Sync {
    /// The thing with this number; none when the number was not given. The thing itself may never have come to be.
    ///
    /// # Errors
    /// When the book cannot be read.
    async fn find(
        &self,
        tenant: &TenantId,
        kind: NumberKind,
        number: i64,
    ) -> Result<Option<Uuid>, StoreError>;
}

/// Gives things their numbers.
#[async_trait]
pub trait Numbering: Send + Sync {
    /// The numbers of these things, in their order. One that has none is given the next, in the order of the ids.
    ///
    /// # Errors
    /// When the book cannot be read or written.
    async fn numbers(
        &self,
        tenant: &TenantId,
        kind: NumberKind,
        ids: &[Uuid],
    ) -> Result<Vec<i64>, StoreError>;
}

/// Whole numbers beside ids, for storefront documents that know things by number: one sequence for each kind of each
/// tenant, beginning at 1. A number is never given twice; some may be missing. The service that owns the things keeps the
/// book.
pub trait NumberBook: NumberLookup + Numbering {}

impl<T: NumberLookup + Numbering> NumberBook for T {}
