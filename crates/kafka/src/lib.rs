//! Kafka: the only crate that names rdkafka.
//!
//! **What lives here.** The way of a [`Message`](tender_domain::kernel::Message) to Kafka and back: [`KafkaRelay`] (a
//! `Consumer` of the outbox that publishes), [`KafkaConsumer`] (runs any `Consumer` as a group), [`CompactedReader`]
//! (runs one over topics of state, ready when caught up), the headers of `CloudEvents` in binary mode, the dead letters
//! `<topic>.dlq` and [`replay_dead_letters`], [`ensure_topics`], and what health asks: [`BrokerProbe`], [`LagProbe`].
//!
//! **What never does.** What an event says or what is done about it (crates/events, the hexagons), SQL, reading
//! settings, the choice of what runs (services/*).
//!
//! **How to add one.** A topic: add it to `kernel::Topic`; it is created with its dead letters at the next start. A
//! consumer: implement the port `Consumer` in its hexagon; the service hands it to [`KafkaConsumer`]. A header: write
//! and read it in `wire.rs`, and say it in `docs/asyncapi.yaml`.

mod assignment;
mod compacted;
mod consumer;
mod context;
mod dead_letters;
mod error;
mod names;
mod options;
mod probe;
mod publisher;
mod relay;
mod replay;
mod topics;
mod trace;
mod wire;

pub use compacted::{CaughtUp, CompactedReader};
pub use consumer::{ConsumerBounds, KafkaConsumer};
pub use error::KafkaError;
pub use options::KafkaOptions;
pub use probe::{BrokerProbe, LagProbe};
pub use publisher::{KafkaPublisher, PublishError};
pub use relay::KafkaRelay;
pub use replay::replay_dead_letters;
pub use topics::{TopicLayout, ensure_topics};
