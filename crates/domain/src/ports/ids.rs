use uuid::Uuid;

use crate::kernel::{EventId, Id};

/// New ids. Use cases never make their own, so that a test can foresee them.
pub trait Ids: Send + Sync {
    /// A new `UUIDv7`; later ones sort after earlier ones of the same process.
    fn uuid(&self) -> Uuid;

    /// A new secret of 32 bytes from the operating system's generator.
    fn secret(&self) -> [u8; 32];
}

impl dyn Ids {
    /// A new id of a kind.
    #[must_use]
    pub fn next<K>(&self) -> Id<K> {
        Id::from_uuid(self.uuid())
    }

    /// A new message id.
    #[must_use]
    pub fn event(&self) -> EventId {
        EventId(self.uuid())
    }
}
