//! Publishing: one record, acknowledged by every replica that is in sync.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer as _};
use tender_domain::kernel::Message;

use crate::context::LogContext;
use crate::error::{KafkaError, code};
use crate::names::Names;
use crate::options::KafkaOptions;
use crate::wire::WireRecord;

/// After this long without an acknowledgement a record counts as not published. It has to be well below the lease of
/// an outbox follower (15 s), so that a relay in an outage does not lose its lease while it waits.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(5);
/// For this long after a time-out nothing is tried: many keys side by side then wait once for brokers that are away,
/// not once each.
const HOLD_OFF: Duration = Duration::from_millis(400);
/// A producer that had no acknowledgement for this long although it was asked for some is replaced. An idempotent one
/// that lost answers in an outage may wait for them for ever, and not say so.
const RENEW_AFTER: Duration = Duration::from_secs(15);
/// The longest wait for room in the client's queue.
const QUEUE_WAIT: Duration = Duration::from_secs(1);

/// Why a record was not published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// The brokers did not acknowledge it in time. It may be on the topic nevertheless: publish it again, consumers
    /// know a duplicate by its id.
    #[error("{topic} did not acknowledge in time: {reason}")]
    Unacknowledged {
        /// With the prefix.
        topic: String,
        /// What the client says.
        reason: String,
    },
    /// The brokers will never take this record.
    #[error("{topic} refuses the record: {reason}")]
    Refused {
        /// With the prefix.
        topic: String,
        /// What the client says.
        reason: String,
    },
}

/// Publishes messages. One for a process; it is shared by the relay and by the dead letters of all consumers.
///
/// The order of two messages of one key is kept when the second is published after the first was acknowledged.
pub struct KafkaPublisher {
    config: ClientConfig,
    names: Names,
    producer: Mutex<FutureProducer<LogContext>>,
    held_off_until: Mutex<Option<Instant>>,
    /// When the producer was made, or last had an acknowledgement.
    good_at: Mutex<Instant>,
}

impl KafkaPublisher {
    /// A publisher to these brokers. It connects by itself, also when they are away now.
    ///
    /// # Errors
    /// `Settings` when the client refuses the options.
    pub fn new(options: &KafkaOptions) -> Result<Self, KafkaError> {
        let mut config = options.client();
        config
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("message.timeout.ms", DELIVERY_TIMEOUT.as_millis().to_string())
            // Long enough for records of several keys to share a request, too short to be felt.
            .set("linger.ms", "1")
            .set("compression.type", "lz4")
            // The same partition for a key as Kafka's own Java clients choose.
            .set("partitioner", "murmur2_random")
            .set("queue.buffering.max.messages", "20000")
            .set("queue.buffering.max.kbytes", "32768");
        let producer = create(&config).map_err(KafkaError::settings)?;
        Ok(Self {
            config,
            names: options.names(),
            producer: Mutex::new(producer),
            held_off_until: Mutex::default(),
            good_at: Mutex::new(Instant::now()),
        })
    }

    /// Publishes a message on its topic and waits for the acknowledgement.
    ///
    /// # Errors
    /// `Unacknowledged` when it is to be tried again, `Refused` when that would not help.
    pub async fn publish(&self, message: &Message) -> Result<(), PublishError> {
        self.send(&self.names.topic(message.topic), &WireRecord::of(message)).await?;
        metrics::counter!("tender_events_published_total", "topic" => message.topic.name()).increment(1);
        Ok(())
    }

    /// Sends a record to a topic, named with its prefix.
    pub(crate) async fn send(&self, topic: &str, record: &WireRecord) -> Result<(), PublishError> {
        if self.holds_off() {
            let reason = "it did not a moment ago".to_owned();
            return Err(PublishError::Unacknowledged { topic: topic.to_owned(), reason });
        }
        let mut outgoing = FutureRecord::<[u8], [u8]>::to(topic).headers(record.native_headers());
        if let Some(key) = &record.key {
            outgoing = outgoing.key(key);
        }
        if let Some(payload) = &record.payload {
            outgoing = outgoing.payload(payload);
        }
        let producer = lock(&self.producer).clone();
        let Err((error, _)) = producer.send(outgoing, QUEUE_WAIT).await else {
            *lock(&self.good_at) = Instant::now();
            return Ok(());
        };
        metrics::counter!("tender_publish_failures_total").increment(1);
        self.learn(&producer, &error);
        Err(publish_error(topic, &error))
    }

    fn holds_off(&self) -> bool {
        lock(&self.held_off_until).is_some_and(|until| Instant::now() < until)
    }

    /// Draws the consequences of a failure for what is sent next.
    fn learn(&self, failed: &FutureProducer<LogContext>, error: &ClientError) {
        if code(error) == Some(RDKafkaErrorCode::MessageTimedOut) {
            *lock(&self.held_off_until) = Some(Instant::now() + HOLD_OFF);
        }
        // An idempotent producer that has lost its place among the brokers refuses everything from then on.
        if let Some((_, reason)) = failed.client().fatal_error() {
            let mut producer = lock(&self.producer);
            if producer.client().fatal_error().is_some() {
                self.replace(&mut producer, &reason);
            }
        } else if lock(&self.good_at).elapsed() > RENEW_AFTER {
            self.replace(&mut lock(&self.producer), "no acknowledgement for long");
        }
    }

    fn replace(&self, producer: &mut FutureProducer<LogContext>, reason: &str) {
        tracing::error!(reason, "the Kafka producer cannot go on; a new one takes its place");
        metrics::counter!("tender_kafka_producers_replaced_total").increment(1);
        match create(&self.config) {
            Ok(fresh) => {
                *producer = fresh;
                *lock(&self.good_at) = Instant::now();
            }
            Err(error) => tracing::error!(%error, "a new Kafka producer could not be made"),
        }
    }
}

fn create(config: &ClientConfig) -> Result<FutureProducer<LogContext>, ClientError> {
    config.create_with_context(LogContext)
}

fn publish_error(topic: &str, error: &ClientError) -> PublishError {
    let (topic, reason) = (topic.to_owned(), error.to_string());
    match code(error) {
        Some(
            RDKafkaErrorCode::MessageSizeTooLarge
            | RDKafkaErrorCode::InvalidRecord
            | RDKafkaErrorCode::InvalidMessage,
        ) => PublishError::Refused { topic, reason },
        _ => PublishError::Unacknowledged { topic, reason },
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
