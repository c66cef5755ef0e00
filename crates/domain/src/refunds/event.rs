//! What happened to a refund, as far as others are told.

use crate::kernel::{Money, RefundId};

/// What happened; the refund is found in the charge that the event came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundEvent {
    /// The money went back.
    Processed(RefundId),
    /// It failed, and what it reserved is free again.
    Failed {
        /// Which refund.
        refund: RefundId,
        /// Whether it had succeeded before: then what was posted is to be reversed.
        after_success: bool,
    },
    /// The gateway did something else than it was asked to.
    Conflicted(RefundId),
    /// Nobody asks the gateway any more; a person has to.
    GivenUp(RefundId),
    /// A capture did not last, and less is left of the charge than refunds and disputes take: so much is missing.
    Uncovered {
        /// What is taken beyond what was captured.
        missing: Money,
    },
    /// Made outside, it takes more than was left: so much is missing.
    Shortfall {
        /// Which refund.
        refund: RefundId,
        /// What is taken beyond what was captured.
        missing: Money,
    },
}
