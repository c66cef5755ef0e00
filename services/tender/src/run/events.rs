//! Who follows whom: in the process over the outboxes, or over Kafka when there are brokers.

use std::sync::Arc;

use tender_composition::{Background, Following, KafkaEvents, Outbox, Part};
use tender_domain::kernel::Topic;
use tender_domain::ports::Consumer;

/// What carries the events.
pub(super) struct Carriers {
    /// Reads the outboxes.
    pub(super) following: Following,
    /// The brokers, if there are any.
    pub(super) kafka: Option<KafkaEvents>,
}

/// One that follows one outbox.
pub(super) struct Follow {
    pub(super) outbox: Outbox,
    pub(super) consumer: Arc<dyn Consumer>,
}

/// All that follow, and all outboxes.
pub(super) struct Follows {
    pub(super) outboxes: Vec<Outbox>,
    pub(super) list: Vec<Follow>,
}

/// Who follows whose outbox: with brokers a relay each, without them the consumers themselves, each the outboxes that
/// tell of its topics.
pub(super) fn follows(parts: &[Part], outboxes: &[Outbox], kafka: Option<&KafkaEvents>) -> Follows {
    let list = match kafka {
        Some(kafka) => {
            let relay = |outbox: &Outbox| Follow { outbox: outbox.clone(), consumer: kafka.relay() };
            outboxes.iter().map(relay).collect()
        }
        None => {
            parts.iter().flat_map(|part| &part.consumers).flat_map(|each| tellers(each, outboxes)).collect()
        }
    };
    Follows { outboxes: outboxes.to_vec(), list }
}

fn tellers(consumer: &Arc<dyn Consumer>, outboxes: &[Outbox]) -> Vec<Follow> {
    let tells = |outbox: &&Outbox| consumer.topics().iter().any(|topic| tells_of(outbox.schema, *topic));
    let follow = |outbox: &Outbox| Follow { outbox: outbox.clone(), consumer: Arc::clone(consumer) };
    outboxes.iter().filter(tells).map(follow).collect()
}

/// Whether a service may tell of a topic. Where several may, all of their outboxes are followed.
fn tells_of(service: &str, topic: Topic) -> bool {
    let only = match topic {
        Topic::PAYMENT_AUTHORIZED
        | Topic::PAYMENT_PROCESSED
        | Topic::PAYMENT_FAILED
        | Topic::PAYMENT_CANCELED
        | Topic::PAYMENT_SUCCEEDED
        | Topic::ORDER_CHANGED
        | Topic::CONNECTOR_CHANGED => "intents",
        Topic::REFUND_PROCESSED
        | Topic::REFUND_FAILED
        | Topic::DISPUTE_CREATED
        | Topic::DISPUTE_UPDATED
        | Topic::DISPUTE_RESOLVED
        | Topic::CHARGEBACK_RECEIVED
        | Topic::CHARGEBACK_UNMATCHED => "refunds",
        Topic::PAYMENT_METHOD_CHANGED => "vault",
        Topic::SETTLEMENT_IMPORTED
        | Topic::RECONCILIATION_COMPLETED
        | Topic::PAYOUT_CHANGED
        | Topic::MERCHANT_ACCOUNT_CHANGED => "settlement",
        Topic::API_KEY_CHANGED | Topic::SETTINGS_CHANGED | Topic::ROLE_CHANGED => "operations",
        _ => return true,
    };
    service == only
}

impl Carriers {
    /// Begins everything that follows, until the process ends.
    pub(super) fn begin(&self, background: &Background, parts: &[Part], follows: &Follows) {
        for follow in &follows.list {
            self.following.begin(background, &follow.outbox, Arc::clone(&follow.consumer));
        }
        if let Some(kafka) = &self.kafka {
            for consumer in parts.iter().flat_map(|part| &part.consumers) {
                kafka.consume(background, Arc::clone(consumer));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_that_is_followed_in_the_process_is_told_by_somebody() {
        let services = ["intents", "vault", "refunds", "settlement", "operations"];
        for topic in Topic::ALL {
            assert!(services.iter().any(|service| tells_of(service, *topic)), "{topic}");
        }
    }
}
