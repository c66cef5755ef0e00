//! Columns as stored, and the laws they must keep.

use std::fmt::Display;
use std::str::FromStr;

use tender_domain::kernel::{Currency, StoreError};
use tender_domain::ledger::TransactionKind;

/// Where a value was found, for naming what is bad.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) table: &'static str,
    pub(super) row: &'a dyn Display,
}

impl Place<'_> {
    pub(super) fn corrupt(self, column: &'static str, problem: impl Display) -> StoreError {
        StoreError::corrupt(self.table, column, self.row, problem)
    }

    pub(super) fn parse<T: FromStr<Err: Display>>(
        self,
        column: &'static str,
        text: &str,
    ) -> Result<T, StoreError> {
        text.parse().map_err(|error| self.corrupt(column, error))
    }

    pub(super) fn currency(self, text: &str) -> Result<Currency, StoreError> {
        self.parse("currency", text)
    }

    pub(super) fn kind(self, text: &str) -> Result<TransactionKind, StoreError> {
        TransactionKind::find(text).ok_or_else(|| self.corrupt("kind", format!("`{text}` is no kind")))
    }
}
