//! Why a command on a refundable charge was refused.

use crate::kernel::{ChargeId, Currency, IntentId, Money, MoneyError, RefundId, Timestamp};

use super::{RefundMethod, RefundStatus};

/// A refusal of business, as a fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefundRefusal {
    /// Less is left of the charge than is asked for.
    #[error("{}", exceeds(*asked, *left))]
    ExceedsCharge {
        /// What was asked for; none when it was the rest, and there is none.
        asked: Option<Money>,
        /// What can still be refunded.
        left: Money,
    },
    /// The currency named is not the charge's.
    #[error("the charge is in {charge}; a refund in {given} is not possible")]
    OtherCurrency {
        /// The charge's.
        charge: Currency,
        /// The one named.
        given: Currency,
    },
    /// The intent and the charge named do not belong together.
    #[error("the charge {charge} is not one of the intent {intent}")]
    NotOfIntent {
        /// The charge named.
        charge: ChargeId,
        /// The intent named.
        intent: IntentId,
    },
    /// Store credit is a customer's, and the charge has none.
    #[error(
        "the charge {} has no customer whom store credit could be given; refund it by {}",
        .0,
        RefundMethod::OriginalPaymentMethod.as_str()
    )]
    NoCustomer(ChargeId),
    /// The tenant's refund window is over for this charge.
    #[error("the charge could be refunded for {days} days, until {}", until.format("%Y-%m-%dT%H:%M:%SZ"))]
    WindowClosed {
        /// How many days it is.
        days: u32,
        /// When it closed.
        until: Timestamp,
    },
    /// The charge has as many refunds as one charge may have.
    #[error("a charge can have {0} refunds at most")]
    TooManyRefunds(usize),
    /// The amount is none that a client may name.
    #[error(transparent)]
    BadAmount(#[from] MoneyError),
    /// There is no such refund of this charge.
    #[error("the charge has no refund {0}")]
    NoSuchRefund(RefundId),
    /// What became of the refund is known, or its call is on its way: there is nothing for a person to settle.
    #[error("the refund is {}: there is nothing of it to resolve", .0.as_str())]
    NothingToResolve(RefundStatus),
    /// The refund is said to have been done after all, and its charge does not cover it any more: others took its money
    /// meanwhile. It is a person's until the charge covers it, or it turns out not to have been done.
    #[error(
        "{found} is said to have been given back after all, but {left} is left of the charge to cover it"
    )]
    NotCovered {
        /// What is said to have been given back.
        found: Money,
        /// What is left.
        left: Money,
    },
    /// What the gateway is said to call the refund is another refund's name.
    #[error("the gateway's refund of this name is {0} here already")]
    NamedAlready(RefundId),
    /// More is stated to have been given back than was asked for.
    #[error("{stated} is stated to have been given back, but {asked} was asked for")]
    ExceedsAsked {
        /// What a person states.
        stated: Money,
        /// What was asked for.
        asked: Money,
    },
    /// The refund's status does not allow it.
    #[error("a refund that is {} cannot be {wanted}", status.as_str())]
    WrongStatus {
        /// Where it stands.
        status: RefundStatus,
        /// What was wanted, as a past participle.
        wanted: &'static str,
    },
}

fn exceeds(asked: Option<Money>, left: Money) -> String {
    match asked {
        Some(asked) => format!("{asked} was asked for, but {left} is left of the charge to refund"),
        None => format!("{left} is left of the charge to refund"),
    }
}
