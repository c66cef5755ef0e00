//! The outbox in the hands of the one who follows it.

use std::time::{Duration, Instant};

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;
use tender_domain::kernel::{Message, Topic};

use super::log::{Look, OutboxError, OutboxLog, Position};
use crate::deadline::within;

/// An outbox that this process follows now, and how far it has come.
///
/// All of it goes by one connection, which was there when the position was read. A position may be ahead of what is
/// written in `outbox_positions`, and of everything that is durable: transaction ids that left nothing are passed over,
/// and a server that comes back from a crash, or another that takes its place, hands them out again. Rows under them
/// would be skipped for ever. No connection outlives such an event, so no such position does: who meets an error begins
/// anew from what is written. A pool would open another connection and say nothing.
///
/// An answer that does not come within the lease is as good as none: another follows by then.
#[derive(Debug)]
pub struct Followed {
    log: OutboxLog,
    connection: PgConnection,
    position: Position,
    renewed: Instant,
}

impl Followed {
    pub(super) fn new(log: OutboxLog, connection: PgConnection, position: Position) -> Self {
        Self { log, connection, position, renewed: Instant::now() }
    }

    /// The next messages of these topics, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read, or a row is bad. The connection is not to be used again.
    pub async fn read(&mut self, topics: &'static [Topic], limit: i64) -> Result<Look, OutboxError> {
        let look = self.log.look(&mut self.connection, self.position, topics, limit);
        within(self.log.lease, look).await
    }

    /// Passes over rows of others' topics, without writing it down.
    pub fn pass(&mut self, to: Position) {
        self.position = self.position.max(to);
    }

    /// Remembers that everything up to here is done, and keeps the lease. It waits for the disk, as every commit does.
    ///
    /// # Errors
    /// `LeaseLost` when another process follows now.
    pub async fn advance(&mut self, to: Position) -> Result<(), OutboxError> {
        let log = &self.log;
        let sql = format!(
            "UPDATE {}.outbox_positions SET tx=$2,n=$3,lease_until=now()+make_interval(secs=>$4),updated_at=now() \
             WHERE follower=$1 AND lease_owner=$5",
            log.schema
        );
        let written = sqlx::query(AssertSqlSafe(sql))
            .bind(log.follower)
            .bind(to.tx)
            .bind(to.n)
            .bind(log.lease.as_secs_f64())
            .bind(log.owner)
            .execute(&mut self.connection);
        if within(log.lease, written).await?.rows_affected() != 1 {
            return Err(OutboxError::LeaseLost);
        }
        self.position = to;
        self.renewed = Instant::now();
        Ok(())
    }

    /// Says that we still follow.
    pub(super) async fn renew(&mut self) -> Result<(), OutboxError> {
        self.advance(self.position).await
    }

    /// Says it if a third of the lease has gone.
    pub(super) async fn keep_lease(&mut self) -> Result<(), OutboxError> {
        if self.renewed.elapsed() * 3 >= self.log.lease { self.renew().await } else { Ok(()) }
    }

    /// How long the lease lasts.
    pub(super) const fn lease(&self) -> Duration {
        self.log.lease
    }

    /// Puts a message that can never be handled aside, with the reason.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn bury(&mut self, message: &Message, reason: &str) -> Result<(), OutboxError> {
        let log = &self.log;
        let sql = format!(
            "INSERT INTO {}.dead_letters(tenant_id,follower,message_id,topic,key,data,reason,subject,source,\"time\",\
             version,traceparent) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12) ON CONFLICT DO NOTHING",
            log.schema
        );
        let written = sqlx::query(AssertSqlSafe(sql))
            .bind(message.tenant.as_str())
            .bind(log.follower)
            .bind(message.id.0)
            .bind(message.topic.name())
            .bind(&message.key)
            .bind(&*message.data)
            .bind(reason)
            .bind(&message.subject)
            .bind(message.source)
            .bind(message.time)
            .bind(message.version.number())
            .bind(message.traceparent.as_deref())
            .execute(&mut self.connection);
        within(log.lease, written).await?;
        Ok(())
    }
}
