//! The ledger aggregates.
