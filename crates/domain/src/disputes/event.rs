//! What happened to a dispute, as far as others are told.

use crate::kernel::{DisputeId, Money};

use super::{DisputeStatus, ReplyKind};

/// What happened; the dispute is found in the charge that the event came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeEvent {
    /// It was opened, and its amount was taken.
    Opened(DisputeId),
    /// Something of it changed, and no money moved.
    Updated(DisputeId),
    /// The fee that its processor took became known, and was not known before.
    FeeTold(DisputeId),
    /// It was decided.
    Resolved {
        /// Which dispute.
        dispute: DisputeId,
        /// Where it stood before. Not open when it was decided the other way before: then what was posted is turned.
        from: DisputeStatus,
    },
    /// More is taken of the charge than was captured of it: by so much.
    Shortfall {
        /// The dispute that made it so, or more so.
        dispute: DisputeId,
        /// What is missing, in the charge's currency; more than zero.
        missing: Money,
    },
    /// Its processor did not take what it was told: a person has to see to it.
    ReplyRefused {
        /// Which dispute.
        dispute: DisputeId,
        /// What was not taken.
        kind: ReplyKind,
    },
    /// It is in another currency than the charge.
    OtherCurrency(DisputeId),
}
