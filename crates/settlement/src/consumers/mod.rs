//! What settlement follows.

mod ledger;

pub use ledger::LedgerConsumer;
