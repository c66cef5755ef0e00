//! Tables as data: what a store declares so that the writer can make one statement of a whole batch.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

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
}

impl Column {
    /// A column.
    #[must_use]
    pub const fn new(name: &'static str, column_type: ColumnType) -> Self {
        Self { name, column_type }
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

/// How a row is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum RowOp {
    /// A new row.
    Insert,
    /// A changed row, under a version check: it loses when the stored version is another.
    UpdateVersioned,
    /// A changed row whose aggregate's root is checked in the same change.
    UpdateChild,
    /// Deltas added to what is there, or the first row.
    Accumulate,
    /// Written unless what is there has the same or a later version.
    Project,
}

/// One row to write.
#[derive(Debug, Clone)]
pub(crate) struct RowWrite {
    pub(crate) table: &'static TableSpec,
    pub(crate) op: RowOp,
    pub(crate) expected_version: i64,
    pub(crate) cells: Vec<Cell>,
}

/// The rows of one change, as a store lists them. Cells come in the table's order: key columns, then the others.
#[derive(Debug, Default)]
pub struct Rows(pub(crate) Vec<RowWrite>);

impl Rows {
    /// A new row. A row that is there already with the same key refuses the change (`CommitError::Refused`).
    pub fn insert(&mut self, table: &'static TableSpec, cells: Vec<Cell>) {
        self.push(table, RowOp::Insert, 0, cells);
    }

    /// The changed root row of an aggregate: the change loses (`CommitError::Conflict`) unless the stored `version` is
    /// `expected`.
    pub fn update(&mut self, table: &'static TableSpec, expected: i64, cells: Vec<Cell>) {
        self.push(table, RowOp::UpdateVersioned, expected, cells);
    }

    /// A changed row of an aggregate whose root row is updated or inserted in the same change.
    pub fn update_child(&mut self, table: &'static TableSpec, cells: Vec<Cell>) {
        self.push(table, RowOp::UpdateChild, 0, cells);
    }

    /// Deltas: every column outside the key is a number and is added to what is stored; a missing row counts as zeros.
    /// Never loses and is never checked: for balances and sums.
    pub fn accumulate(&mut self, table: &'static TableSpec, cells: Vec<Cell>) {
        self.push(table, RowOp::Accumulate, 0, cells);
    }

    /// A row that mirrors another service's aggregate: written unless the stored `version` is the same or later.
    pub fn project(&mut self, table: &'static TableSpec, cells: Vec<Cell>) {
        self.push(table, RowOp::Project, 0, cells);
    }

    fn push(&mut self, table: &'static TableSpec, op: RowOp, expected_version: i64, cells: Vec<Cell>) {
        debug_assert!(
            table.all_columns().map(|column| column.column_type).eq(cells.iter().map(Cell::column_type)),
            "the cells of {} do not fit its columns",
            table.name
        );
        self.0.push(RowWrite { table, op, expected_version, cells });
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
