//! The check: entries replayed into balances, and compared with the balances that are kept.

use std::collections::BTreeMap;

use super::{AccountName, Totals};
use crate::kernel::{Currency, Timestamp};

/// One account in one currency: what its entries add up to beside what is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayedAccount {
    /// The account.
    pub account: AccountName,
    /// The currency.
    pub currency: Currency,
    /// What its entries add up to; zero when it has none.
    pub replayed: Totals,
    /// What is kept as its balance; zero when nothing is.
    pub kept: Totals,
}

/// A tenant's whole ledger, replayed at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LedgerReplay {
    /// How many transactions were replayed.
    pub transactions: u64,
    /// Every account that has entries or a kept balance.
    pub accounts: Vec<ReplayedAccount>,
}

/// The sums of all entries in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrencyTotals {
    /// The currency.
    pub currency: Currency,
    /// The sums over all entries.
    pub entries: Totals,
    /// The sums over all kept balances.
    pub kept: Totals,
}

impl CurrencyTotals {
    /// Whether debits equal credits, in the entries and in the kept balances.
    #[must_use]
    pub const fn balanced(&self) -> bool {
        self.entries.debits == self.entries.credits && self.kept.debits == self.kept.credits
    }
}

/// An account whose kept balance is not what its entries add up to.
pub type Difference = ReplayedAccount;

/// What the check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerCheck {
    /// Every currency that the ledger has, in the order of their codes.
    pub currencies: Vec<CurrencyTotals>,
    /// Every account whose kept balance is wrong.
    pub differences: Vec<Difference>,
    /// How many transactions were replayed.
    pub transactions: u64,
    /// When.
    pub checked_at: Timestamp,
}

impl LedgerCheck {
    /// Whether the ledger is in order.
    #[must_use]
    pub fn balanced(&self) -> bool {
        self.differences.is_empty() && self.currencies.iter().all(CurrencyTotals::balanced)
    }
}

/// Judges a replay.
#[must_use]
pub fn check(replay: LedgerReplay, checked_at: Timestamp) -> LedgerCheck {
    let mut currencies: BTreeMap<Currency, CurrencyTotals> = BTreeMap::new();
    for ReplayedAccount { currency, replayed, kept, .. } in &replay.accounts {
        let nothing =
            CurrencyTotals { currency: *currency, entries: Totals::default(), kept: Totals::default() };
        let sums = currencies.entry(*currency).or_insert(nothing);
        sums.entries = sums.entries.plus(*replayed);
        sums.kept = sums.kept.plus(*kept);
    }
    LedgerCheck {
        currencies: currencies.into_values().collect(),
        differences: replay.accounts.into_iter().filter(|account| account.replayed != account.kept).collect(),
        transactions: replay.transactions,
        checked_at,
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn account(name: &str, replayed: (i128, i128), kept: (i128, i128)) -> ReplayedAccount {
        ReplayedAccount {
            account: name.parse().unwrap(),
            currency: Currency::EUR,
            replayed: Totals { debits: replayed.0, credits: replayed.1 },
            kept: Totals { debits: kept.0, credits: kept.1 },
        }
    }

    fn checked(accounts: Vec<ReplayedAccount>) -> LedgerCheck {
        check(LedgerReplay { transactions: 1, accounts }, DateTime::UNIX_EPOCH)
    }

    #[test]
    fn a_ledger_whose_balances_are_its_entries_is_balanced() {
        assert!(checked(Vec::new()).balanced());
        let fine = checked(vec![
            account("asset:gateway:simulator:receivable", (500, 200), (500, 200)),
            account("liability:merchant:ma_1:payable", (200, 500), (200, 500)),
        ]);
        assert!(fine.balanced());
        assert_eq!(fine.currencies.len(), 1);
        assert_eq!(fine.currencies[0].entries, Totals { debits: 700, credits: 700 });
    }

    #[test]
    fn a_balance_that_is_not_its_entries_is_named() {
        let wrong = checked(vec![
            account("asset:gateway:simulator:receivable", (500, 0), (500, 0)),
            account("liability:merchant:ma_1:payable", (0, 500), (0, 499)),
        ]);
        assert!(!wrong.balanced());
        assert_eq!(wrong.differences.len(), 1);
        assert_eq!(wrong.differences[0].account.to_string(), "liability:merchant:ma_1:payable");
        assert!(!wrong.currencies[0].balanced());
    }

    #[test]
    fn entries_that_do_not_balance_are_seen_even_when_every_balance_is_its_entries() {
        let wrong = checked(vec![account("asset:gateway:simulator:receivable", (500, 0), (500, 0))]);
        assert!(wrong.differences.is_empty());
        assert!(!wrong.balanced());
    }
}
