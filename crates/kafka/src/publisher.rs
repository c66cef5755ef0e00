//! Publishing: one record, acknowledged by every replica that is in sync.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use rdkafka::producer::{FutureProducer, FutureRecord};
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
    names: Names,
    producer: FutureProducer<LogContext>,
    held_off_until: Mutex<Option<Instant>>,
}

impl KafkaPublisher {
    /// A publisher to these brokers. It connects by itself, also when they are away now.
    ///
    /// # Errors
    /// `Settings` when the client refuses the options.
    pub fn new(options: &KafkaOptions) -> Result<Self, KafkaError> {
        let mut config = options.client();
        config
            // An idempotent producer takes the acknowledgement of a record for one of all before it, which a broker
            // that does not know the producer yet does not mean: a record would be lost (ADR 24). Doubles are known by
            // their id.
            .set("enable.idempotence", "false")
            .set("acks", "all")
            .set("message.timeout.ms", DELIVERY_TIMEOUT.as_millis().to_string())
            // Long enough for records of several keys to share a request, too short to be felt.
            .set("linger.ms", "1")
            .set("compression.type", "lz4")
            // The same partition for a key as Kafka's own Java clients choose.
            .set("partitioner", "murmur2_random")
            .set("queue.buffering.max.messages", "20000")
            .set("queue.buffering.max.kbytes", "32768");
        let producer = config.create_with_context(LogContext).map_err(KafkaError::settings)?;
        Ok(Self { names: options.names(), producer, held_off_until: Mutex::default() })
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
        let Err((error, _)) = self.producer.send(outgoing, QUEUE_WAIT).await else { return Ok(()) };
        metrics::counter!("tender_publish_failures_total").increment(1);
        if code(&error) == Some(RDKafkaErrorCode::MessageTimedOut) {
            *self.hold_off() = Some(Instant::now() + HOLD_OFF);
        }
        Err(publish_error(topic, &error))
    }

    fn holds_off(&self) -> bool {
        self.hold_off().is_some_and(|until| Instant::now() < until)
    }

    fn hold_off(&self) -> MutexGuard<'_, Option<Instant>> {
        self.held_off_until.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn publish_error(topic: &str, error: &ClientError) -> PublishError {
    let (topic, reason) = (topic.to_owned(), error.to_string());
    match code(error) {
        Some(RDKafkaErrorCode::MessageSizeTooLarge | RDKafkaErrorCode::InvalidRecord) => {
            PublishError::Refused { topic, reason }
        }
        // Also a record that was damaged on the way: whole it will be taken.
        _ => PublishError::Unacknowledged { topic, reason },
    }
}
