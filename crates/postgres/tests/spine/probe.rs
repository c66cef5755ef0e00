//! A small schema to try the machinery on.

use sqlx::postgres::PgPool;
use tender_domain::kernel::{
    Change, EventId, KeyScope, KeyWrite, Message, RequestFingerprint, TenantId, Topic, Version,
};
use tender_domain::ports::{Clock as _, Ids as _};
use tender_postgres::{
    Cell, Column, ColumnType, DEAD_LETTERS, Migration, PgWriter, Rows, SPINE, Schema, TableSpec,
    WriterOptions,
};
use tender_testkit::{RandomIds, SystemClock, TestDatabase};
use uuid::Uuid;

const TABLES_SQL: &str = "
    CREATE TABLE things (tenant_id text, thing_id uuid, version bigint NOT NULL, amount bigint NOT NULL CHECK (amount >= 0),
        note jsonb, PRIMARY KEY (tenant_id, thing_id));
    CREATE TABLE sums (tenant_id text, account text, total bigint NOT NULL, PRIMARY KEY (tenant_id, account));
    CREATE TABLE mirrors (tenant_id text, thing_id uuid, version bigint NOT NULL, amount bigint NOT NULL,
        PRIMARY KEY (tenant_id, thing_id));
    CREATE TABLE cards (tenant_id text, card_id uuid, version bigint NOT NULL, status text NOT NULL, label text NOT NULL,
        problem text, hint text, PRIMARY KEY (tenant_id, card_id));
    GRANT SELECT, INSERT, UPDATE ON things, sums, mirrors, cards TO ${role};";

const MIGRATIONS: &[Migration] =
    &[SPINE, Migration { name: "0001_create_things", sql: TABLES_SQL }, DEAD_LETTERS];

static THINGS: TableSpec = TableSpec {
    name: "things",
    key: &[Column::new("thing_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt),
        Column::new("amount", ColumnType::BigInt),
        Column::new("note", ColumnType::Json),
    ],
};
static SUMS: TableSpec = TableSpec {
    name: "sums",
    key: &[Column::new("account", ColumnType::Text)],
    columns: &[Column::new("total", ColumnType::BigInt)],
};
static MIRRORS: TableSpec = TableSpec {
    name: "mirrors",
    key: &[Column::new("thing_id", ColumnType::Uuid)],
    columns: &[Column::new("version", ColumnType::BigInt), Column::new("amount", ColumnType::BigInt)],
};

static CARDS: TableSpec = TableSpec {
    name: "cards",
    key: &[Column::new("card_id", ColumnType::Uuid)],
    columns: &[
        Column::new("version", ColumnType::BigInt).often(),
        Column::new("status", ColumnType::Text).often(),
        Column::new("label", ColumnType::Text),
        Column::new("problem", ColumnType::Text).seldom().often(),
        Column::new("hint", ColumnType::Text).seldom(),
    ],
};

static TABLES: &[&TableSpec] = &[&THINGS, &SUMS, &MIRRORS, &CARDS];

/// A row of which a statement seldom writes all columns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Card {
    pub(crate) version: i64,
    pub(crate) status: String,
    pub(crate) label: String,
    pub(crate) problem: Option<String>,
    pub(crate) hint: Option<String>,
}

impl Card {
    fn cells(&self, id: Uuid) -> Vec<Cell> {
        vec![
            id.into(),
            self.version.into(),
            self.status.as_str().into(),
            self.label.as_str().into(),
            self.problem.as_deref().into(),
            self.hint.as_deref().into(),
        ]
    }
}

#[derive(Debug, Clone)]
pub(crate) enum Write {
    New { id: Uuid, amount: i64 },
    Set { id: Uuid, loaded: i64, amount: i64 },
    Add { account: &'static str, amount: i64 },
    Mirror { id: Uuid, version: i64, amount: i64 },
    Card { id: Uuid, was: Option<Card>, now: Card },
}

pub(crate) struct Probe;

impl Schema for Probe {
    type Write = Write;

    fn name(&self) -> &'static str {
        "probe"
    }

    fn tables(&self) -> &'static [&'static TableSpec] {
        TABLES
    }

    fn rows(&self, write: &Write, rows: &mut Rows) {
        let note = || Cell::Json(Some(r#"{"said":"yes"}"#.into()));
        match *write {
            Write::Card { id, was: None, ref now } => rows.insert(&CARDS, now.cells(id)),
            Write::Card { id, was: Some(ref was), ref now } => {
                rows.update_from(&CARDS, was.version, &was.cells(id), now.cells(id));
            }
            Write::New { id, amount } => {
                rows.insert(&THINGS, vec![id.into(), 1_i64.into(), amount.into(), note()])
            }
            Write::Set { id, loaded, amount } => {
                rows.update(&THINGS, loaded, vec![id.into(), (loaded + 1).into(), amount.into(), note()]);
            }
            Write::Add { account, amount } => rows.accumulate(&SUMS, vec![account.into(), amount.into()]),
            Write::Mirror { id, version, amount } => {
                rows.project(&MIRRORS, vec![id.into(), version.into(), amount.into()]);
            }
        }
    }
}

pub(crate) struct Fixture {
    pub(crate) database: TestDatabase,
    pub(crate) writer: PgWriter<Probe>,
    pub(crate) admin: PgPool,
}

impl Fixture {
    pub(crate) async fn start() -> Self {
        Self::start_with(WriterOptions::default()).await
    }

    pub(crate) async fn start_with(options: WriterOptions) -> Self {
        let database = TestDatabase::create(&[("probe", MIGRATIONS)]).await;
        let connect = database.connect_as("probe");
        let writer = PgWriter::open(Probe, &connect, options).await.expect("the writer opens");
        let admin = database.admin().await;
        Self { database, writer, admin }
    }

    /// Runs a statement as the superuser; `{role}` is the service's role.
    pub(crate) async fn as_admin(&self, sql: &str) {
        let role = "SELECT grantee::text FROM information_schema.role_table_grants \
                    WHERE table_schema='probe' AND table_name='sums' AND grantee<>current_user LIMIT 1";
        let role: String =
            sqlx::query_scalar(role).fetch_one(&self.admin).await.expect("the role has rights");
        let statement = sql.replace("{role}", &format!("\"{role}\""));
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&self.admin).await.expect("the superuser may");
    }

    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.admin).await.expect("the query answers")
    }
}

pub(crate) fn tenant() -> TenantId {
    TenantId::sandbox()
}

pub(crate) fn change() -> Change<Write> {
    Change::of(tenant())
}

pub(crate) fn id() -> Uuid {
    RandomIds.uuid()
}

pub(crate) fn scope(key: &str) -> KeyScope {
    KeyScope { route: "POST /things", key: key.into() }
}

pub(crate) fn started(key: &str) -> KeyWrite {
    let fingerprint = RequestFingerprint([7; 32]);
    KeyWrite::Start { scope: scope(key), fingerprint, resource: "thing".into(), at: SystemClock.now() }
}

pub(crate) fn message(key: &str, version: i64) -> Message {
    Message {
        id: EventId(id()),
        topic: Topic::PAYMENT_PROCESSED,
        key: key.into(),
        subject: key.into(),
        tenant: tenant(),
        source: "/tender/intents",
        time: SystemClock.now(),
        version: Version::new(version),
        traceparent: None,
        data: "{}".into(),
    }
}
