//! Balances: what the entries of an account add up to.

use std::collections::BTreeMap;

use super::{AccountName, LedgerTransaction, Side};
use crate::kernel::Currency;

/// The sums of an account's two sides, in minor units. 128 bits: no number of 64-bit amounts overflows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// The sum of its debits; zero or more.
    pub debits: i128,
    /// The sum of its credits; zero or more.
    pub credits: i128,
}

impl Totals {
    /// The sums with an amount (in minor units) added on one side.
    #[must_use]
    pub fn with(self, side: Side, minor: i64) -> Self {
        let minor = i128::from(minor);
        match side {
            Side::Debit => Self { debits: self.debits + minor, ..self },
            Side::Credit => Self { credits: self.credits + minor, ..self },
        }
    }

    /// The sums of both.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { debits: self.debits + other.debits, credits: self.credits + other.credits }
    }

    /// How much more is on a side than on the other; negative when it is less.
    #[must_use]
    pub const fn balance(self, side: Side) -> i128 {
        match side {
            Side::Debit => self.debits - self.credits,
            Side::Credit => self.credits - self.debits,
        }
    }
}

/// An account in one currency, with its sums as they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountBalance {
    /// The account.
    pub account: AccountName,
    /// The currency of its sums.
    pub currency: Currency,
    /// Its sums.
    pub totals: Totals,
}

impl AccountBalance {
    /// The balance on the side on which the account grows: an asset that is there and a liability that is owed are
    /// both positive.
    #[must_use]
    pub const fn balance(&self) -> i128 {
        self.totals.balance(self.account.class().normal_side())
    }
}

/// What transactions add to one account in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceDelta {
    /// The account.
    pub account: AccountName,
    /// The currency.
    pub currency: Currency,
    /// What is added.
    pub totals: Totals,
}

/// What transactions add up to, by account and currency, each once and in that order, so that stores which lock in
/// this order never wait for each other in a circle.
#[must_use]
pub fn net_deltas<'a>(transactions: impl IntoIterator<Item = &'a LedgerTransaction>) -> Vec<BalanceDelta> {
    let mut deltas: BTreeMap<(AccountName, Currency), Totals> = BTreeMap::new();
    for entry in transactions.into_iter().flat_map(LedgerTransaction::entries) {
        let totals = deltas.entry((entry.account, entry.amount.currency())).or_default();
        *totals = totals.with(entry.side, entry.amount.minor());
    }
    deltas
        .into_iter()
        .map(|((account, currency), totals)| BalanceDelta { account, currency, totals })
        .collect()
}
