//! The text of the one statement that commits a batch.
//!
//! A batch is one statement with data-modifying CTEs over `UNNEST` arrays, in auto-commit: one round trip, one fsync.
//! Its parts, in the order in which they depend on each other:
//!
//! 1. each list of rows, keys, inbox entries and guards as a CTE over its arrays (`…_x`);
//! 2. the aggregates' rows locked in key order and compared with the expected versions;
//! 3. `dead`: the items that lose, with the reason (stale version, key taken, handled before, claim taken, limit);
//! 4. `marker`: the writer's own row, by which a lost answer is resolved; nothing is written without it;
//! 5. `win`: for each item whether it is left: an array, made once. (A semi-join would be the square of the batch; a
//!    sub-select would be run anew for a row that changed meanwhile, meet this statement's own rows, and err.)
//! 6. the losers as the result, and those whose key had its answer already.
//!
//! A statement is made once for each *shape* (which tables are written how, which parts are used) and reused as a prepared
//! one with a generic plan; planner settings and new plans while tables grow are `connection.rs`'s.

use std::fmt::Write as _;

use super::parts::Part;
use super::rows::{RowOp, Span};
use super::table::{ColumnType, TableSpec};

/// Why an item lost, as the statement says it.
pub(crate) mod why {
    pub(crate) const STALE: i32 = 1;
    pub(crate) const KEY_TAKEN: i32 = 2;
    pub(crate) const HANDLED: i32 = 3;
    /// With the claim's kind in the column `resource` and its key in `body`, as no other column says it.
    pub(crate) const CLAIM_TAKEN: i32 = 4;
    /// With the counter's kind and key in the same columns.
    pub(crate) const LIMIT: i32 = 5;
    /// No loss: the item was written, and its key keeps the answer that it had before.
    pub(crate) const ANSWERED_BEFORE: i32 = 6;
    /// Not an item: the writer's marker was written.
    pub(crate) const MARKED: i32 = 0;
}

/// How a batch writes one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Writing {
    /// Index into the schema's tables.
    pub(crate) table: usize,
    pub(crate) op: RowOp,
    /// All columns, unless a part is enough for every row of the batch: one lock and one write for all of them.
    pub(crate) span: Span,
}

/// Which tables a batch writes how, and which generic parts it uses. Sorted, so that equal shapes are equal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Shape {
    /// Sorted, so that aggregates of several tables are locked in the same order by all.
    pub(crate) rows: Vec<Writing>,
    pub(crate) parts: Vec<Part>,
}

/// Makes the statement of a shape. Parameters, in order: the number of items, the writer's id, its epoch, the batch's
/// number; then for each of `rows` and each of `parts` the arrays of items and of the rows' numbers, and one array a column (rows: of
/// `tenant_id`, of the expected version for a versioned update, then key and other columns).
pub(crate) fn statement(schema: &str, tables: &[&'static TableSpec], shape: &Shape) -> String {
    let mut builder =
        Builder { schema, sql: String::with_capacity(4096), next_parameter: 5, dead: Vec::new() };
    builder.sql.push_str("WITH ");
    for writing in &shape.rows {
        builder.row_input(tables[writing.table], *writing);
    }
    for part in &shape.parts {
        builder.part_input(*part);
    }
    builder.dead_and_winners();
    for writing in &shape.rows {
        builder.row_write(tables[writing.table], *writing);
    }
    for part in &shape.parts {
        builder.part_write(*part);
    }
    builder.sql.push_str(
        " SELECT item, why, fingerprint, resource, started_at, status, body, owner FROM dead \
         UNION ALL SELECT -1, 0, NULL, NULL, NULL, NULL, NULL, NULL FROM marker",
    );
    if shape.parts.contains(&Part::KeyFinish) {
        // What the update did, not what was there before: of two who finish a key at once the second waits for the first.
        let _ = write!(
            builder.sql,
            " UNION ALL SELECT x.item, {}, NULL, NULL, NULL, NULL, NULL, NULL FROM kf_x x \
             WHERE {WINNERS} AND x.item NOT IN (SELECT item FROM kf_w)",
            why::ANSWERED_BEFORE
        );
    }
    builder.sql
}

struct Builder<'a> {
    schema: &'a str,
    sql: String,
    next_parameter: usize,
    dead: Vec<String>,
}

const WINNERS: &str = "((SELECT wins FROM win))[x.item+1]";

