//! Partitions of topics as rdkafka wants them, and questions about them that block.

use std::collections::HashMap;
use std::time::Duration;

use rdkafka::consumer::{Consumer, ConsumerContext};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::{Offset, TopicPartitionList};
use tender_domain::kernel::Topic;

use crate::names::Names;

/// How long the brokers have to answer a question.
pub(crate) const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// Positions as a list for the client.
pub(crate) fn positions(names: &Names, positions: &[((Topic, i32), i64)]) -> TopicPartitionList {
    let offsets: HashMap<(String, i32), Offset> = positions
        .iter()
        .map(|((topic, partition), offset)| ((names.topic(*topic), *partition), Offset::Offset(*offset)))
        .collect();
    list(offsets)
}

/// Partitions as a list for the client.
pub(crate) fn partitions(names: &Names, slots: &[(Topic, i32)]) -> TopicPartitionList {
    list(
        slots.iter().map(|(topic, partition)| ((names.topic(*topic), *partition), Offset::Invalid)).collect(),
    )
}

/// All partitions of a topic, each from the same place.
pub(crate) fn whole_topic(topic: &str, count: i32, from: Offset) -> TopicPartitionList {
    list((0..count).map(|partition| ((topic.to_owned(), partition), from)).collect())
}

fn list(offsets: HashMap<(String, i32), Offset>) -> TopicPartitionList {
    TopicPartitionList::from_topic_map(&offsets)
        .expect("every offset is absolute, or one of the logical ones that a list may hold")
}

/// Of a list from the client, what is ours.
pub(crate) fn slots(names: &Names, list: &TopicPartitionList) -> Vec<(Topic, i32)> {
    let elements = list.elements();
    elements.iter().filter_map(|e| Some((names.find(e.topic())?, e.partition()))).collect()
}

/// How many partitions a topic has; none when it does not exist. Blocks.
pub(crate) fn partition_count<C, X>(client: &C, topic: &str) -> Result<Option<i32>, ClientError>
where
    C: Consumer<X>,
    X: ConsumerContext,
{
    let metadata = client.client().fetch_metadata(Some(topic), ANSWER_LIMIT)?;
    let found = metadata.topics().iter().find(|t| t.name() == topic && t.error().is_none());
    Ok(found.map(|t| i32::try_from(t.partitions().len()).unwrap_or(i32::MAX)).filter(|count| *count > 0))
}
