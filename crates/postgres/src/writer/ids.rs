//! The names of writers: made here, where a lane opens its connection, and read by nobody but the database.

use uuid::Uuid;

/// A name that no other writer has.
pub(super) fn new_writer() -> Uuid {
    #[allow(clippy::disallowed_methods, reason = "an adapter's own name, which no use case sees")]
    Uuid::new_v4()
}
