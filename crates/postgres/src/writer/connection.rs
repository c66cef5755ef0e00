//! The connection of one lane: executes a batch and says what became of each item, also when the answer was lost.

use std::collections::HashMap;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _};
use tender_domain::kernel::{CommitError, Committed};
use uuid::Uuid;

use super::batch::{self, Prepared};
use super::ids::new_writer;
use super::lane::WriterOptions;
use super::losers::{Loss, Said, said};
use super::refusal::{Hope, refusal};
use super::statement::{Shape, statement};
use super::table::TableSpec;
use crate::deadline::{CONNECT_TIMEOUT, within};

/// Why the writer could not begin.
#[derive(Debug, thiserror::Error)]
pub enum WriterError {
    /// The database cannot be reached or refused the role.
    #[error("cannot connect to the database as the service's role: {0}")]
    Connect(#[source] sqlx::Error),
    /// The schema lacks the spine's tables: it was not migrated.
    #[error("the schema {schema} is not ready ({source}); run `tender migrate`")]
    NotMigrated {
        /// Which schema.
        schema: &'static str,
        /// What the database said.
        source: sqlx::Error,
    },
}

/// What became of a batch.
pub(super) enum Outcome {
    /// Each item's result, in order.
    Done(Vec<Result<Committed, CommitError>>),
    /// The database refused the batch as a whole; nothing was written.
    Refused { error: CommitError, hope: Hope },
}

/// Session settings of the writer's connections. Its statements join arrays of unknown length with tables by key; the
/// only good plan is to look every row up by its index, and it is good for ever: so it is made seldom (see
/// [`LaneConnection::replan`]) and nothing else is offered. Without this a plan made on an empty table reads the whole
/// table for every batch. Rows cost a lot and pages nothing, so that to read a whole index, which cannot be forbidden,
/// never looks cheaper than to look up the few rows of a batch.
const SESSION: [(&str, &str); 10] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("enable_bitmapscan", "off"),
    ("jit", "off"),
    ("cpu_tuple_cost", "1"),
    ("cpu_index_tuple_cost", "1"),
    ("random_page_cost", "0.01"),
    ("seq_page_cost", "0.01"),
];

/// How long the answer to a batch is waited for beyond its statement's own time-out.
const ANSWER_SLACK: Duration = Duration::from_secs(5);

/// The same for the short statements on the writer's own row.
const ASK_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) struct LaneConnection {
    options: PgConnectOptions,
    schema: &'static str,
    tables: &'static [&'static TableSpec],
    connection: Option<PgConnection>,
    statements: HashMap<Shape, String>,
    writer: Uuid,
    epoch: i64,
    batch: i64,
    answer_within: Duration,
    resolve_within: Duration,
    lock_timeout: Duration,
    /// How long the session waits for what somebody else holds.
    patience: Duration,
}

