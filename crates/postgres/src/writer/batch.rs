//! A batch: the changes that go into one statement, as columns.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::Arguments;
use sqlx::postgres::PgArguments;
use tender_domain::kernel::{Change, CommitError, KeyWrite, Message};
use uuid::Uuid;

use super::guards::{GuardRow, guard_rows, lost_guard};
use super::parts::Part;
use super::rows::{RowOp, RowWrite, Rows};
use super::statement::{Shape, Writing};
use super::table::{Cell, ColumnType, Schema, TableSpec};

/// A change with its rows listed.
pub(crate) struct Prepared {
    tenant: String,
    rows: Vec<RowWrite>,
    messages: Vec<Message>,
    key: Option<KeyWrite>,
    inbox: Option<(&'static str, String)>,
    guards: Vec<GuardRow>,
}

/// A thing that only one item of a batch may touch.
#[derive(PartialEq, Eq, Hash)]
enum Touched {
    Row(&'static str, String, String),
    Key(String, &'static str, Arc<str>),
    Inbox(String, &'static str, String),
    Guard(String, &'static str, String),
}

/// How a change fits a batch that others are in already.
pub(crate) enum Fit {
    /// It touches nothing that another touches.
    Fits,
    /// It changes an aggregate that another changes: it has lost, its version will be stale.
    Loses,
    /// It names a key, claim or counter that another names: it goes with the next batch and learns what became of it.
    Waits,
}

impl Prepared {
    pub(crate) fn of<S: Schema>(schema: &S, change: Change<S::Write>) -> Self {
        let mut rows = Rows::default();
        for write in &change.writes {
            schema.rows(write, &mut rows);
        }
        Self {
            tenant: change.tenant.as_str().to_owned(),
            rows: rows.0,
            messages: change.messages,
            key: change.key,
            inbox: change.inbox.map(|entry| (entry.consumer, entry.key)),
            guards: guard_rows(change.guards),
        }
    }

    /// See [`lost_guard`].
    pub(super) fn lost_guard(
        &self,
        kind: &str,
        key: &str,
        holder: Option<String>,
    ) -> Option<(usize, CommitError)> {
        lost_guard(&self.guards, kind, key, holder)
    }

    pub(crate) fn tells(&self) -> bool {
        !self.messages.is_empty()
    }

    fn touched(&self) -> impl Iterator<Item = (Touched, bool)> + '_ {
        let versioned = |row: &&RowWrite| row.op == RowOp::UpdateVersioned;
        let rows = self.rows.iter().filter(versioned).map(|row| {
            let key = format!("{:?}", &row.cells[..row.table.key.len()]);
            (Touched::Row(row.table.name, self.tenant.clone(), key), true)
        });
        let key = self.key.iter().map(|write| {
            let scope = write.scope();
            (Touched::Key(self.tenant.clone(), scope.route, Arc::clone(&scope.key)), false)
        });
        let inbox = self
            .inbox
            .iter()
            .map(|(consumer, key)| (Touched::Inbox(self.tenant.clone(), consumer, key.clone()), false));
        let guards = self
            .guards
            .iter()
            .map(|guard| (Touched::Guard(self.tenant.clone(), guard.kind, guard.key.clone()), false));
        rows.chain(key).chain(inbox).chain(guards)
    }
}

/// Decides which changes go together.
#[derive(Default)]
pub(crate) struct Gatherer {
    touched: HashSet<Touched>,
}

impl Gatherer {
    pub(crate) fn fit(&mut self, item: &Prepared) -> Fit {
        let mut fit = Fit::Fits;
        for (touched, loses) in item.touched() {
            if self.touched.contains(&touched) {
                if !loses {
                    return Fit::Waits;
                }
                fit = Fit::Loses;
            }
        }
        if matches!(fit, Fit::Fits) {
            self.touched.extend(item.touched().map(|(touched, _)| touched));
        }
        fit
    }
}

/// Which statement a batch needs.
pub(crate) fn shape(tables: &[&'static TableSpec], items: &[&Prepared]) -> Shape {
    let index_of = |table: &TableSpec| tables.iter().position(|known| known.name == table.name);
    let mut rows: Vec<Writing> = Vec::new();
    for row in items.iter().flat_map(|item| &item.rows) {
        let table = index_of(row.table).expect("Schema::tables lists every table that Schema::rows names");
        match rows.iter_mut().find(|writing| writing.table == table && writing.op == row.op) {
            Some(writing) => writing.span = writing.span.min(row.span),
            None => rows.push(Writing { table, op: row.op, span: row.span }),
        }
    }
    rows.sort_unstable();
    let uses = |part: &Part| items.iter().any(|item| item.uses(*part));
    Shape { rows, parts: Part::ALL.into_iter().filter(uses).collect() }
}

impl Prepared {
    fn uses(&self, part: Part) -> bool {
        match part {
            Part::KeyNew => self.key.as_ref().is_some_and(KeyWrite::claims),
            Part::KeyFinish => self.key.as_ref().is_some_and(|key| !key.claims()),
            Part::Inbox => self.inbox.is_some(),
            Part::Claim | Part::Release | Part::Count => self.guards.iter().any(|guard| guard.part == part),
            Part::Outbox => !self.messages.is_empty(),
        }
    }

    /// The rows of a generic part, as cells in the order of [`Part::columns`].
    fn part_rows(&self, part: Part, outbox_n: &mut i32) -> Vec<Vec<Cell>> {
        let tenant = || Cell::from(self.tenant.as_str());
        match part {
            Part::KeyNew | Part::KeyFinish => self.key_row(part).into_iter().collect(),
            Part::Inbox => {
                let row = |(consumer, key): &(&'static str, String)| {
                    vec![tenant(), Cell::from(*consumer), Cell::from(key.as_str())]
                };
                self.inbox.iter().map(row).collect()
            }
            Part::Claim | Part::Release | Part::Count => self
                .guards
                .iter()
                .filter(|guard| guard.part == part)
                .map(|guard| self.guard_row(guard))
                .collect(),
            Part::Outbox => {
                let row = |message: &Message| {
                    *outbox_n += 1;
                    vec![
                        tenant(),
                        Cell::from(*outbox_n),
                        Cell::from(message.id.0),
                        Cell::from(message.topic.name()),
                        Cell::from(message.key.as_str()),
                        Cell::from(message.subject.as_str()),
                        Cell::from(message.source),
                        Cell::from(message.time),
                        Cell::from(message.version.number()),
                        Cell::from(message.traceparent.as_deref()),
                        Cell::from(&*message.data),
                    ]
                };
                self.messages.iter().map(row).collect()
            }
        }
    }

    fn key_row(&self, part: Part) -> Option<Vec<Cell>> {
        let key = self.key.as_ref().filter(|key| key.claims() == (part == Part::KeyNew))?;
        let scope = key.scope();
        let mut cells =
            vec![Cell::from(self.tenant.as_str()), Cell::from(scope.route), Cell::from(&*scope.key)];
        let answer = match key {
            KeyWrite::Start { fingerprint, resource, at, .. } => {
                cells.extend([
                    Cell::from(fingerprint.0.to_vec()),
                    Cell::from(resource.as_str()),
                    Cell::from(*at),
                ]);
                None
            }
            KeyWrite::Record { fingerprint, resource, at, answer, .. } => {
                cells.extend([
                    Cell::from(fingerprint.0.to_vec()),
                    Cell::from(resource.as_str()),
                    Cell::from(*at),
                ]);
                Some(answer)
            }
            KeyWrite::Finish { answer, .. } => Some(answer),
        };
        cells.push(Cell::Int(answer.map(|answer| i32::from(answer.status))));
        cells.push(Cell::from(answer.map(|answer| &*answer.body)));
        Some(cells)
    }

    fn guard_row(&self, guard: &GuardRow) -> Vec<Cell> {
        let mut cells =
            vec![Cell::from(self.tenant.as_str()), Cell::from(guard.kind), Cell::from(guard.key.as_str())];
        match guard.part {
            Part::Claim => {
                cells.extend([Cell::from(guard.owner.as_str()), Cell::from(guard.from_owner.as_deref())])
            }
            Part::Count => cells.extend([Cell::from(guard.by), Cell::from(guard.max)]),
            _ => cells.push(Cell::from(guard.owner.as_str())),
        }
        cells
    }
}

/// One array parameter in the making. Values are borrowed from the items until they are encoded.
enum Array<'a> {
    Text(Vec<Option<&'a str>>),
    Uuid(Vec<Option<Uuid>>),
    BigInt(Vec<Option<i64>>),
    Int(Vec<Option<i32>>),
    Bool(Vec<Option<bool>>),
    Timestamp(Vec<Option<DateTime<Utc>>>),
    Bytes(Vec<Option<&'a [u8]>>),
}

impl<'a> Array<'a> {
    const fn of(column_type: ColumnType) -> Self {
        match column_type {
            ColumnType::Text | ColumnType::Json => Self::Text(Vec::new()),
            ColumnType::Uuid => Self::Uuid(Vec::new()),
            ColumnType::BigInt => Self::BigInt(Vec::new()),
            ColumnType::Int => Self::Int(Vec::new()),
            ColumnType::Bool => Self::Bool(Vec::new()),
            ColumnType::Timestamp => Self::Timestamp(Vec::new()),
            ColumnType::Bytes => Self::Bytes(Vec::new()),
        }
    }

    fn push(&mut self, cell: &'a Cell) {
        match (self, cell) {
            (Self::Text(array), Cell::Text(value)) => array.push(value.as_deref()),
            (Self::Text(array), Cell::Json(value)) => array.push(value.as_deref()),
            (Self::Uuid(array), Cell::Uuid(value)) => array.push(*value),
            (Self::BigInt(array), Cell::BigInt(value)) => array.push(*value),
            (Self::Int(array), Cell::Int(value)) => array.push(*value),
            (Self::Bool(array), Cell::Bool(value)) => array.push(*value),
            (Self::Timestamp(array), Cell::Timestamp(value)) => array.push(*value),
            (Self::Bytes(array), Cell::Bytes(value)) => array.push(value.as_deref()),
            _ => unreachable!("Rows::push compares cells with columns"),
        }
    }

    fn add_to(self, arguments: &mut PgArguments) -> Result<(), sqlx::error::BoxDynError> {
        match self {
            Self::Text(array) => arguments.add(array),
            Self::Uuid(array) => arguments.add(array),
            Self::BigInt(array) => arguments.add(array),
            Self::Int(array) => arguments.add(array),
            Self::Bool(array) => arguments.add(array),
            Self::Timestamp(array) => arguments.add(array),
            Self::Bytes(array) => arguments.add(array),
        }
    }
}

/// The parameters of a batch's statement, in the order that `statement` documents.
pub(crate) fn arguments(
    tables: &[&'static TableSpec],
    shape: &Shape,
    items: &[&Prepared],
    marker: (Uuid, i64, i64),
) -> Result<PgArguments, sqlx::error::BoxDynError> {
    let mut arguments = PgArguments::default();
    let (writer, epoch, batch) = marker;
    arguments.add(i32::try_from(items.len())?)?;
    arguments.add(writer)?;
    arguments.add(epoch)?;
    arguments.add(batch)?;
    for writing in &shape.rows {
        add_rows(&mut arguments, tables[writing.table], *writing, items)?;
    }
    for part in &shape.parts {
        let mut outbox_n = 0;
        let rows: Vec<(i32, Vec<Cell>)> = (0_i32..)
            .zip(items)
            .flat_map(|(place, item)| {
                let rows = item.part_rows(*part, &mut outbox_n);
                rows.into_iter().map(move |row| (place, row))
            })
            .collect();
        add_places(&mut arguments, rows.iter().map(|(place, _)| *place).collect())?;
        for (place, column) in part.columns().iter().enumerate() {
            let mut array = Array::of(column.column_type);
            rows.iter().for_each(|(_, row)| array.push(&row[place]));
            array.add_to(&mut arguments)?;
        }
    }
    Ok(arguments)
}

/// Of which item each row is, and the rows' own numbers.
fn add_places(arguments: &mut PgArguments, items_of: Vec<i32>) -> Result<(), sqlx::error::BoxDynError> {
    let numbers: Vec<i32> = (0..).take(items_of.len()).collect();
    arguments.add(items_of)?;
    arguments.add(numbers)
}

fn add_rows(
    arguments: &mut PgArguments,
    table: &'static TableSpec,
    writing: Writing,
    items: &[&Prepared],
) -> Result<(), sqlx::error::BoxDynError> {
    let rows: Vec<(i32, &str, &RowWrite)> = (0_i32..)
        .zip(items)
        .flat_map(|(place, item)| {
            let of_table = move |row: &&RowWrite| row.op == writing.op && row.table.name == table.name;
            item.rows.iter().filter(of_table).map(move |row| (place, item.tenant.as_str(), row))
        })
        .collect();
    add_places(arguments, rows.iter().map(|(place, _, _)| *place).collect())?;
    arguments.add(rows.iter().map(|(_, tenant, _)| *tenant).collect::<Vec<&str>>())?;
    if writing.op == RowOp::UpdateVersioned {
        arguments.add(rows.iter().map(|(_, _, row)| row.expected_version).collect::<Vec<i64>>())?;
    }
    for (place, column) in table.written(writing.op, writing.span) {
        let mut array = Array::of(column.column_type);
        rows.iter().for_each(|(_, _, row)| array.push(&row.cells[place]));
        array.add_to(arguments)?;
    }
    Ok(())
}
