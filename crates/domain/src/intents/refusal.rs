//! Why a command was refused, as facts.

use crate::kernel::{Currency, MandateId, Money, MoneyError};

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
    /// Less than what is held was asked for, and the gateway captures all or nothing.
    #[error("{connector} captures all that is held, {held}, or nothing")]
    PartialCapture {
        /// The connector.
        connector: String,
        /// What is held.
        held: Money,
    },
    /// A rest was to stay held, and the gateway captures once and lets the rest go.
    #[error("{connector} captures once, all or part, and lets the rest go")]
    OneCapture {
        /// The connector.
        connector: String,
    },
    /// There is nothing that a person could settle: no such call, or its outcome is known.
    #[error("its outcome is known; there is nothing to resolve")]
    NothingToResolve,
    /// What was approved has to be named as the gateway names it.
    #[error("what was approved needs the gateway's reference")]
    ReferenceRequired,
    /// More was stated than was asked for.
    #[error("{stated} cannot be what was approved: at most {at_most} was asked for")]
    ExceedsAsked {
        /// What was stated.
        stated: Money,
        /// What was asked for.
        at_most: Money,
    },
    /// The payment has gone on since: money of this call can have no place in it any more.
    #[error("a payment intent in status {} cannot take this money any more", status.as_str())]
    WentOn {
        /// Where it stands.
        status: IntentStatus,
    },
    /// More than the tenant's settings permit was asked for.
    #[error("{asked} is more than the tenant's settings permit: {limit}")]
    ExceedsLimit {
        /// What was asked for.
        asked: Money,
        /// The most that may be.
        limit: Money,
    },
    /// The tenant's settings do not permit methods of this type.
    #[error("the tenant's settings do not permit payment methods of type {0}")]
    MethodTypeNotAllowed(String),
    /// Methods of this type are charged in another currency only.
    #[error("payment methods of type {method_type} are charged in {charged} only, not in {asked}")]
    CurrencyNotTaken {
        /// The type.
        method_type: &'static str,
        /// What it is charged in.
        charged: Currency,
        /// What was asked for.
        asked: Currency,
    },
    /// A payment without the customer is made on a mandate that the customer gave.
    #[error("a payment without the customer (`off_session`) needs a mandate that an earlier payment began")]
    MandateRequired,
    /// No approved payment began this mandate.
    #[error("there is no mandate {0}")]
    NoSuchMandate(MandateId),
    /// The mandate is of another customer, or for another method.
    #[error("the mandate {0} is of another customer or for another payment method")]
    MandateOfAnother(MandateId),
    /// A mandate is begun by a customer, with a method that is saved.
    #[error("what is to be charged later (`setup_future_usage`) needs a customer and a saved payment method")]
    NothingToSetUp,
    /// No connector has sessions of this alternative payment method.
    #[error("no connector that is set up here has the payment method {0}")]
    NoSuchAlternative(String),
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
