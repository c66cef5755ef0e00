//! The reads, one query a file.

mod accounts;
mod columns;
mod credit_adjustments;
mod entries;
mod replay;
mod transaction;

pub(crate) use accounts::accounts;
pub(crate) use credit_adjustments::credit_adjustments;
pub(crate) use entries::entries;
pub(crate) use replay::replay;
pub(crate) use transaction::transaction;
