//! How long an answer of the database is waited for on our side. Statements have time-outs of their own; but a connection
//! that went dead without a word (a failover, a firewall) tells of none, and would hold whoever waits for as long as TCP
//! tries, which is a quarter of an hour.

use std::time::Duration;

/// How long a new connection may take.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long a statement on few rows by their keys may take, with the wait for a connection.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// The answer, if it comes in time; otherwise the connection counts as lost: who owns it drops it, and a pool's is looked
/// at before it is used again.
pub(crate) async fn within<T, E: From<sqlx::Error>>(
    limit: Duration,
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let late = |_| {
        let late = format!("no answer within {} s", limit.as_secs_f64());
        Err(sqlx::Error::Protocol(late).into())
    };
    tokio::time::timeout(limit, answer).await.unwrap_or_else(late)
}
