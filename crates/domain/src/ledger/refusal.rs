//! Why the ledger refuses something.

use super::{AccountName, EffectId};
use crate::kernel::Money;

/// The text names no account of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an account; accounts are named as in asset:gateway:simulator:receivable")]
pub struct InvalidAccount(pub String);

/// Why a transaction cannot be posted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerRefusal {
    /// The effect's id cannot name a transaction.
    #[error("`{0}` cannot name an effect; an effect id has 1 to 64 lower-case letters, digits, `_` or `:`")]
    InvalidEffect(String),
    /// A transaction moves something.
    #[error("the transaction of {0} has no transfer")]
    Empty(EffectId),
    /// More transfers than a transaction may have.
    #[error(
        "the transaction of {effect} has {count} transfers, more than {} are not posted at once",
        super::MAX_TRANSFERS
    )]
    TooManyTransfers {
        /// The effect.
        effect: EffectId,
        /// How many it has.
        count: usize,
    },
    /// A transfer moves zero or less; the other direction is written by changing the sides.
    #[error("the transfer of {amount} in {effect} must move more than zero")]
    NotPositive {
        /// The effect.
        effect: EffectId,
        /// What it would move.
        amount: Money,
    },
    /// The amounts of a transaction add up to more than 63 bits of minor units.
    #[error("the amounts of {0} are larger than can be posted at once")]
    TooLarge(EffectId),
    /// A transfer from an account to itself moves nothing.
    #[error("a transfer in {effect} debits and credits the same account {account}")]
    SameAccount {
        /// The effect.
        effect: EffectId,
        /// The account.
        account: AccountName,
    },
    /// What is itself a correction is not reversed: post the effect again under an id of its own.
    #[error("{0} is a reversal and cannot be reversed")]
    AlreadyReversal(EffectId),
}
