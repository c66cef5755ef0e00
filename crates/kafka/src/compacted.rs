//! Topics of state: read from the beginning at every start, then followed.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use rdkafka::Offset;
use rdkafka::consumer::{Consumer as _, StreamConsumer};
use rdkafka::error::KafkaError as ClientError;
use rdkafka::message::Message as _;
use tender_domain::kernel::{Message, Topic};
use tender_domain::ports::{Consumer, HandleError, deliver};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use crate::assignment::{partition_count, whole_topic};
use crate::consumer::{ConsumerBounds, endure};
use crate::context::LogContext;
use crate::dead_letters::{Place, bury, tell};
use crate::error::KafkaError;
use crate::options::KafkaOptions;
use crate::publisher::KafkaPublisher;
use crate::trace::Traced;
use crate::wire::{WireRecord, decode};

const RESTART_PAUSE: Duration = Duration::from_secs(1);

/// Whether a reader has read everything that stood on its topics. Once true it stays true: state that grows old during
/// an outage is still the best there is, and is asked for directly on a miss.
#[derive(Debug, Clone)]
pub struct CaughtUp(watch::Receiver<HashSet<Topic>>);

impl CaughtUp {
    /// Whether it has.
    #[must_use]
    pub fn now(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// The topics that it has not read to the end yet.
    #[must_use]
    pub fn behind(&self) -> Vec<Topic> {
        self.0.borrow().iter().copied().collect()
    }

    /// Waits until it has; false when the reader ended before.
    pub async fn wait(&mut self) -> bool {
        self.0.wait_for(HashSet::is_empty).await.is_ok()
    }
}

/// Reads topics of state into a `Consumer`: every process reads every partition, from the beginning at each start.
///
/// The consumer ignores what is older than the version it has. A record that it can never handle is told and counted;
/// one that comes in while following goes to `<topic>.dlq` as well. It stays on its topic and is read again at the next
/// start.
pub struct CompactedReader {
    options: KafkaOptions,
    consumer: Arc<dyn Consumer>,
    publisher: Arc<KafkaPublisher>,
    bounds: ConsumerBounds,
    behind: watch::Sender<HashSet<Topic>>,
}

impl CompactedReader {
    /// A reader of all topics of `consumer`; its dead letters go by `publisher`.
    ///
    /// # Errors
    /// `NotCompacted` when the consumer follows a topic of events.
    pub fn new(
        options: &KafkaOptions,
        consumer: Arc<dyn Consumer>,
        publisher: Arc<KafkaPublisher>,
        bounds: ConsumerBounds,
    ) -> Result<Self, KafkaError> {
        if let Some(topic) = consumer.topics().iter().find(|topic| !topic.is_compacted()) {
            return Err(KafkaError::NotCompacted { consumer: consumer.name(), topic: *topic });
        }
        let behind = watch::Sender::new(consumer.topics().iter().copied().collect());
        Ok(Self { options: options.clone(), consumer, publisher, bounds, behind })
    }

    /// Tells whether it has caught up: the readiness of the service depends on it.
    #[must_use]
    pub fn caught_up(&self) -> CaughtUp {
        CaughtUp(self.behind.subscribe())
    }

    /// Reads and follows until stopped. Faults are told, counted and waited out.
    pub async fn run(self, stop: CancellationToken) {
        join_all(self.consumer.topics().iter().map(|topic| self.keep_following(*topic, &stop))).await;
    }

    async fn keep_following(&self, topic: Topic, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let Err(reason) = self.follow(topic, stop).await else { return };
            let name = self.consumer.name();
            tracing::warn!(
                consumer = name,
                topic = topic.name(),
                reason,
                "reading state was interrupted; trying again"
            );
            metrics::counter!("tender_kafka_consumer_restarts_total", "consumer" => name).increment(1);
            tokio::select! { () = tokio::time::sleep(RESTART_PAUSE) => {}, () = stop.cancelled() => return }
        }
    }

