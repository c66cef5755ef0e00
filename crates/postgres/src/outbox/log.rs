//! Reading the outbox and the positions of its followers.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::postgres::{PgExecutor, PgPool, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Row as _};
use tender_domain::kernel::{EventId, Message, Topic, Version};
use uuid::Uuid;

use super::followed::Followed;
use crate::deadline::{ANSWER_WITHIN, CONNECT_TIMEOUT, within};

/// How far a follower has come: the last row it is done with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The transaction.
    pub tx: i64,
    /// The row within it.
    pub n: i32,
}

/// What a look at an outbox found.
#[derive(Debug)]
pub struct Look {
    /// The messages after where it began, with their positions.
    pub batch: Vec<(Position, Message)>,
    /// Every row up to here was there to be read: what is not in a batch that is not full is of no such topic.
    pub horizon: Position,
}

/// Why the outbox cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// The database cannot be reached.
    #[error("the outbox cannot be read: {0}")]
    Database(#[from] sqlx::Error),
    /// A row breaks a law.
    #[error("the outbox row {id} is bad: {problem}")]
    Corrupt {
        /// The message's id.
        id: Uuid,
        /// What is wrong.
        problem: String,
    },
    /// Another process follows now.
    #[error("another process follows")]
    LeaseLost,
    /// The position lies ahead of every transaction of this database: it came from another cluster by a logical copy.
    #[error(
        "the position of {follower} is ahead of this database's transactions: the schema was restored from a logical \
         copy; set tx of its row in outbox_positions to 0 to deliver everything again (consumers drop duplicates)"
    )]
    AheadOfDatabase {
        /// Which follower.
        follower: &'static str,
    },
}

/// The outbox of one schema, as one follower sees it.
#[derive(Debug, Clone)]
pub struct OutboxLog {
    pool: PgPool,
    pub(super) schema: &'static str,
    pub(super) follower: &'static str,
    pub(super) owner: Uuid,
    pub(super) lease: Duration,
}

impl OutboxLog {
    /// The outbox of `schema` for `follower`. `owner` names the process.
    #[must_use]
    pub fn new(
        pool: PgPool,
        schema: &'static str,
        follower: &'static str,
        owner: Uuid,
        lease: Duration,
    ) -> Self {
        Self { pool, schema, follower, owner, lease }
    }

