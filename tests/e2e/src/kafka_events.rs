//! What lies on Kafka's topics, read by a consumer like any storefront's.

use std::sync::{Arc, Mutex};

use anyhow::Context;
use async_trait::async_trait;
use tender_domain::kernel::{Message, Topic};
use tender_domain::ports::{Consumer, HandleError};
use tender_kafka::{ConsumerBounds, KafkaConsumer, KafkaOptions, KafkaPublisher};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::events::Event;

/// A reader of all topics, from the beginning.
pub struct KafkaEvents {
    seen: Arc<Seen>,
    _reading: JoinHandle<()>,
    _stop: DropGuard,
}

#[derive(Default)]
struct Seen(Mutex<Vec<Event>>);

impl KafkaEvents {
    /// Starts to read.
    ///
    /// # Errors
    /// The client refuses the brokers' address.
    pub fn follow(brokers: &str) -> anyhow::Result<Self> {
        let options = KafkaOptions::plaintext(brokers, "");
        let seen = Arc::new(Seen::default());
        let publisher = Arc::new(KafkaPublisher::new(&options).context("no client of Kafka")?);
        let consumer = Arc::clone(&seen) as Arc<dyn Consumer>;
        let reader = KafkaConsumer::new(&options, consumer, publisher, ConsumerBounds::default());
        let stop = CancellationToken::new();
        let reading = tokio::spawn(reader.run(stop.clone()));
        Ok(Self { seen, _reading: reading, _stop: stop.drop_guard() })
    }

    /// What has been read so far, in that order.
    ///
    /// # Panics
    /// When the reader has panicked.
    #[must_use]
    pub fn all(&self) -> Vec<Event> {
        self.seen.0.lock().expect("the reader does not panic").clone()
    }
}

#[async_trait]
impl Consumer for Seen {
    fn name(&self) -> &'static str {
        "black-box-tests"
    }

    fn topics(&self) -> &'static [Topic] {
        Topic::ALL
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        let event = Event {
            id: message.id.to_string(),
            topic: message.topic.name().to_owned(),
            key: message.key.clone(),
            tenant: message.tenant.to_string(),
            version: message.version.number(),
            data: message.data.to_string(),
        };
        self.0.lock().expect("nobody panics with it").push(event);
        Ok(())
    }
}
