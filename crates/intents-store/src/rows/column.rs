//! Values of columns, and the laws they must keep.

/// Reads every field of a row struct from the column of its name.
macro_rules! from_row {
    ($row:ident { $($field:ident),* $(,)? }) => {
        impl sqlx::FromRow<'_, sqlx::postgres::PgRow> for $row {
            fn from_row(row: &sqlx::postgres::PgRow) -> Result<Self, sqlx::Error> {
                Ok(Self { $($field: sqlx::Row::try_get(row, stringify!($field))?),* })
            }
        }
    };
}
pub(crate) use from_row;

use std::fmt::Display;
use std::str::FromStr;

use serde::de::DeserializeOwned;
use tender_domain::intents::{Instrument, MethodSummary};
use tender_domain::kernel::{Currency, MethodId, StoreError};
use uuid::Uuid;

/// Where a value was found, for naming what is bad.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<R> {
    pub(crate) table: &'static str,
    pub(crate) row: R,
}

impl<R: Display + Copy> Place<R> {
    pub(super) fn corrupt(self, column: &'static str, problem: impl Display) -> StoreError {
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

    pub(super) fn count(self, column: &'static str, number: i32) -> Result<u32, StoreError> {
        u32::try_from(number).map_err(|error| self.corrupt(column, error))
    }

    /// What must be there beside another column.
    pub(super) fn there<T>(self, column: &'static str, value: Option<T>) -> Result<T, StoreError> {
        value.ok_or_else(|| self.corrupt(column, "is missing"))
    }

    /// A JSON document, as its text.
    pub(super) fn json<T: DeserializeOwned>(self, column: &'static str, text: &str) -> Result<T, StoreError> {
        serde_json::from_str(text).map_err(|error| self.corrupt(column, error))
    }

    /// What is charged: at most one of the two columns is set.
    pub(super) fn instrument(
        self,
        method_id: Option<Uuid>,
        test_token: Option<String>,
    ) -> Result<Option<Instrument>, StoreError> {
        match (method_id, test_token) {
            (None, None) => Ok(None),
            (Some(id), None) => Ok(Some(Instrument::Saved(MethodId::from_uuid(id)))),
            (None, Some(token)) => Ok(Some(Instrument::TestToken(token))),
            (Some(_), Some(_)) => Err(self.corrupt("test_token", "is set beside method_id")),
        }
    }
}

pub(super) const fn method(
    method_type: String,
    brand: Option<String>,
    last4: Option<String>,
) -> MethodSummary {
    MethodSummary { method_type, brand, last4 }
}
