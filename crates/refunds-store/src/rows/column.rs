//! Values of columns, and the laws they must keep.

use std::fmt::Display;
use std::str::FromStr;

use sqlx::postgres::{PgRow, Postgres};
use sqlx::{ColumnIndex, Decode, Row, Type};
use tender_domain::kernel::{Currency, Money, StoreError};
use uuid::Uuid;

/// Where a value was found, for naming what is bad.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) table: &'static str,
    pub(crate) row: Uuid,
}

impl Place {
    pub(crate) fn corrupt(self, column: &'static str, problem: impl Display) -> StoreError {
        StoreError::corrupt(self.table, column, self.row, problem)
    }

    /// A word of a closed list.
    pub(crate) fn word<T>(
        self,
        column: &'static str,
        text: &str,
        find: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        find(text).ok_or_else(|| self.corrupt(column, format!("`{text}` is not known")))
    }

    pub(crate) fn currency(self, column: &'static str, code: &str) -> Result<Currency, StoreError> {
        Currency::from_str(code).map_err(|error| self.corrupt(column, error))
    }

    /// What must be there in this status.
    pub(super) fn there<T>(self, column: &'static str, value: Option<T>) -> Result<T, StoreError> {
        value.ok_or_else(|| self.corrupt(column, "is missing in this status"))
    }

    /// A sum kept on the row must be what its parts add up to.
    pub(super) fn adds_up(self, column: &'static str, kept: i64, parts: Money) -> Result<(), StoreError> {
        if kept == parts.minor() {
            return Ok(());
        }
        Err(self.corrupt(column, format!("is {kept}, but its parts add up to {}", parts.minor())))
    }
}

/// A column of a row that was just read.
pub(crate) fn get<'r, T, I>(row: &'r PgRow, column: I) -> Result<T, sqlx::Error>
where
    T: Decode<'r, Postgres> + Type<Postgres>,
    I: ColumnIndex<PgRow>,
{
    row.try_get(column)
}
