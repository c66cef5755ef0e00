//! The reads, one query a file.

mod accounts;
mod columns;
mod entries;
mod replay;
mod transaction;

pub(crate) use accounts::accounts;
pub(crate) use entries::entries;
pub(crate) use replay::replay;
pub(crate) use transaction::transaction;
