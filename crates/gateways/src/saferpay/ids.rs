//! Names that Saferpay alone is told and nothing of ours is found by: random.

use uuid::Uuid;

/// A name that nobody has used.
pub(super) fn fresh() -> Uuid {
    Uuid::new_v4()
}