    /// Reads one topic from its beginning, until stopped or until the client has to be made anew. A client for each
    /// topic, because the client tells of which partition it has reached the end, not of which topic.
    async fn follow(&self, topic: Topic, stop: &CancellationToken) -> Result<(), String> {
        let mut config = self.options.reader(self.consumer.name());
        config.set("enable.partition.eof", "true");
        let client: StreamConsumer<LogContext> =
            config.create_with_context(LogContext).map_err(|error| error.to_string())?;
        let client = Arc::new(client);
        let followed = self.read(topic, &client, stop).await;
        if let Err(error) = spawn_blocking(move || drop(client)).await {
            tracing::warn!(%error, "closing a Kafka client failed");
        }
        followed
    }

    async fn read(
        &self,
        topic: Topic,
        client: &Arc<StreamConsumer<LogContext>>,
        stop: &CancellationToken,
    ) -> Result<(), String> {
        let name = self.options.names().topic(topic);
        let (asked, asked_for) = (Arc::clone(client), name.clone());
        let count = spawn_blocking(move || partition_count(&*asked, &asked_for));
        let count = count.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
        let count = count.ok_or_else(|| KafkaError::NoTopic { topic: name.clone() }.to_string())?;
        client.assign(&whole_topic(&name, count, Offset::Beginning)).map_err(|error| error.to_string())?;

        let mut behind: HashSet<i32> = (0..count).collect();
        let mut incoming = client.stream().ready_chunks(self.bounds.batch_max.max(1));
        while !stop.is_cancelled() {
            let chunk = tokio::select! {
                () = stop.cancelled() => break,
                chunk = incoming.next() => chunk.ok_or("the stream of records ended")?,
            };
            let (mut places, mut messages, mut ends) = (Vec::new(), Vec::new(), Vec::new());
            for record in chunk {
                match record {
                    Ok(record) => {
                        let place = Place { topic, partition: record.partition(), offset: record.offset() };
                        match decode(topic, &record) {
                            Ok(message) => {
                                places.push(place);
                                messages.push(message);
                            }
                            Err(bad) => {
                                self.skip(place, WireRecord::copy_of(&record), &bad.to_string()).await
                            }
                        }
                    }
                    Err(ClientError::PartitionEOF(partition)) => ends.push(partition),
                    Err(error) => endure(self.consumer.name(), &error)?,
                }
            }
            if !self.hand_over(places, messages, stop).await {
                break;
            }
            ends.iter().for_each(|partition| _ = behind.remove(partition));
            if behind.is_empty() && self.behind.send_if_modified(|topics| topics.remove(&topic)) {
                tracing::info!(consumer = self.consumer.name(), topic = topic.name(), "caught up");
            }
        }
        Ok(())
    }

    /// Hands messages over until each is handled or skipped; false when stopped before.
    async fn hand_over(
        &self,
        mut places: Vec<Place>,
        mut messages: Vec<Message>,
        stop: &CancellationToken,
    ) -> bool {
        let mut pause = self.bounds.retry_first;
        while !messages.is_empty() {
            let deliveries = deliver(&Traced(&*self.consumer), &messages, self.bounds.concurrency).await;
            let (mut again, mut again_places, mut why) = (Vec::new(), Vec::new(), String::new());
            for ((place, message), delivery) in places.into_iter().zip(messages).zip(deliveries) {
                match delivery.result {
                    Ok(()) => {}
                    Err(HandleError::Poison(reason)) => {
                        self.skip(place, WireRecord::of(&message), &reason).await;
                    }
                    Err(HandleError::Retry(reason)) => {
                        again_places.push(place);
                        again.push(message);
                        why = reason;
                    }
                }
            }
            (places, messages) = (again_places, again);
            if messages.is_empty() {
                break;
            }
            let waiting = messages.len();
            tracing::warn!(consumer = self.consumer.name(), waiting, reason = why, "states have to wait");
            tokio::select! { () = tokio::time::sleep(pause) => {}, () = stop.cancelled() => return false }
            pause = (pause * 2).min(self.bounds.retry_most);
        }
        true
    }

    async fn skip(&self, place: Place, record: WireRecord, reason: &str) {
        let name = self.consumer.name();
        // While catching up: a dead letter for it was written when it came.
        if self.behind.borrow().contains(&place.topic) {
            tell(name, place, reason);
            return;
        }
        let buried = bury(&self.publisher, &self.options.names(), name, place, (record, reason)).await;
        if let Err(error) = buried {
            tracing::warn!(consumer = name, %error, "no dead letter was written; the record stays on its topic");
            tell(name, place, reason);
        }
    }
}
