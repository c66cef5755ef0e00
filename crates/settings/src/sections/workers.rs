//! What works behind the requests: batched commit, relay, recovery.

use serde::Deserialize;

/// The batched commit of each store. Queues are bounded: what does not fit is answered 503.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Writer {
    /// Changes in one transaction, 1 to 10 000.
    pub batch_max: usize,
    /// Changes waiting for the next batch, 1 to 1 000 000.
    pub queue_max: usize,
    /// Changes in one transaction of the background lane (jobs, recovery, rotation), 1 to 10 000.
    pub background_batch_max: usize,
    /// Changes waiting in the background lane, 1 to 1 000 000.
    pub background_queue_max: usize,
}

/// The relay from the outbox to Kafka or to the consumers in the process.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relay {
    /// Events published at once, 1 to 10 000.
    pub batch_max: usize,
    /// How often it looks without being woken, 1 to 60 000.
    pub poll_interval_millis: u64,
    /// How long it lets events gather between two looks while they keep coming, 0 to 1000.
    pub gather_millis: u64,
    /// After how long of silence another relay takes over, 1 to 600.
    pub lease_seconds: u64,
}

/// Finding out outcomes that are not known, when the contract's schedule says (after 5 s, 30 s, 2 min, 10 min, 1 h, then
/// hourly for 7 days).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovery {
    /// How often the worker looks for what is due, 10 to 60 000.
    pub interval_millis: u64,
    /// How many are looked up in one round, 1 to 10 000.
    pub batch_max: usize,
}