fn row_input_name(writing: Writing) -> String {
    let op = match writing.op {
        RowOp::Insert => 'i',
        RowOp::UpdateVersioned => 'u',
        RowOp::UpdateChild => 'c',
        RowOp::Accumulate => 'a',
        RowOp::Project => 'p',
    };
    format!("t{}{op}", writing.table)
}

fn part_input_name(part: Part) -> &'static str {
    match part {
        Part::KeyNew => "kn",
        Part::KeyFinish => "kf",
        Part::Inbox => "ib",
        Part::Claim => "cl",
        Part::Release => "rl",
        Part::Count => "ct",
        Part::Outbox => "ob",
    }
}

fn list<T>(items: impl IntoIterator<Item = T>, separator: &str, show: impl Fn(T) -> String) -> String {
    items.into_iter().map(show).collect::<Vec<_>>().join(separator)
}

impl Builder<'_> {
    /// `name_x AS MATERIALIZED (SELECT unnest(…), …)`, taking the next parameters. Each array is unnested in the list of
    /// columns: in FROM every one of them would first be copied into a store of its own, which cost 100 µs for a wide
    /// table and a single row. Nothing but arrays of parameters is unnested: the planner takes them for ten rows, and
    /// anything else for a thousand, for which it would rather read a whole table.
    fn input(&mut self, name: &str, columns: &[(&str, ColumnType)]) {
        let first = self.next_parameter;
        self.next_parameter += columns.len() + 2;
        let arrays = list(columns.iter().enumerate(), "", |(place, (column, column_type))| {
            format!(",unnest(${}::{}) AS \"{column}\"", first + 2 + place, column_type.array())
        });
        let _ = write!(
            self.sql,
            "{name}_x AS MATERIALIZED (SELECT unnest(${first}::integer[]) AS item,\
             unnest(${}::integer[]) AS ord{arrays}),",
            first + 1
        );
    }

    fn row_input(&mut self, table: &'static TableSpec, writing: Writing) {
        let (name, op) = (row_input_name(writing), writing.op);
        let mut columns = vec![("tenant_id", ColumnType::Text)];
        if op == RowOp::UpdateVersioned {
            columns.push(("expected_version", ColumnType::BigInt));
        }
        let written = table.written(op, writing.span);
        columns.extend(written.map(|(_, column)| (column.name, column.column_type)));
        self.input(&name, &columns);
        if op == RowOp::UpdateVersioned {
            let (schema, on) = (self.schema, key_match(table));
            let order = list(table.key, "", |column| format!(",t.\"{}\"", column.name));
            let _ = write!(
                self.sql,
                "{name}_l AS MATERIALIZED (SELECT x.ord FROM {name}_x x JOIN {schema}.\"{}\" t ON {on} \
                 WHERE t.version=x.expected_version ORDER BY t.tenant_id{order} FOR NO KEY UPDATE OF t),",
                table.name
            );
            self.dead.push(format!(
                "SELECT item,{} AS why,NULL::bytea AS fingerprint,NULL::text AS resource,\
                 NULL::timestamptz AS started_at,NULL::integer AS status,NULL::text AS body,NULL::text AS owner \
                 FROM {name}_x WHERE ord NOT IN (SELECT ord FROM {name}_l)",
                why::STALE
            ));
        }
    }

    fn part_input(&mut self, part: Part) {
        let name = part_input_name(part);
        let columns: Vec<_> = part.columns().iter().map(|column| (column.name, column.column_type)).collect();
        self.input(name, &columns);
        let schema = self.schema;
        let dead = match part {
            Part::KeyNew => format!(
                "SELECT x.item,{},k.fingerprint,k.resource,k.started_at,k.status,k.body,NULL FROM kn_x x \
                 JOIN {schema}.idempotency_keys k ON k.tenant_id=x.tenant_id AND k.route=x.route AND k.key=x.key",
                why::KEY_TAKEN
            ),
            Part::Inbox => format!(
                "SELECT x.item,{},NULL,NULL,NULL,NULL,NULL,NULL FROM ib_x x JOIN {schema}.inbox b \
                 ON b.tenant_id=x.tenant_id AND b.consumer=x.consumer AND b.key=x.key",
                why::HANDLED
            ),
            Part::Claim => {
                self.lock("cl", "claims", "c.owner");
                format!(
                    "SELECT x.item,{},NULL,x.kind,NULL,NULL,x.key,o.owner FROM cl_x x JOIN cl_o o ON o.ord=x.ord \
                     WHERE o.owner<>x.owner AND o.owner IS DISTINCT FROM x.from_owner",
                    why::CLAIM_TAKEN
                )
            }
            Part::Count => {
                self.lock("ct", "counters", "c.value");
                format!(
                    "SELECT x.item,{},NULL,x.kind,NULL,NULL,x.key,NULL FROM ct_x x LEFT JOIN ct_o o ON o.ord=x.ord \
                     WHERE x.by>=0 AND COALESCE(o.value,0)+x.by>x.max",
                    why::LIMIT
                )
            }
            Part::KeyFinish | Part::Release | Part::Outbox => return,
        };
        self.dead.push(dead);
    }

    /// `name_o`: the rows of a guard's table that exist, locked and as they are now.
    fn lock(&mut self, name: &str, table: &str, value: &str) {
        let schema = self.schema;
        let _ = write!(
            self.sql,
            "{name}_o AS MATERIALIZED (SELECT x.ord,{value} FROM {name}_x x JOIN {schema}.{table} c \
             ON c.tenant_id=x.tenant_id AND c.kind=x.kind AND c.key=x.key \
             ORDER BY c.tenant_id,c.kind,c.key FOR NO KEY UPDATE OF c),"
        );
    }

    fn dead_and_winners(&mut self) {
        let schema = self.schema;
        let nobody =
            "SELECT NULL::integer AS item,0 AS why,NULL::bytea AS fingerprint,NULL::text AS resource,\
                      NULL::timestamptz AS started_at,NULL::integer AS status,NULL::text AS body,\
                      NULL::text AS owner WHERE false"
                .to_owned();
        let dead = list(std::iter::once(nobody).chain(self.dead.drain(..)), " UNION ALL ", |part| part);
        let _ = write!(
            self.sql,
            "dead AS MATERIALIZED ({dead}),\
             marker AS (UPDATE {schema}.writers SET batch=$4,\
             losers=ARRAY(SELECT DISTINCT item FROM dead),\"at\"=now() WHERE writer=$2 AND epoch=$3 RETURNING 1),\
             win AS MATERIALIZED (SELECT array_agg(item NOT IN (SELECT item FROM dead) AND EXISTS (SELECT 1 FROM marker) \
             ORDER BY item) AS wins FROM generate_series(0,$1::integer-1) AS item)"
        );
    }

    fn row_write(&mut self, table: &'static TableSpec, writing: Writing) {
        let (name, schema, op) = (row_input_name(writing), self.schema, writing.op);
        let target = table.name;
        let written: Vec<_> = table.written(op, writing.span).map(|(_, column)| column).collect();
        let columns = list(&written, ",", |column| format!("\"{}\"", column.name));
        let values =
            list(&written, ",", |column| format!("x.\"{}\"{}", column.name, column.column_type.cast()));
        let key = list(table.key, ",", |column| format!("\"{}\"", column.name));
        let x_key = list(table.key, ",", |column| format!("x.\"{}\"", column.name));
        let _ = match op {
            RowOp::Insert => write!(
                self.sql,
                ",{name}_w AS (INSERT INTO {schema}.\"{target}\"(tenant_id,{columns}) \
                 SELECT x.tenant_id,{values} FROM {name}_x x WHERE {WINNERS})"
            ),
            RowOp::UpdateVersioned | RowOp::UpdateChild => {
                let set = list(&written[table.key.len()..], ",", |column| {
                    format!("\"{0}\"=x.\"{0}\"{1}", column.name, column.column_type.cast())
                });
                let on = key_match(table);
                write!(
                    self.sql,
                    ",{name}_w AS (UPDATE {schema}.\"{target}\" t SET {set} FROM {name}_x x WHERE {on} AND {WINNERS})"
                )
            }
            RowOp::Accumulate => {
                let sums = list(table.columns, ",", |column| format!("sum(x.\"{}\")::bigint", column.name));
                let set = list(table.columns, ",", |column| {
                    format!("\"{0}\"=t.\"{0}\"+excluded.\"{0}\"", column.name)
                });
                write!(
                    self.sql,
                    ",{name}_w AS (INSERT INTO {schema}.\"{target}\" AS t (tenant_id,{columns}) \
                     SELECT x.tenant_id,{x_key},{sums} FROM {name}_x x WHERE {WINNERS} GROUP BY x.tenant_id,{x_key} \
                     ORDER BY x.tenant_id,{x_key} ON CONFLICT (tenant_id,{key}) DO UPDATE SET {set})"
                )
            }
            RowOp::Project => {
                let set = list(table.columns, ",", |column| format!("\"{0}\"=excluded.\"{0}\"", column.name));
                write!(
                    self.sql,
                    ",{name}_w AS (INSERT INTO {schema}.\"{target}\" AS t (tenant_id,{columns}) \
                     SELECT DISTINCT ON (x.tenant_id,{x_key}) x.tenant_id,{values} FROM {name}_x x WHERE {WINNERS} \
                     ORDER BY x.tenant_id,{x_key},x.version DESC \
                     ON CONFLICT (tenant_id,{key}) DO UPDATE SET {set} WHERE t.version<excluded.version)"
                )
            }
        };
    }

    fn part_write(&mut self, part: Part) {
        let schema = self.schema;
        let name = part_input_name(part);
        let write = match part {
            Part::KeyNew => format!(
                "INSERT INTO {schema}.idempotency_keys(tenant_id,route,key,fingerprint,resource,started_at,status,body) \
                 SELECT x.tenant_id,x.route,x.key,x.fingerprint,x.resource,x.started_at,x.status,x.body \
                 FROM kn_x x WHERE {WINNERS}"
            ),
            Part::KeyFinish => format!(
                "UPDATE {schema}.idempotency_keys k SET status=x.status,body=x.body FROM kf_x x \
                 WHERE k.tenant_id=x.tenant_id AND k.route=x.route AND k.key=x.key AND k.status IS NULL AND {WINNERS} \
                 RETURNING x.item"
            ),
            Part::Inbox => format!(
                "INSERT INTO {schema}.inbox(tenant_id,consumer,key) \
                 SELECT x.tenant_id,x.consumer,x.key FROM ib_x x WHERE {WINNERS}"
            ),
            // Handed over from another owner, held already (nothing to do), or new. New rows of a racing process break
            // the unique key: the batch is tried again and then sees them.
            Part::Claim => format!(
                "UPDATE {schema}.claims c SET owner=x.owner FROM cl_x x JOIN cl_o o ON o.ord=x.ord \
                 WHERE c.tenant_id=x.tenant_id AND c.kind=x.kind AND c.key=x.key AND o.owner<>x.owner AND {WINNERS}),\
                 cl_i AS (INSERT INTO {schema}.claims(tenant_id,kind,key,owner) \
                 SELECT x.tenant_id,x.kind,x.key,x.owner FROM cl_x x \
                 WHERE {WINNERS} AND x.ord NOT IN (SELECT ord FROM cl_o)"
            ),
            Part::Release => format!(
                "DELETE FROM {schema}.claims c USING rl_x x WHERE c.tenant_id=x.tenant_id AND c.kind=x.kind \
                 AND c.key=x.key AND c.owner=x.owner AND {WINNERS}"
            ),
            Part::Count => format!(
                "UPDATE {schema}.counters c SET value=c.value+x.by FROM ct_x x JOIN ct_o o ON o.ord=x.ord \
                 WHERE c.tenant_id=x.tenant_id AND c.kind=x.kind AND c.key=x.key AND {WINNERS}),\
                 ct_i AS (INSERT INTO {schema}.counters(tenant_id,kind,key,value) \
                 SELECT x.tenant_id,x.kind,x.key,x.by FROM ct_x x \
                 WHERE {WINNERS} AND x.ord NOT IN (SELECT ord FROM ct_o)"
            ),
            Part::Outbox => format!(
                "INSERT INTO {schema}.outbox(tenant_id,n,id,topic,key,subject,source,\"time\",version,traceparent,data) \
                 SELECT x.tenant_id,x.n,x.id,x.topic,x.key,x.subject,x.source,x.\"time\",x.version,x.traceparent,x.data \
                 FROM ob_x x WHERE {WINNERS}"
            ),
        };
        let _ = write!(self.sql, ",{name}_w AS ({write})");
    }
}

fn key_match(table: &TableSpec) -> String {
    let key = list(table.key, "", |column| format!(" AND t.\"{0}\"=x.\"{0}\"", column.name));
    format!("t.tenant_id=x.tenant_id{key}")
}