    /// Becomes the one that follows, and says from where; none while another process does. With `takeover` the other's
    /// lease counts for nothing: for a process that knows it is alone (the all-in-one holds its data folder). Opens a
    /// connection of its own, beside the pool's: see [`Followed`].
    ///
    /// # Errors
    /// When the database cannot be asked, or the position is not of this database.
    pub async fn acquire(&self, takeover: bool) -> Result<Option<Followed>, OutboxError> {
        let schema = self.schema;
        let mut connection = within(CONNECT_TIMEOUT, self.pool.connect_options().connect()).await?;
        let sql = format!(
            "INSERT INTO {schema}.outbox_positions AS p (follower,lease_owner,lease_until) \
             VALUES ($1,$2,now()+make_interval(secs=>$3)) ON CONFLICT (follower) DO UPDATE \
             SET lease_owner=$2,lease_until=now()+make_interval(secs=>$3) \
             WHERE $4 OR p.lease_owner=$2 OR p.lease_until IS NULL OR p.lease_until<now() \
             RETURNING tx,n,tx>pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        );
        let asked = sqlx::query(AssertSqlSafe(sql))
            .bind(self.follower)
            .bind(self.owner)
            .bind(self.lease.as_secs_f64())
            .bind(takeover)
            .fetch_optional(&mut connection);
        let row = within(ANSWER_WITHIN, asked).await?;
        let Some(row) = row else { return Ok(None) };
        if row.try_get::<bool, _>(2)? {
            return Err(OutboxError::AheadOfDatabase { follower: self.follower });
        }
        let position = Position { tx: row.try_get(0)?, n: row.try_get(1)? };
        Ok(Some(Followed::new(self.clone(), connection, position)))
    }

    /// The next rows after a position, with their own positions: at most `limit`, of these topics only; and up to where
    /// there is nothing else of them. For who reads without following.
    ///
    /// # Errors
    /// When the database cannot be read, or a row is bad.
    pub async fn read(
        &self,
        after: Position,
        topics: &'static [Topic],
        limit: i64,
    ) -> Result<Look, OutboxError> {
        self.look(&self.pool, after, topics, limit).await
    }

    /// The same by this connection.
    pub(super) async fn look(
        &self,
        by: impl PgExecutor<'_>,
        after: Position,
        topics: &'static [Topic],
        limit: i64,
    ) -> Result<Look, OutboxError> {
        let schema = self.schema;
        let sql = format!(
            "SELECT o.tx,o.n,id,topic,key,subject,tenant_id,source,\"time\",version,traceparent,data,h.tx \
             FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS tx) h LEFT JOIN LATERAL \
             (SELECT * FROM {schema}.outbox WHERE (tx,n)>($1,$2) AND tx<h.tx AND topic=ANY($3) \
             ORDER BY tx,n LIMIT $4) o ON true"
        );
        let names: Vec<&str> = topics.iter().map(|topic| topic.name()).collect();
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(after.tx)
            .bind(after.n)
            .bind(names)
            .bind(limit)
            .fetch_all(by)
            .await?;
        let first = rows.first().ok_or(sqlx::Error::RowNotFound)?;
        let horizon = Position { tx: first.try_get::<i64, _>(12)? - 1, n: i32::MAX };
        if first.try_get::<Option<i64>, _>(0)?.is_none() {
            return Ok(Look { batch: Vec::new(), horizon });
        }
        let batch = rows.iter().map(|row| self.message(row)).collect::<Result<_, _>>()?;
        Ok(Look { batch, horizon })
    }

    /// How old the oldest row is that this follower is not done with; zero when there is none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn lag(&self, topics: &'static [Topic]) -> Result<Duration, OutboxError> {
        let schema = self.schema;
        let sql = format!(
            "SELECT COALESCE(EXTRACT(EPOCH FROM now()-(SELECT o.recorded_at FROM {schema}.outbox o WHERE (o.tx,o.n)>\
             (COALESCE(p.tx,0),COALESCE(p.n,0)) AND o.topic=ANY($2) ORDER BY o.tx,o.n LIMIT 1)),0)::float8 \
             FROM (SELECT 1) one LEFT JOIN {schema}.outbox_positions p ON p.follower=$1"
        );
        let names: Vec<&str> = topics.iter().map(|topic| topic.name()).collect();
        let asked = sqlx::query(AssertSqlSafe(sql)).bind(self.follower).bind(names).fetch_one(&self.pool);
        let row = within(ANSWER_WITHIN, asked).await?;
        Ok(Duration::from_secs_f64(row.try_get::<f64, _>(0)?.max(0.0)))
    }

    fn message(&self, row: &PgRow) -> Result<(Position, Message), OutboxError> {
        let id: Uuid = row.try_get(2)?;
        let corrupt = |problem: String| OutboxError::Corrupt { id, problem };
        let topic: &str = row.try_get(3)?;
        let source: &str = row.try_get(7)?;
        let tenant: &str = row.try_get(6)?;
        let message = Message {
            id: EventId(id),
            topic: Topic::find(topic).ok_or_else(|| corrupt(format!("no topic {topic}")))?,
            key: row.try_get(4)?,
            subject: row.try_get(5)?,
            tenant: tenant.parse().map_err(|_| corrupt(format!("no tenant {tenant}")))?,
            source: Message::known_source(source).ok_or_else(|| corrupt(format!("no source {source}")))?,
            time: row.try_get::<DateTime<Utc>, _>(8)?,
            version: Version::new(row.try_get(9)?),
            traceparent: row.try_get(10)?,
            data: Arc::from(row.try_get::<&str, _>(11)?),
        };
        Ok((Position { tx: row.try_get(0)?, n: row.try_get(1)? }, message))
    }
}
