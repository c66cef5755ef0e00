//! What the relay puts on the wire.

use std::collections::HashMap;
use std::sync::Arc;

use secrecy::SecretString;
use tender_domain::kernel::Topic;
use tender_domain::ports::{Consumer as _, HandleError};
use tender_kafka::{BrokerProbe, KafkaError, KafkaOptions, KafkaPublisher, KafkaRelay};

use crate::world::{World, message};

#[tokio::test]
async fn every_header_and_the_key_arrive_as_the_contract_says() {
    let promise = "every header and the key arrive as the contract says";
    let Some(world) = World::new(promise, &[Topic::PAYMENT_PROCESSED]).await else { return };
    let mut sent = message(Topic::PAYMENT_PROCESSED, 7, 3);
    sent.traceparent = Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned());
    let relay = KafkaRelay::new(Arc::clone(&world.publisher));
    relay.handle(&sent).await.expect("relayed");

    let lying = world.lying(world.name(Topic::PAYMENT_PROCESSED), 1).await.remove(0);
    let id = sent.id.to_string();
    let expected: HashMap<String, String> = [
        ("ce_id", id.as_str()),
        ("ce_source", "/tender/intents"),
        ("ce_specversion", "1.0"),
        ("ce_type", "payment.processed"),
        ("ce_time", "2025-10-09T08:53:20.000003Z"),
        ("ce_subject", "ch_7"),
        ("ce_tenantid", "sandbox"),
        ("ce_aggregateversion", "3"),
        ("ce_traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("content-type", "application/json"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    assert_eq!(lying.headers, expected);
    assert_eq!(lying.key.as_deref(), Some("pi_7"));
    assert_eq!(lying.payload.as_deref(), Some(r#"{"amount":3.10}"#));
    world.finish().await;
}

#[tokio::test]
async fn an_empty_state_is_published_as_a_tombstone() {
    let promise = "an empty state is published as a tombstone";
    let Some(world) = World::new(promise, &[Topic::API_KEY_CHANGED]).await else { return };
    let mut gone = message(Topic::API_KEY_CHANGED, 1, 2);
    gone.data = Arc::from("");
    world.publish(&[gone]).await;
    let lying = world.lying(world.name(Topic::API_KEY_CHANGED), 1).await.remove(0);
    assert_eq!(lying.payload, None, "no value, so that compaction drops the key");
    assert_eq!(lying.headers["ce_aggregateversion"], "2");
    world.finish().await;
}

#[tokio::test]
async fn a_message_that_is_too_large_is_poison_and_a_missing_topic_is_waited_for() {
    let promise = "a message that is too large is poison and a missing topic is waited for";
    let Some(world) = World::new(promise, &[Topic::PAYMENT_PROCESSED]).await else { return };
    let relay = KafkaRelay::new(Arc::clone(&world.publisher));
    let mut large = message(Topic::PAYMENT_PROCESSED, 1, 1);
    large.data = Arc::from("x".repeat(3_000_000));
    assert!(matches!(relay.handle(&large).await, Err(HandleError::Poison(_))));
    let homeless = message(Topic::PAYOUT_CHANGED, 1, 1);
    assert!(matches!(relay.handle(&homeless).await, Err(HandleError::Retry(_))));
    world.clear().await;
}

#[tokio::test]
async fn while_no_broker_answers_publishing_says_try_again_and_the_probe_says_away() {
    // Nothing listens on the port of the discard service.
    let options = KafkaOptions::plaintext("127.0.0.1:9", "");
    let relay = KafkaRelay::new(Arc::new(KafkaPublisher::new(&options).expect("publisher")));
    let answer = relay.handle(&message(Topic::PAYMENT_PROCESSED, 1, 1)).await;
    assert!(matches!(answer, Err(HandleError::Retry(_))), "{answer:?}");
    let probe = BrokerProbe::new(&options).expect("probe");
    assert!(matches!(probe.ready().await, Err(KafkaError::Away { .. })));
}

#[tokio::test]
async fn a_setting_that_the_client_refuses_is_named_and_not_shown() {
    let mut options = KafkaOptions::plaintext("127.0.0.1:9", "");
    options.security_protocol = "secret-nonsense".to_owned();
    let Err(error) = KafkaPublisher::new(&options) else { panic!("accepted") };
    assert!(error.to_string().contains("security.protocol"), "{error}");
}

#[tokio::test]
async fn the_client_knows_every_way_to_log_in_and_names_an_authority_it_cannot_read() {
    let mut options = KafkaOptions::plaintext("127.0.0.1:9", "");
    options.sasl_username = Some("tender".to_owned());
    options.sasl_password = Some(SecretString::from("open sesame"));
    for (protocol, mechanism) in
        [("sasl_ssl", "PLAIN"), ("sasl_ssl", "SCRAM-SHA-256"), ("sasl_plaintext", "SCRAM-SHA-512")]
    {
        options.security_protocol = protocol.to_owned();
        options.sasl_mechanism = Some(mechanism.to_owned());
        assert!(KafkaPublisher::new(&options).is_ok(), "{protocol} with {mechanism}");
    }
    options.security_protocol = "ssl".to_owned();
    options.ca_file = Some("/nowhere/ca.pem".into());
    let Err(error) = KafkaPublisher::new(&options) else { panic!("accepted") };
    assert!(error.to_string().contains("ssl.ca.location"), "{error}");
    assert!(!error.to_string().contains("sesame"), "{error}");
}
