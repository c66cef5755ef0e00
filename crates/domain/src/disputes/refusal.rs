//! Why a command on a dispute was refused.

use crate::kernel::{DisputeId, MoneyError};

use super::DisputeStatus;

/// A refusal of business, as a fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DisputeRefusal {
    /// The charge has as many disputes as one charge may have.
    #[error("a charge can have {0} disputes at most")]
    TooManyDisputes(usize),
    /// The dispute's history is as long as people may make it.
    #[error("after {0} entries a dispute's history takes no more of people")]
    TooManyNotes(u32),
    /// The amount is none that a dispute may have.
    #[error(transparent)]
    BadAmount(#[from] MoneyError),
    /// The fee is negative, or larger than can be represented.
    #[error("a fee of {0} minor units is not possible")]
    BadFee(i64),
    /// There is no such dispute of this charge.
    #[error("the charge has no dispute {0}")]
    NoSuchDispute(DisputeId),
    /// The processor's reference is known with another amount, currency or charge, or with another fee that was told.
    #[error("the processor's dispute is known as {known}, with another amount, fee or charge")]
    Differs {
        /// The dispute that is known by the reference.
        known: DisputeId,
    },
    /// The dispute's status does not allow it.
    #[error("a dispute that is {} cannot be {wanted}", status.as_str())]
    WrongStatus {
        /// Where it stands.
        status: DisputeStatus,
        /// What was wanted, as a past participle.
        wanted: &'static str,
    },
    /// Evidence was handed in before, and not refused.
    #[error("evidence was submitted before; a processor takes it once")]
    EvidenceSubmitted,
    /// It is decided, the other way, and the request does not say that it overturns that.
    #[error("the dispute is {}; to overturn that, say so", .0.as_str())]
    Decided(DisputeStatus),
}