impl LaneConnection {
    pub(super) async fn open(
        options: PgConnectOptions,
        schema: &'static str,
        tables: &'static [&'static TableSpec],
        limits: WriterOptions,
    ) -> Result<Self, WriterError> {
        let millis = |limit: Duration| limit.as_millis().to_string();
        let options = options
            .options(SESSION)
            .options([
                ("lock_timeout", millis(limits.lock_timeout)),
                ("statement_timeout", millis(limits.statement_timeout)),
            ])
            .statement_cache_capacity(512)
            .disable_statement_logging();
        let mut lane = Self {
            options,
            schema,
            tables,
            connection: None,
            statements: HashMap::new(),
            writer: new_writer(),
            epoch: 1,
            batch: 0,
            answer_within: limits.statement_timeout + ANSWER_SLACK,
            resolve_within: limits.resolve_within,
            lock_timeout: limits.lock_timeout,
            patience: limits.lock_timeout,
        };
        lane.connect().await.map_err(WriterError::Connect)?;
        lane.register().await.map_err(|source| WriterError::NotMigrated { schema, source })?;
        Ok(lane)
    }

    async fn connect(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        if self.connection.is_none() {
            self.connection = Some(within(CONNECT_TIMEOUT, self.options.connect()).await?);
            self.patience = self.lock_timeout;
        }
        Ok(self.connection.as_mut().expect("was just connected"))
    }

    /// The writer's own row; rows of writers that ended long ago go.
    async fn register(&mut self) -> Result<(), sqlx::Error> {
        let (schema, writer) = (self.schema, self.writer);
        let connection = self.connect().await?;
        sqlx::query(AssertSqlSafe(format!(
            "DELETE FROM {schema}.writers WHERE \"at\" < now() - interval '7 days'"
        )))
        .execute(&mut *connection)
        .await?;
        sqlx::query(AssertSqlSafe(format!(
            "INSERT INTO {schema}.writers(writer,epoch,batch) VALUES ($1,1,0)"
        )))
        .bind(writer)
        .execute(connection)
        .await?;
        Ok(())
    }

    /// Has every plan of the session made anew, also those of foreign keys. The first was made on tables that were
    /// empty, where all indexes are as good as each other and the planner may settle for the wrong one; the planner asks
    /// how large tables are when it plans, so a plan made a little later is right.
    async fn replan(&mut self) {
        let Some(connection) = self.connection.as_mut() else { return };
        let discarded = within(ASK_TIMEOUT, sqlx::query("DISCARD PLANS").execute(connection)).await;
        if discarded.is_err() {
            // Nothing of ours was under way. The next batch connects again.
            self.connection = None;
        }
    }

    /// Connects, if it has to, and sees to it that the session waits so long for what others hold.
    async fn connect_with(&mut self, patience: Duration) -> Result<(), sqlx::Error> {
        self.connect().await?;
        if self.patience == patience {
            return Ok(());
        }
        let set = format!("SET lock_timeout={}", patience.as_millis());
        let set = sqlx::raw_sql(AssertSqlSafe(set)).execute(self.connect().await?);
        let set = within(ASK_TIMEOUT, set).await.map(drop);
        match &set {
            Ok(()) => self.patience = patience,
            // Nothing of ours was under way. The next batch connects again.
            Err(_) => self.connection = None,
        }
        set
    }

    /// How long a batch waits for what somebody else holds, as the operator says.
    pub(super) const fn lock_timeout(&self) -> Duration {
        self.lock_timeout
    }

    /// Writes a batch, which waits so long for what others hold. Every way out of here says truly what is durable.
    pub(super) async fn execute(&mut self, items: &[&Prepared], patience: Duration) -> Outcome {
        if is_time_to_replan(self.batch) {
            self.replan().await;
        }
        if let Err(error) = self.connect_with(patience).await {
            return Outcome::Refused { error: CommitError::Unavailable(error.to_string()), hope: Hope::None };
        }
        let shape = batch::shape(self.tables, items);
        self.batch += 1;
        let marker = (self.writer, self.epoch, self.batch);
        let arguments = match batch::arguments(self.tables, &shape, items, marker) {
            Ok(arguments) => arguments,
            Err(error) => {
                return Outcome::Refused {
                    error: CommitError::Unavailable(error.to_string()),
                    hope: Hope::None,
                };
            }
        };
        let (schema, tables) = (self.schema, self.tables);
        let sql =
            self.statements.entry(shape).or_insert_with_key(|shape| statement(schema, tables, shape)).clone();
        let connection = self.connection.as_mut().expect("was just connected");
        let answer = sqlx::query_with(AssertSqlSafe(sql), arguments).fetch_all(connection);
        match within(self.answer_within, answer).await {
            Ok(rows) => self.results(items, &rows).await,
            Err(error) => match refusal(&error) {
                Some(outcome) => outcome,
                None => self.resolve(items, &error).await,
            },
        }
    }

    async fn results(&mut self, items: &[&Prepared], rows: &[PgRow]) -> Outcome {
        let mut losses: Vec<Option<Loss>> = items.iter().map(|_| None).collect();
        let mut written = vec![Committed::WHOLE; items.len()];
        let mut marked = false;
        for row in rows {
            match said(items, row) {
                Ok(Said::Lost(place, loss)) => {
                    let known = &mut losses[place];
                    if known.as_ref().is_none_or(|known| loss.rank < known.rank) {
                        *known = Some(loss);
                    }
                }
                Ok(Said::AnsweredBefore(place)) => written[place] = Committed::ANSWER_UNSURE,
                Ok(Said::Marked) => marked = true,
                // The statement is ours and so are its columns; if they do not decode we know less than we think.
                Err(error) => return self.resolve(items, &error).await,
            }
        }
        if !marked {
            // Somebody resolved this writer's last batch and fenced it off; nothing was written.
            let error = sqlx::Error::Protocol("the writer's row was fenced".into());
            return self.resolve(items, &error).await;
        }
        let result = |(loss, written): (Option<Loss>, Committed)| match loss {
            Some(loss) => Err(loss.error),
            None => Ok(written),
        };
        Outcome::Done(losses.into_iter().zip(written).map(result).collect())
    }

    /// The answer to a batch was lost: asks the writer's own row, on a new connection, whether it was committed, and
    /// raises the epoch in the same statement, so that the lost statement can write no more if it still runs. The row
    /// lock waits for a statement that is at it.
    async fn resolve(&mut self, items: &[&Prepared], cause: &sqlx::Error) -> Outcome {
        tracing::warn!(schema = self.schema, batch = self.batch, error = %cause, "the answer to a commit was lost; resolving it");
        metrics::counter!("tender_commit_resolved_total", "schema" => self.schema).increment(1);
        self.connection = None;
        let deadline = tokio::time::Instant::now() + self.resolve_within;
        let mut pause = Duration::from_millis(20);
        loop {
            match self.ask().await {
                Ok(None) => {
                    // No row, so no batch of ours can have been written: it was swept away while we idled.
                    self.start_over();
                    return Outcome::Refused {
                        error: CommitError::Unavailable(cause.to_string()),
                        hope: Hope::None,
                    };
                }
                Ok(Some((batch, _))) if batch != self.batch => {
                    self.epoch += 1;
                    return Outcome::Refused {
                        error: CommitError::Unavailable(cause.to_string()),
                        hope: Hope::None,
                    };
                }
                Ok(Some((_, losers))) => {
                    self.epoch += 1;
                    // Why a loser lost, and whose key had its answer before, went with the answer; whoever loads
                    // again will see it.
                    let lost = |place: usize| losers.iter().any(|loser| usize::try_from(*loser) == Ok(place));
                    let result = |place| match lost(place) {
                        true => Err(CommitError::Conflict),
                        false => Ok(Committed::ANSWER_UNSURE),
                    };
                    return Outcome::Done((0..items.len()).map(result).collect());
                }
                Err(error) if tokio::time::Instant::now() >= deadline => {
                    tracing::error!(schema = self.schema, %error, "a commit stays unresolved: the database did not come back");
                    self.start_over();
                    return Outcome::Done(items.iter().map(|_| Err(CommitError::Unresolved)).collect());
                }
                Err(_) => {
                    self.connection = None;
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_millis(500));
                }
            }
        }
    }

    /// The number and losers of the last batch that the writer's row says was committed, with the epoch raised.
    async fn ask(&mut self) -> Result<Option<(i64, Vec<i32>)>, sqlx::Error> {
        let (schema, writer, epoch) = (self.schema, self.writer, self.epoch);
        let connection = self.connect().await?;
        let sql = format!(
            "UPDATE {schema}.writers SET epoch=$2+1 WHERE writer=$1 AND epoch IN ($2,$2+1) RETURNING batch,losers"
        );
        let asked = sqlx::query(AssertSqlSafe(sql)).bind(writer).bind(epoch).fetch_optional(connection);
        let row = within(ASK_TIMEOUT, asked).await?;
        row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
    }

    /// After an unresolved batch the writer's row can no longer be trusted to be ahead of it: a new row, a new writer.
    fn start_over(&mut self) {
        self.connection = None;
        self.writer = new_writer();
        self.epoch = 1;
        self.batch = 0;
    }

    /// Makes sure the writer's row is there after `start_over`.
    pub(super) async fn ensure_registered(&mut self) -> Result<(), sqlx::Error> {
        if self.batch > 0 || self.epoch > 1 || self.connection.is_some() {
            return Ok(());
        }
        let registered = within(ASK_TIMEOUT, self.register()).await;
        if registered.is_err() {
            // The row may be there and only the answer lost: under this name it could not be written again. Without a
            // connection the next name is registered before the next batch.
            self.start_over();
        }
        registered
    }

    pub(super) async fn close(self) {
        if let Some(connection) = self.connection
            && let Err(error) = connection.close().await
        {
            tracing::debug!(%error, "closing the writer's connection");
        }
    }
}

/// After 16, 64, 256 … batches: while the tables grow from nothing, and ever more seldom.
const fn is_time_to_replan(batches: i64) -> bool {
    batches >= 16 && batches.count_ones() == 1 && batches.trailing_zeros().is_multiple_of(2)
}
