use std::collections::HashMap;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream;

use crate::kernel::{Message, Topic};

/// One that follows topics: a projection, the ledger, a notifier.
///
/// Delivery is at least once and in order per key; the effect is made exactly once by an inbox entry in the same
/// change as the effect.
#[async_trait]
pub trait Consumer: Send + Sync {
    /// Its name: the consumer group on Kafka, the position's name in an outbox. Never changes.
    fn name(&self) -> &'static str;

    /// What it follows.
    fn topics(&self) -> &'static [Topic];

    /// Handles one message. A duplicate is handled by doing nothing and saying `Ok`.
    ///
    /// # Errors
    /// `Retry` when the fault passes (a store is away), `Poison` when this message can never be handled.
    async fn handle(&self, message: &Message) -> Result<(), HandleError>;
}

/// Why a message was not handled.
#[derive(Debug, Clone, thiserror::Error)]
pub enum HandleError {
    /// Try again later; the messages of the same key wait behind it.
    #[error("try again: {0}")]
    Retry(String),
    /// Never: to the dead letters with the reason, and on to the next.
    #[error("cannot be handled: {0}")]
    Poison(String),
}

/// What became of one message of a batch.
#[derive(Debug)]
pub struct Delivery {
    /// Its place in the batch.
    pub index: usize,
    /// `Ok`, or why not.
    pub result: Result<(), HandleError>,
}

/// Hands a batch to a consumer: keys side by side (at most `concurrency` of them), the messages of one key one after
/// the other. After a `Retry` the rest of that key is not handed over and is reported as `Retry` too.
///
/// The answers come in the order of the batch.
pub async fn deliver(consumer: &dyn Consumer, batch: &[Message], concurrency: usize) -> Vec<Delivery> {
    let mut lanes: Vec<Vec<usize>> = Vec::new();
    let mut lane_of: HashMap<(&str, &str), usize> = HashMap::new();
    for (index, message) in batch.iter().enumerate() {
        let lane = *lane_of.entry((message.tenant.as_str(), &message.key)).or_insert_with(|| {
            lanes.push(Vec::new());
            lanes.len() - 1
        });
        lanes[lane].push(index);
    }
    let mut deliveries: Vec<Delivery> = stream::iter(lanes)
        .map(|lane| deliver_lane(consumer, batch, lane))
        .buffer_unordered(concurrency.max(1))
        .flat_map(stream::iter)
        .collect()
        .await;
    deliveries.sort_unstable_by_key(|delivery| delivery.index);
    deliveries
}

async fn deliver_lane(consumer: &dyn Consumer, batch: &[Message], lane: Vec<usize>) -> Vec<Delivery> {
    let mut done = Vec::with_capacity(lane.len());
    let mut stopped: Option<HandleError> = None;
    for index in lane {
        let result = match &stopped {
            Some(error) => Err(error.clone()),
            None => consumer.handle(&batch[index]).await,
        };
        if let Err(error @ HandleError::Retry(_)) = &result {
            stopped = Some(error.clone());
        }
        done.push(Delivery { index, result });
    }
    done
}
