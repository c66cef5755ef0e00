//! Publishing dead letters again, after what made them so was mended.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::StreamExt as _;
use rdkafka::consumer::{CommitMode, Consumer as _, StreamConsumer};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::message::Message as _;
use rdkafka::{Offset, TopicPartitionList};
use tender_domain::kernel::Topic;
use tokio::task::spawn_blocking;

use crate::assignment::{ANSWER_LIMIT, partition_count, whole_topic};
use crate::context::LogContext;
use crate::dead_letters::as_it_was;
use crate::error::KafkaError;
use crate::options::KafkaOptions;
use crate::publisher::KafkaPublisher;
use crate::wire::WireRecord;

/// Under this group the brokers remember which dead letters were published again.
const GROUP: &str = "dead-letters-replay";

/// Publishes the dead letters of a topic on that topic again, each as it was, in their order per key, and gives how
/// many. Those that were published again by an earlier call are left out, and those that come while it works.
///
/// All consumers of the topic get them; the ones that had handled them know them by their ids.
///
/// # Errors
/// `StateIsNotReplayed` for a compacted topic; `Settings`, `Away` and `NoTopic` before anything was done;
/// `Interrupted` with what was done, which a next call does not do again.
pub async fn replay_dead_letters(
    options: &KafkaOptions,
    publisher: &KafkaPublisher,
    topic: Topic,
) -> Result<u64, KafkaError> {
    if topic.is_compacted() {
        return Err(KafkaError::StateIsNotReplayed { topic });
    }
    let mut config = options.reader(GROUP);
    config.set("enable.partition.eof", "true");
    let client: StreamConsumer<LogContext> =
        config.create_with_context(LogContext).map_err(KafkaError::settings)?;
    let client = Arc::new(client);
    let replayed = replay(options, publisher, topic, &client).await;
    let closed = spawn_blocking(move || drop(client)).await;
    if let Err(error) = closed {
        tracing::warn!(%error, "closing a Kafka client failed");
    }
    replayed
}

async fn replay(
    options: &KafkaOptions,
    publisher: &KafkaPublisher,
    topic: Topic,
    client: &Arc<StreamConsumer<LogContext>>,
) -> Result<u64, KafkaError> {
    let away = |reason: String| KafkaError::Away {
        doing: "reading dead letters",
        brokers: options.brokers.clone(),
        reason,
    };
    let (from, to) = (options.names().dead_letters(topic), options.names().topic(topic));
    let (asked, asked_for) = (Arc::clone(client), from.clone());
    let ends =
        spawn_blocking(move || ends(&asked, &asked_for)).await.map_err(|error| away(error.to_string()))?;
    let ends = ends.map_err(|error| away(error.to_string()))?;
    let ends = ends.ok_or_else(|| KafkaError::NoTopic { topic: from.clone() })?;
    let count = i32::try_from(ends.len()).unwrap_or(i32::MAX);
    let stored = whole_topic(&from, count, Offset::Stored);
    client.assign(&stored).map_err(|error| away(error.to_string()))?;

    let mut open: HashSet<i32> = ends.iter().filter(|(_, end)| **end > 0).map(|(p, _)| *p).collect();
    let (mut incoming, mut done) = (client.stream(), 0_u64);
    while !open.is_empty() {
        let interrupted = |reason: String| KafkaError::Interrupted { done, reason };
        let next = tokio::time::timeout(ANSWER_LIMIT * 3, incoming.next()).await;
        let next = next.map_err(|_| interrupted("no more could be read in time".to_owned()))?;
        let record = match next {
            Some(Ok(record)) => record,
            Some(Err(ClientError::PartitionEOF(partition))) => {
                open.remove(&partition);
                continue;
            }
            Some(Err(error)) => return Err(interrupted(error.to_string())),
            None => return Err(interrupted("the stream of records ended".to_owned())),
        };
        let (partition, offset) = (record.partition(), record.offset());
        let end = ends.get(&partition).copied().unwrap_or(0);
        if offset < end {
            let original = as_it_was(WireRecord::copy_of(&record));
            publisher.send(&to, &original).await.map_err(|error| interrupted(error.to_string()))?;
            remember(client, &from, partition, offset + 1).await.map_err(interrupted)?;
            done += 1;
        }
        if offset + 1 >= end {
            open.remove(&partition);
        }
    }
    Ok(done)
}

/// Where each partition ends now; none when there is no such topic. Blocks.
fn ends(client: &StreamConsumer<LogContext>, topic: &str) -> Result<Option<HashMap<i32, i64>>, ClientError> {
    let Some(count) = partition_count(client, topic)? else { return Ok(None) };
    let ends: Result<_, ClientError> = (0..count)
        .map(|partition| Ok((partition, client.fetch_watermarks(topic, partition, ANSWER_LIMIT)?.1)))
        .collect();
    ends.map(Some)
}

/// One at a time: dead letters are few, and one that was published again must not be so twice.
async fn remember(
    client: &Arc<StreamConsumer<LogContext>>,
    topic: &str,
    partition: i32,
    offset: i64,
) -> Result<(), String> {
    let mut position = TopicPartitionList::new();
    position
        .add_partition_offset(topic, partition, Offset::Offset(offset))
        .map_err(|error| error.to_string())?;
    let client = Arc::clone(client);
    let committed = spawn_blocking(move || client.commit(&position, CommitMode::Sync)).await;
    committed.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}
