//! The runner: joins the group, and joins it again when the client broke down.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::consumer::{Consumer as _, StreamConsumer};
use tender_domain::ports::Consumer;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::group::GroupContext;
use super::session::Session;
use crate::names::Names;
use crate::options::KafkaOptions;
use crate::publisher::KafkaPublisher;

/// Bounds of a consumer.
#[derive(Debug, Clone, Copy)]
pub struct ConsumerBounds {
    /// The most messages of one batch, at least 1. A batch takes what is there and does not wait for more.
    pub batch_max: usize,
    /// How many keys are handled side by side.
    pub concurrency: usize,
    /// The wait before a message is tried the second time; it doubles with every further try.
    pub retry_first: Duration,
    /// The longest wait between two tries.
    pub retry_most: Duration,
}

impl Default for ConsumerBounds {
    fn default() -> Self {
        Self {
            batch_max: 500,
            concurrency: 128,
            retry_first: Duration::from_millis(100),
            retry_most: Duration::from_secs(5),
        }
    }
}

/// How long nothing is tried after the client broke down.
const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// Follows the topics of one `Consumer` in the group named like it: at least once, in order per key.
///
/// Offsets are committed after the effects are durable, and only up to the first message that is not done. A message
/// that has to be tried again holds its partition up, not the others. One that can never be handled goes to
/// `<topic>.dlq`. A partition that goes to another process is committed first.
pub struct KafkaConsumer {
    pub(super) consumer: Arc<dyn Consumer>,
    pub(super) publisher: Arc<KafkaPublisher>,
    config: ClientConfig,
    pub(super) names: Names,
    pub(super) bounds: ConsumerBounds,
}

impl KafkaConsumer {
    /// A runner of `consumer`; its dead letters go by `publisher`.
    #[must_use]
    pub fn new(
        options: &KafkaOptions,
        consumer: Arc<dyn Consumer>,
        publisher: Arc<KafkaPublisher>,
        bounds: ConsumerBounds,
    ) -> Self {
        let mut config = options.reader(consumer.name());
        config
            // Of the partitions only those that have to move are taken away, the others go on meanwhile.
            .set("partition.assignment.strategy", "cooperative-sticky")
            // The partitions of a process that was killed go to the others after this long.
            .set("session.timeout.ms", "15000")
            .set("heartbeat.interval.ms", "2000");
        Self { names: options.names(), consumer, publisher, config, bounds }
    }

    /// Follows until stopped; then what is being handled ends, the offsets are committed and the group is left. Faults
    /// are told, counted and waited out.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let Err(reason) = self.join(&stop).await else { return };
            let name = self.consumer.name();
            tracing::warn!(consumer = name, reason, "following Kafka was interrupted; trying again");
            metrics::counter!("tender_kafka_consumer_restarts_total", "consumer" => name).increment(1);
            tokio::select! { () = tokio::time::sleep(RESTART_PAUSE) => {}, () = stop.cancelled() => return }
        }
    }

    /// One membership of the group, from joining to leaving.
    async fn join(&self, stop: &CancellationToken) -> Result<(), String> {
        let context = GroupContext::new(self.consumer.name(), self.names.clone());
        let client: StreamConsumer<GroupContext> =
            self.config.create_with_context(context).map_err(|error| error.to_string())?;
        let topics: Vec<String> =
            self.consumer.topics().iter().map(|topic| self.names.topic(*topic)).collect();
        let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
        client.subscribe(&topics).map_err(|error| error.to_string())?;
        let followed = Session::new(self, &client).follow(stop).await;
        // Leaving commits what is done and tells the group; both wait for the brokers.
        if let Err(error) = spawn_blocking(move || drop(client)).await {
            tracing::warn!(%error, "leaving the consumer group failed");
        }
        followed
    }
}
