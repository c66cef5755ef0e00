//! What health asks of Kafka.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::Offset;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError as ClientError;
use tender_domain::kernel::Topic;
use tender_domain::ports::Consumer;
use tokio::task::spawn_blocking;

use crate::assignment::{ANSWER_LIMIT, partition_count, whole_topic};
use crate::context::LogContext;
use crate::error::KafkaError;
use crate::options::KafkaOptions;

const READY_LIMIT: Duration = Duration::from_secs(2);

/// Asks whether the brokers answer.
pub struct BrokerProbe {
    client: Arc<BaseConsumer<LogContext>>,
    brokers: String,
}

impl BrokerProbe {
    /// A probe of these brokers.
    ///
    /// # Errors
    /// `Settings` when the client refuses the options.
    pub fn new(options: &KafkaOptions) -> Result<Self, KafkaError> {
        let client = options.client().create_with_context(LogContext).map_err(KafkaError::settings)?;
        Ok(Self { client: Arc::new(client), brokers: options.brokers.clone() })
    }

    /// Asks them, and waits two seconds at most.
    ///
    /// # Errors
    /// `Away` when none answers.
    pub async fn ready(&self) -> Result<(), KafkaError> {
        let client = Arc::clone(&self.client);
        let away = |reason: String| KafkaError::Away {
            doing: "asking for the brokers",
            brokers: self.brokers.clone(),
            reason,
        };
        let asked = spawn_blocking(move || client.fetch_metadata(None, READY_LIMIT).map(|_| ()));
        asked.await.map_err(|error| away(error.to_string()))?.map_err(|error| away(error.to_string()))
    }
}

/// Asks how far a consumer is behind.
pub struct LagProbe {
    client: Arc<BaseConsumer<LogContext>>,
    consumer: &'static str,
    topics: Vec<(Topic, String)>,
    brokers: String,
}

impl LagProbe {
    /// A probe of the group that runs `consumer`; one that a `CompactedReader` runs has none.
    ///
    /// # Errors
    /// `Settings` when the client refuses the options.
    pub fn new(options: &KafkaOptions, consumer: &dyn Consumer) -> Result<Self, KafkaError> {
        let client =
            options.reader(consumer.name()).create_with_context(LogContext).map_err(KafkaError::settings)?;
        let names = options.names();
        Ok(Self {
            client: Arc::new(client),
            consumer: consumer.name(),
            topics: consumer.topics().iter().map(|topic| (*topic, names.topic(*topic))).collect(),
            brokers: options.brokers.clone(),
        })
    }

    /// How many messages of its topics the consumer is not done with. Sets the gauge `tender_consumer_lag_messages`.
    ///
    /// # Errors
    /// `Away` when the brokers do not answer.
    pub async fn lag(&self) -> Result<u64, KafkaError> {
        let away = |reason: String| KafkaError::Away {
            doing: "asking how far a consumer is",
            brokers: self.brokers.clone(),
            reason,
        };
        let (client, topics) = (Arc::clone(&self.client), self.topics.clone());
        let asked = spawn_blocking(move || topics.iter().map(|(_, name)| behind(&client, name)).sum());
        let asked: Result<u64, ClientError> = asked.await.map_err(|error| away(error.to_string()))?;
        let lag = asked.map_err(|error| away(error.to_string()))?;
        metrics::gauge!("tender_consumer_lag_messages", "consumer" => self.consumer).set(lag as f64);
        Ok(lag)
    }
}

/// Messages of one topic behind the committed offsets. Blocks.
fn behind(client: &BaseConsumer<LogContext>, topic: &str) -> Result<u64, ClientError> {
    let Some(count) = partition_count(client, topic)? else { return Ok(0) };
    let committed = client.committed_offsets(whole_topic(topic, count, Offset::Invalid), ANSWER_LIMIT)?;
    let mut lag = 0;
    for element in committed.elements() {
        let (low, high) = client.fetch_watermarks(topic, element.partition(), ANSWER_LIMIT)?;
        let done = match element.offset() {
            Offset::Offset(offset) => offset.max(low),
            _ => low,
        };
        lag += u64::try_from(high - done).unwrap_or(0);
    }
    Ok(lag)
}
