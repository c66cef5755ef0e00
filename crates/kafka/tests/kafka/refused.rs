//! What is acknowledged is on its topic, also when the brokers take a later record and refuse an earlier one: a broker
//! that has just become the leader of a partition does that. A broker that plays this is part of librdkafka.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::mocking::MockCluster;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};
use tender_domain::kernel::Topic;
use tender_kafka::{KafkaOptions, KafkaPublisher};

use crate::world::message;

const ROUND_TRIP: Duration = Duration::from_millis(200);

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_was_refused_is_not_acknowledged_by_the_next_that_was_taken() {
    let topic = Topic::PAYMENT_PROCESSED;
    let brokers = MockCluster::new(1).expect("brokers");
    brokers.create_topic(topic.name(), 1, 1).expect("a topic");
    brokers.broker_round_trip_time(1, ROUND_TRIP).expect("a long way");
    let options = KafkaOptions::plaintext(brokers.bootstrap_servers(), "");
    let publisher = Arc::new(KafkaPublisher::new(&options).expect("publisher"));

    // The client knows the brokers when both are sent.
    publisher.publish(&message(topic, 0, 1)).await.expect("the first of all");
    let before = taken(&brokers, topic);
    brokers.request_errors(
        RDKafkaApiKey::Produce,
        &[RDKafkaRespErr::RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION],
    );
    let refused = {
        let publisher = Arc::clone(&publisher);
        tokio::spawn(async move { publisher.publish(&message(topic, 1, 1)).await })
    };
    tokio::time::sleep(ROUND_TRIP / 4).await;
    let next = publisher.publish(&message(topic, 2, 1)).await;
    let acknowledged = [refused.await.expect("published"), next].iter().filter(|end| end.is_ok()).count();
    assert!(taken(&brokers, topic) - before >= acknowledged, "{acknowledged} were acknowledged");
}

/// How many records are on the topic's partition.
fn taken(brokers: &MockCluster<'_, rdkafka::producer::DefaultProducerContext>, topic: Topic) -> usize {
    let mut config = rdkafka::ClientConfig::new();
    config.set("bootstrap.servers", brokers.bootstrap_servers()).set("group.id", "unused");
    let client: BaseConsumer = config.create().expect("client");
    let (low, high) = client.fetch_watermarks(topic.name(), 0, Duration::from_secs(10)).expect("watermarks");
    usize::try_from(high - low).expect("a count")
}
