//! The built-in orders directory.

use crate::kernel::{TenantId, Timestamp, Version};
use crate::ports::Order;

/// An order of the built-in directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOrder {
    /// Whose.
    pub tenant: TenantId,
    /// How often it was committed.
    pub version: Version,
    /// The order.
    pub order: Order,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// What a client puts under an order's reference.
#[derive(Debug, Clone)]
pub struct SaveOrder {
    /// Whose.
    pub tenant: TenantId,
    /// The order.
    pub order: Order,
}

impl StoredOrder {
    /// An order that is new to the directory.
    #[must_use]
    pub fn create(save: SaveOrder, now: Timestamp) -> Self {
        Self {
            tenant: save.tenant,
            version: Version::FIRST,
            order: save.order,
            created_at: now,
            updated_at: now,
        }
    }

    /// The order replaced by what a client puts.
    #[must_use]
    pub fn replace(&self, order: Order, now: Timestamp) -> Self {
        Self { version: self.version.next(), order, updated_at: now, ..self.clone() }
    }
}
