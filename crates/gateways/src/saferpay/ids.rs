//! Names that Saferpay alone is told and nothing of ours is found by: random.

use uuid::Uuid;

/// A name that nobody has used.
#[expect(clippy::disallowed_methods, reason = "nothing of ours is found by it, so no test needs it twice")]
pub(super) fn fresh() -> Uuid {
    Uuid::new_v4()
}
