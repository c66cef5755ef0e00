//! One test's own corner of the brokers.

use std::collections::HashMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rdkafka::admin::{AdminClient, AdminOptions};
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{Headers as _, Message as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use tender_domain::kernel::{EventId, Message, TenantId, Timestamp, Topic, Version};
use tender_kafka::{ConsumerBounds, KafkaOptions, KafkaPublisher, TopicLayout, ensure_topics};

/// Longer than anything takes; a test that waits this long has failed.
const LIMIT: Duration = Duration::from_secs(90);

/// The brokers to test with; none when this run has no Kafka and need not have one.
pub(crate) fn brokers(promise: &str) -> Option<String> {
    if let Ok(brokers) = std::env::var("TENDER_TEST_KAFKA_BROKERS") {
        return Some(brokers);
    }
    let required = std::env::var("REQUIRE_KAFKA").is_ok_and(|value| value == "1");
    assert!(!required, "REQUIRE_KAFKA=1, but TENDER_TEST_KAFKA_BROKERS names no brokers");
    eprintln!("SKIPPED, there is no Kafka: {promise}");
    None
}

pub(crate) struct World {
    promise: &'static str,
    pub(crate) options: KafkaOptions,
    pub(crate) publisher: Arc<KafkaPublisher>,
    topics: Vec<Topic>,
}

/// A record as it lies on the brokers.
#[derive(Debug, Clone)]
pub(crate) struct Lying {
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) key: Option<String>,
    pub(crate) payload: Option<String>,
    pub(crate) headers: HashMap<String, String>,
}

impl World {
    /// A corner with these topics of three partitions each; none when this run has no Kafka.
    pub(crate) async fn new(promise: &'static str, topics: &[Topic]) -> Option<Self> {
        Some(Self::at(brokers(promise)?, promise, topics).await)
    }

    pub(crate) async fn at(brokers: String, promise: &'static str, topics: &[Topic]) -> Self {
        let prefix = format!("test-{:016x}.", rand::random::<u64>());
        eprintln!("prefix: {prefix}");
        let options = KafkaOptions::plaintext(brokers, prefix);
        let layout = TopicLayout { partitions: 3, replication: Some(1) };
        ensure_topics(&options, layout, topics).await.expect("topics");
        let publisher = Arc::new(KafkaPublisher::new(&options).expect("publisher"));
        Self { promise, options, publisher, topics: topics.to_vec() }
    }

    /// Topics that the test made itself, to be deleted at its end.
    pub(crate) fn also(&mut self, topics: &[Topic]) {
        self.topics.extend_from_slice(topics);
    }

    pub(crate) async fn publish(&self, messages: &[Message]) {
        for message in messages {
            self.publisher.publish(message).await.expect("published");
        }
    }

    pub(crate) fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &self.options.brokers);
        config
    }

    pub(crate) fn name(&self, topic: Topic) -> String {
        format!("{}{topic}", self.options.prefix)
    }

    /// The records of a topic, once there are this many.
    pub(crate) async fn lying(&self, topic: String, count: usize) -> Vec<Lying> {
        let mut config = self.client();
        config.set("group.id", "unused").set("enable.auto.commit", "false");
        let read = tokio::task::spawn_blocking(move || {
            let client: BaseConsumer = config.create().expect("client");
            let metadata = client.fetch_metadata(Some(&topic), LIMIT).expect("metadata");
            let mut list = TopicPartitionList::new();
            for partition in metadata.topics()[0].partitions() {
                list.add_partition_offset(&topic, partition.id(), Offset::Beginning).expect("partition");
            }
            client.assign(&list).expect("assigned");
            let (mut lying, begun) = (Vec::new(), Instant::now());
            while lying.len() < count {
                assert!(begun.elapsed() < LIMIT, "{topic} has {} records, not {count}", lying.len());
                if let Some(record) = client.poll(Duration::from_millis(200)) {
                    lying.push(detach(&record.expect("record")));
                }
            }
            lying
        });
        read.await.expect("read")
    }

    /// Says that a real broker took and gave messages as promised, and leaves nothing behind.
    pub(crate) async fn finish(self) {
        if let Ok(path) = std::env::var("TENDER_KAFKA_PROOF") {
            let mut proof = OpenOptions::new().create(true).append(true).open(path).expect("proof");
            writeln!(proof, "tender-kafka: {}", self.promise).expect("proof");
        }
        self.clear().await;
    }

    /// Leaves nothing behind, and claims nothing: for a test in which no message went through.
    pub(crate) async fn clear(self) {
        if self.topics.is_empty() {
            return;
        }
        let admin: AdminClient<DefaultClientContext> = self.client().create().expect("admin");
        let names: Vec<String> =
            self.topics.iter().flat_map(|t| [self.name(*t), self.name(*t) + ".dlq"]).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let limits = AdminOptions::new().request_timeout(Some(LIMIT));
        let _ = admin.delete_topics(&names, &limits).await.expect("topics deleted");
    }
}

fn detach(record: &rdkafka::message::BorrowedMessage<'_>) -> Lying {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let headers = record.headers().map(|headers| {
        headers.iter().map(|h| (h.key.to_owned(), text(h.value.expect("header value")))).collect()
    });
    Lying {
        partition: record.partition(),
        offset: record.offset(),
        key: record.key().map(text),
        payload: record.payload().map(text),
        headers: headers.unwrap_or_default(),
    }
}

/// Quick retries, so that tests are.
pub(crate) fn bounds() -> ConsumerBounds {
    ConsumerBounds {
        retry_first: Duration::from_millis(20),
        retry_most: Duration::from_millis(200),
        ..ConsumerBounds::default()
    }
}

/// The `version`th message of a key. Its id tells both.
pub(crate) fn message(topic: Topic, key: u16, version: u16) -> Message {
    let at = 1_760_000_000_000_000 + i64::from(version);
    Message {
        id: EventId(uuid::Uuid::from_u128(u128::from(key) << 64 | u128::from(version))),
        topic,
        key: format!("pi_{key}"),
        subject: format!("ch_{key}"),
        tenant: TenantId::sandbox(),
        source: "/tender/intents",
        time: Timestamp::from_timestamp_micros(at).expect("time"),
        version: Version::new(i64::from(version)),
        traceparent: None,
        data: Arc::from(format!(r#"{{"amount":{version}.10}}"#)),
    }
}

/// Messages of many keys, those of one key in order, the keys mixed.
pub(crate) fn mixed(topic: Topic, keys: u16, versions: std::ops::RangeInclusive<u16>) -> Vec<Message> {
    versions.flat_map(|version| (0..keys).map(move |key| message(topic, key, version))).collect()
}

/// Waits until it is so.
pub(crate) async fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < LIMIT, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
