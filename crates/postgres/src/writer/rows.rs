//! The rows of a change, as a store lists them.

use super::table::{Cell, Column, TableSpec};

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

impl RowOp {
    /// Whether a statement that spans a part of a table's columns writes this one.
    pub(super) const fn takes(self, column: &Column) -> bool {
        match self {
            Self::Insert => !column.is_seldom,
            Self::UpdateVersioned | Self::UpdateChild => column.is_often,
            Self::Accumulate | Self::Project => true,
        }
    }
}

/// How many of a table's columns a statement writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Span {
    /// All of them.
    All,
    /// Of new rows all but the seldom ones, of changed rows those that often change: the rest says nothing.
    Part,
}

/// One row to write.
#[derive(Debug, Clone)]
pub(crate) struct RowWrite {
    pub(crate) table: &'static TableSpec,
    pub(crate) op: RowOp,
    /// The least that has to be written.
    pub(crate) span: Span,
    pub(crate) expected_version: i64,
    pub(crate) cells: Vec<Cell>,
}

/// The rows of one change, as a store lists them. Cells come in the table's order: key columns, then the others.
#[derive(Debug, Default)]
pub struct Rows(pub(crate) Vec<RowWrite>);

impl Rows {
    /// A new row. A row that is there already with the same key refuses the change (`CommitError::Refused`).
    pub fn insert(&mut self, table: &'static TableSpec, cells: Vec<Cell>) {
        let mut seldom = table.all_columns().zip(&cells).filter(|(column, _)| column.is_seldom).peekable();
        let has_seldom = seldom.peek().is_some();
        let span = if has_seldom && seldom.all(|(_, cell)| cell.is_null()) { Span::Part } else { Span::All };
        self.push(RowWrite { table, op: RowOp::Insert, span, expected_version: 0, cells });
    }

    /// The changed root row of an aggregate: the change loses (`CommitError::Conflict`) unless the stored `version` is
    /// `expected`.
    pub fn update(&mut self, table: &'static TableSpec, expected: i64, cells: Vec<Cell>) {
        self.push(RowWrite {
            table,
            op: RowOp::UpdateVersioned,
            span: Span::All,
            expected_version: expected,
            cells,
        });
    }

    /// The same of a row whose cells were `was`: columns that do not often change are written only when they did.
    pub fn update_from(&mut self, table: &'static TableSpec, expected: i64, was: &[Cell], cells: Vec<Cell>) {
        let span = changed(table, was, &cells);
        self.push(RowWrite { table, op: RowOp::UpdateVersioned, span, expected_version: expected, cells });
    }

    /// A changed row of an aggregate whose root row is updated or inserted in the same change.
    pub fn update_child(&mut self, table: &'static TableSpec, cells: Vec<Cell>) {
        self.push(RowWrite { table, op: RowOp::UpdateChild, span: Span::All, expected_version: 0, cells });
    }

    /// The same of a row whose cells were `was`, as [`Rows::update_from`].
    pub fn update_child_from(&mut self, table: &'static TableSpec, was: &[Cell], cells: Vec<Cell>) {
        let span = changed(table, was, &cells);
        self.push(RowWrite { table, op: RowOp::UpdateChild, span, expected_version: 0, cells });
    }

    /// Deltas: every column outside the key is a number and is added to what is stored; a missing row counts as zeros.
    /// Never loses and is never checked: for balances and sums.
    pub fn accumulate(&mut self, table: &'static TableSpec, cells: Vec<Cell>) {
        self.push(RowWrite { table, op: RowOp::Accumulate, span: Span::All, expected_version: 0, cells });
    }

    /// A row that mirrors another service's aggregate: written unless the stored `version` is the same or later.
    pub fn project(&mut self, table: &'static TableSpec, cells: Vec<Cell>) {
        self.push(RowWrite { table, op: RowOp::Project, span: Span::All, expected_version: 0, cells });
    }

    fn push(&mut self, row: RowWrite) {
        debug_assert!(
            row.table
                .all_columns()
                .map(|column| column.column_type)
                .eq(row.cells.iter().map(Cell::column_type)),
            "the cells of {} do not fit its columns",
            row.table.name
        );
        self.0.push(row);
    }
}

/// Whether columns changed that do not often do.
fn changed(table: &TableSpec, was: &[Cell], cells: &[Cell]) -> Span {
    debug_assert_eq!(was.len(), cells.len(), "both are rows of {}", table.name);
    let pairs = was.iter().zip(cells);
    let settled = table.all_columns().zip(pairs).filter(|(column, _)| !column.is_often);
    let stayed = settled.into_iter().all(|(_, (before, after))| before == after);
    if stayed { Span::Part } else { Span::All }
}
