//! Tables as data: what a store declares so that the writer can make one statement of a whole batch.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::rows::{RowOp, Rows, Span};

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// `text`
    Text,
    /// `uuid`
    Uuid,
    /// `bigint`
    BigInt,
    /// `integer`
    Int,
    /// `boolean`
    Bool,
    /// `timestamptz`
    Timestamp,
    /// `jsonb`, given as its text
    Json,
    /// `bytea`
    Bytes,
}

impl ColumnType {
    /// The type of the array parameter.
    pub(crate) const fn array(self) -> &'static str {
        match self {
            // JSON travels as text and is cast where it is used: text arrays are the cheaper to encode.
            Self::Text | Self::Json => "text[]",
            Self::Uuid => "uuid[]",
            Self::BigInt => "bigint[]",
            Self::Int => "integer[]",
            Self::Bool => "boolean[]",
            Self::Timestamp => "timestamptz[]",
            Self::Bytes => "bytea[]",
        }
    }

    /// What to append to a value of the parameter to make it one of the column.
    pub(crate) const fn cast(self) -> &'static str {
        match self {
            Self::Json => "::jsonb",
            _ => "",
        }
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub column_type: ColumnType,
    pub(crate) is_seldom: bool,
    pub(crate) is_often: bool,
}

impl Column {
    /// A column.
    #[must_use]
    pub const fn new(name: &'static str, column_type: ColumnType) -> Self {
        Self { name, column_type, is_seldom: false, is_often: false }
    }

    /// The column is NULL, without another default, in nearly every new row: new rows are written without the table's
    /// seldom columns when all of them are NULL. For tables that every payment writes: each column of a statement costs
    /// some 3 µs a batch and 0.2 µs a row.
    #[must_use]
    pub const fn seldom(self) -> Self {
        Self { is_seldom: true, ..self }
    }

    /// The column is among the few that a usual update changes: an update that changes no others writes these alone.
    /// A version always is.
    #[must_use]
    pub const fn often(self) -> Self {
        Self { is_often: true, ..self }
    }
}

/// A table that the writer may write. Its primary key is `tenant_id` followed by `key`; `tenant_id` is not listed.
///
/// A table whose rows are changed under a version check has a `bigint` column named `version` among its columns.
#[derive(Debug, PartialEq, Eq)]
pub struct TableSpec {
    /// Its name, without the schema.
    pub name: &'static str,
    /// The rest of the primary key.
    pub key: &'static [Column],
    /// The other columns that are written.
    pub columns: &'static [Column],
}

impl TableSpec {
    /// Key columns, then the others: the order of a row's cells.
    pub(crate) fn all_columns(&self) -> impl Iterator<Item = &'static Column> + use<> {
        self.key.iter().chain(self.columns)
    }

    /// The columns that a statement writes, with their places among a row's cells.
    pub(crate) fn written(
        &self,
        op: RowOp,
        span: Span,
    ) -> impl Iterator<Item = (usize, &'static Column)> + use<> {
        let keys = self.key.len();
        self.all_columns()
            .enumerate()
            .filter(move |(place, column)| *place < keys || span == Span::All || op.takes(column))
    }
}

/// One value of a row; `None` is NULL.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// For a `text` column.
    Text(Option<String>),
    /// For a `uuid` column.
    Uuid(Option<Uuid>),
    /// For a `bigint` column.
    BigInt(Option<i64>),
    /// For an `integer` column.
    Int(Option<i32>),
    /// For a `boolean` column.
    Bool(Option<bool>),
    /// For a `timestamptz` column.
    Timestamp(Option<DateTime<Utc>>),
    /// For a `jsonb` column: its text.
    Json(Option<Arc<str>>),
    /// For a `bytea` column.
    Bytes(Option<Vec<u8>>),
}

impl Cell {
    /// A `jsonb` cell of anything that serialises.
    ///
    /// # Errors
    /// When it does not (a map whose keys are no strings).
    pub fn json<T: serde::Serialize>(value: &T) -> Result<Self, serde_json::Error> {
        Ok(Self::Json(Some(serde_json::to_string(value)?.into())))
    }

    pub(crate) const fn is_null(&self) -> bool {
        match self {
            Self::Text(value) => value.is_none(),
            Self::Uuid(value) => value.is_none(),
            Self::BigInt(value) => value.is_none(),
            Self::Int(value) => value.is_none(),
            Self::Bool(value) => value.is_none(),
            Self::Timestamp(value) => value.is_none(),
            Self::Json(value) => value.is_none(),
            Self::Bytes(value) => value.is_none(),
        }
    }

    pub(crate) const fn column_type(&self) -> ColumnType {
        match self {
            Self::Text(_) => ColumnType::Text,
            Self::Uuid(_) => ColumnType::Uuid,
            Self::BigInt(_) => ColumnType::BigInt,
            Self::Int(_) => ColumnType::Int,
            Self::Bool(_) => ColumnType::Bool,
            Self::Timestamp(_) => ColumnType::Timestamp,
            Self::Json(_) => ColumnType::Json,
            Self::Bytes(_) => ColumnType::Bytes,
        }
    }
}

macro_rules! from_value {
    ($($variant:ident: $type:ty),*) => {$(
        impl From<$type> for Cell {
            fn from(value: $type) -> Self {
                Self::$variant(Some(value))
            }
        }
        impl From<Option<$type>> for Cell {
            fn from(value: Option<$type>) -> Self {
                Self::$variant(value)
            }
        }
    )*};
}

from_value!(Text: String, Uuid: Uuid, BigInt: i64, Int: i32, Bool: bool, Timestamp: DateTime<Utc>, Bytes: Vec<u8>);

impl From<&str> for Cell {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<Option<&str>> for Cell {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(str::to_owned))
    }
}

/// What a service's store tells the writer: the tables it writes and how a write becomes rows.
pub trait Schema: Send + Sync + 'static {
    /// The service's list of aggregates that can be saved.
    type Write: Send + Sync + 'static;

    /// The schema's name in the database.
    fn name(&self) -> &'static str;

    /// Every table that [`Schema::rows`] may name.
    fn tables(&self) -> &'static [&'static TableSpec];

    /// The rows of one write. Pure: called on the writer's task.
    fn rows(&self, write: &Self::Write, rows: &mut Rows);
}
