//! The relay: what follows an outbox and publishes it.

use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::kernel::{Message, Topic};
use tender_domain::ports::{Consumer, HandleError};

use crate::publisher::{KafkaPublisher, PublishError};

/// A consumer of an outbox that puts every message on its topic.
///
/// The follower hands the messages of one key one after the other and waits for each, so the order per key is the
/// outbox's own. What was not acknowledged is handed over again: at least once.
pub struct KafkaRelay {
    publisher: Arc<KafkaPublisher>,
}

impl KafkaRelay {
    /// A relay that publishes by `publisher`.
    #[must_use]
    pub fn new(publisher: Arc<KafkaPublisher>) -> Self {
        Self { publisher }
    }
}

#[async_trait]
impl Consumer for KafkaRelay {
    fn name(&self) -> &'static str {
        "kafka-relay"
    }

    fn topics(&self) -> &'static [Topic] {
        Topic::ALL
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        match self.publisher.publish(message).await {
            Ok(()) => Ok(()),
            Err(error @ PublishError::Unacknowledged { .. }) => Err(HandleError::Retry(error.to_string())),
            Err(error @ PublishError::Refused { .. }) => Err(HandleError::Poison(error.to_string())),
        }
    }
}
