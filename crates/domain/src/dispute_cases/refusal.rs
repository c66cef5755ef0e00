//! Why a command on a case was refused.

use crate::kernel::{Money, MoneyError, Version};

use super::{DisputeCase, DisputeTiers, Tier};

/// A refusal of business, as a fact. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CaseRefusal {
    /// The caller's role is not of the case's tier.
    #[error("the dispute is of tier {}: it takes the role {} or a higher one", .0.number(), .0.role().as_str())]
    TierForbidden(Tier),
    /// It is decided.
    #[error("the dispute is resolved; nothing of it can be changed any more")]
    Resolved,
    /// Somebody else changed it.
    #[error("the dispute has version {0} now: read it again and decide again")]
    VersionConflict(Version),
    /// A part is to be refunded, and how much is not said.
    #[error("say in `amount` how much of it is refunded")]
    AmountRequired,
    /// The amount contradicts the decision.
    #[error("{0}")]
    AmountContradicts(String),
    /// More than was asked for.
    #[error("{asked} is more than the {requested} that the dispute is about")]
    BeyondRequest {
        /// What was decided.
        asked: Money,
        /// What the dispute is about.
        requested: Money,
    },
    /// The amount is none.
    #[error(transparent)]
    BadAmount(#[from] MoneyError),
    /// A chargeback is decided by its processor.
    #[error("the processor decides a chargeback: give in with FULL_REFUND, or wait for its decision")]
    ProcessorDecides,
    /// It has as many notes as it may have.
    #[error("a dispute has at most {} notes", DisputeCase::NOTES_MAX)]
    TooManyNotes,
    /// The charge has as many open cases as it may have.
    #[error("a payment has at most {} disputes that are open at once", DisputeCase::OPEN_MAX)]
    TooManyOpen,
    /// Limits that contradict each other.
    #[error(
        "limits are above zero, the second above the first, of at most {} currencies, and the base currency has some",
        DisputeTiers::CURRENCIES_MAX
    )]
    BadLimits,
}
