//! The double-entry ledger: accounts, transactions made of transfers, and the check that they balance.
//!
//! A transaction is one money effect (a capture, a refund) and is named by that effect's id; it is a list of
//! [`Transfer`]s, each of which debits one account and credits another with the same amount. So debits equal
//! credits in each currency by construction: there is no way to write down a transaction that does not balance.
//! Transactions are only ever added. What was wrong is corrected by [`LedgerTransaction::reversal`].
//!
//! To post a new kind of effect, add a [`TransactionKind`] and a function to `posting.rs` (of disputes:
//! `dispute_posting.rs`) that gives its transfers as
//! the contract's table has them.

mod account;
mod balance;
mod check;
mod dispute_posting;
mod entry;
mod ports;
mod posting;
mod refusal;
mod store_credit;
mod transaction;

pub use account::{AccountClass, AccountName, AccountPart, Side};
pub use balance::{AccountBalance, BalanceDelta, Totals, net_deltas};
pub use check::{CurrencyTotals, Difference, LedgerCheck, LedgerReplay, ReplayedAccount, check};
pub use dispute_posting::{
    DisputeDecision, DisputeEffect, UnmatchedEffect, chargeback_fee_posting, chargeback_posting,
    dispute_posting, unmatched_fee_posting, unmatched_posting,
};
pub use entry::{LedgerEntry, TransferId};
pub use ports::{AccountCursor, AccountFilter, AccountPage, EntryFilter, LedgerStore, LedgerWrite};
pub use posting::{CaptureEffect, RefundEffect, RefundedTo, capture_posting, refund_posting};
pub use refusal::{InvalidAccount, LedgerRefusal};
pub use store_credit::{CreditAdjustment, CreditAdjustmentType, StoreCreditRefusal};
pub use transaction::{EffectId, LedgerTransaction, MAX_TRANSFERS, Posting, TransactionKind, Transfer};
