//! Why a command was refused, as facts.

use crate::kernel::{Money, MoneyError};

use super::{Command, IntentStatus};

/// Why an intent refused a command. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The status does not permit the command.
    #[error("a payment intent in status {} cannot be asked to {}", status.as_str(), command.as_str())]
    WrongStatus {
        /// Where it stands.
        status: IntentStatus,
        /// What was asked.
        command: Command,
    },
    /// More than can be captured was asked for.
    #[error("{asked} cannot be captured: {capturable} can")]
    ExceedsCapturable {
        /// What was asked.
        asked: Money,
        /// What can be.
        capturable: Money,
    },
    /// A cancellation has been asked for already; nothing new may begin.
    #[error("the payment intent is being canceled")]
    CancelRequested,
    /// The intent has expired.
    #[error("the payment intent expired")]
    Expired,
    /// The attempt that the answer belongs to is not open.
    #[error("the attempt is not waiting for an answer")]
    NotOpen,
    /// The amounts do not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}
