//! Room in an outbox for the months to come.

use std::time::Duration;

use tender_postgres::{PgPool, ensure_outbox_partitions};

use crate::Background;

/// How often they are looked at: a month's partition is made in the course of the month before it.
const INTERVAL: Duration = Duration::from_secs(24 * 60 * 60);
/// How long after a failure it is tried again.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(60);

/// Keeps the partitions of this month and the next in the outbox of a schema, until the process ends.
pub(crate) fn keep_partitions(background: &Background, schema: &'static str, pool: &PgPool) {
    let pool = pool.clone();
    background.keep(format!("outbox partitions of {schema}"), move |stop| {
        let pool = pool.clone();
        async move {
            loop {
                let pause = match ensure_outbox_partitions(&pool, schema).await {
                    Ok(()) => INTERVAL,
                    Err(error) => {
                        tracing::warn!(%error, schema, "the outbox's partitions cannot be made sure of; trying again");
                        metrics::counter!("tender_outbox_partition_failures_total", "schema" => schema)
                            .increment(1);
                        PAUSE_AFTER_FAILURE
                    }
                };
                tokio::select! { () = tokio::time::sleep(pause) => {}, () = stop.cancelled() => return }
            }
        }
    });
}
