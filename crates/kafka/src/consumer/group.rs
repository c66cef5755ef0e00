//! What the group says to a member: which partitions come and go.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer as _, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError as ClientError, KafkaResult};
use rdkafka::{ClientContext, TopicPartitionList};

use super::progress::{Progress, Slot};
use crate::assignment::{positions, slots};
use crate::context;
use crate::names::Names;

/// Keeps the progress of each partition while it is granted, and commits it before the partition goes.
///
/// librdkafka calls this only while the session asks for records, so never while a batch is being handled: when a
/// partition goes, what of it was begun is finished or waits for another try.
pub(crate) struct GroupContext {
    consumer: &'static str,
    names: Names,
    progress: Mutex<Progress>,
}

impl GroupContext {
    pub(super) fn new(consumer: &'static str, names: Names) -> Self {
        Self { consumer, names, progress: Mutex::default() }
    }

    pub(super) fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn revoke(&self, client: &BaseConsumer<Self>, gone: &TopicPartitionList) {
        let last: Vec<(Slot, i64)> = {
            let mut progress = self.progress();
            let gone = slots(&self.names, gone).into_iter();
            gone.filter_map(|slot| Some((slot, progress.revoke(slot)?))).collect()
        };
        // Of partitions that were lost (this process was silent for too long) another one has the say already.
        if last.is_empty() || client.assignment_lost() {
            return;
        }
        if let Err(error) = client.commit(&positions(&self.names, &last), CommitMode::Sync) {
            tracing::warn!(consumer = self.consumer, %error, "the last offsets were not committed; they are repeated");
        }
    }

    fn grant(&self, client: &BaseConsumer<Self>, come: &TopicPartitionList) {
        let mut progress = self.progress();
        for slot in slots(&self.names, come) {
            progress.grant(slot);
        }
        // One that went while it was paused must not stay so.
        if let Err(error) = client.resume(come) {
            tracing::debug!(consumer = self.consumer, %error, "partitions were not resumed");
        }
    }
}

impl ClientContext for GroupContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, text: &str) {
        context::log(level, facility, text);
    }

    fn error(&self, error: ClientError, reason: &str) {
        context::fault(&error, reason);
    }
}

impl ConsumerContext for GroupContext {
    fn pre_rebalance(&self, client: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        if let Rebalance::Revoke(gone) = rebalance {
            tracing::info!(consumer = self.consumer, partitions = gone.count(), "partitions go to others");
            self.revoke(client, gone);
        }
    }

    fn post_rebalance(&self, client: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Assign(come) => {
                tracing::info!(consumer = self.consumer, partitions = come.count(), "partitions come");
                self.grant(client, come);
            }
            Rebalance::Revoke(_) => {}
            Rebalance::Error(error) => tracing::warn!(consumer = self.consumer, %error, "rebalancing failed"),
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, _offsets: &TopicPartitionList) {
        if let Err(error) = result {
            tracing::warn!(consumer = self.consumer, %error, "offsets were not committed; trying with the next");
            metrics::counter!("tender_kafka_commit_failures_total", "consumer" => self.consumer).increment(1);
            self.progress().forget_commits();
        }
    }
}
