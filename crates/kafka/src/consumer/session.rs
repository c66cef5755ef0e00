//! One membership of a group: read what is there, hand it over, commit what is done.

use std::time::Instant;

use futures_util::StreamExt as _;
use rdkafka::consumer::{CommitMode, Consumer as _, StreamConsumer};
use rdkafka::error::{KafkaError as ClientError, KafkaResult, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message as _};
use tender_domain::kernel::Message;
use tender_domain::ports::{HandleError, deliver};
use tokio_util::sync::CancellationToken;

use super::backlog::{Backlog, Settled};
use super::group::GroupContext;
use super::progress::{Grant, Slot};
use super::runner::KafkaConsumer;
use crate::assignment::{partitions, positions};
use crate::dead_letters::{Place, bury};
use crate::trace::Traced;
use crate::wire::{WireRecord, decode};

pub(super) struct Session<'a> {
    of: &'a KafkaConsumer,
    client: &'a StreamConsumer<GroupContext>,
    backlog: Backlog<Taken>,
}

/// A record that was taken up.
struct Taken {
    slot: Slot,
    grant: Grant,
    offset: i64,
    content: Content,
}

enum Content {
    Message(Message),
    /// Not a message of ours, and why.
    Bad(WireRecord, String),
}

impl<'a> Session<'a> {
    pub(super) fn new(of: &'a KafkaConsumer, client: &'a StreamConsumer<GroupContext>) -> Self {
        let backlog = Backlog::new(of.bounds.retry_first, of.bounds.retry_most);
        Self { of, client, backlog }
    }

    /// Follows until stopped, or until the client has to be made anew.
    pub(super) async fn follow(mut self, stop: &CancellationToken) -> Result<(), String> {
        let (of, client) = (self.of, self.client);
        // Taken as each is read: partitions come and go while the next one is read, and a record that was read before
        // its partition went must not count to the grant with which it comes back.
        let taken = client.stream().map(|record| take(of, client, record?));
        let mut incoming = taken.ready_chunks(of.bounds.batch_max.max(1));
        while !stop.is_cancelled() {
            let chunk = tokio::select! {
                biased;
                () = stop.cancelled() => break,
                () = until(self.backlog.next_due()) => Vec::new(),
                chunk = incoming.next() => chunk.ok_or("the stream of records ended")?,
            };
            let batch = self.take_up(chunk)?;
            if batch.is_empty() {
                continue;
            }
            let failed = self.hand_over(batch).await;
            let settled = self.backlog.settle(failed, Instant::now());
            self.pause_and_resume(&settled);
            self.commit();
        }
        Ok(())
    }

    /// What of a chunk is to be handled now, with what is due from before.
    fn take_up(&mut self, chunk: Vec<KafkaResult<Option<Taken>>>) -> Result<Vec<Taken>, String> {
        let mut batch = Vec::with_capacity(chunk.len());
        let mut broken = Ok(());
        {
            let progress = self.client.context().progress();
            self.backlog.retain(|slot, grant| progress.holds(slot, grant));
            for taken in chunk {
                match taken {
                    Ok(Some(taken)) if progress.holds(taken.slot, taken.grant) => {
                        batch.extend(self.backlog.line_up(taken.slot, taken.grant, taken));
                    }
                    Ok(_) => {}
                    Err(error) => broken = broken.and(endure(self.of.consumer.name(), &error)),
                }
            }
        }
        broken?;
        batch.extend(self.backlog.take_due(Instant::now()));
        Ok(batch)
    }

    /// Handles a batch; gives what has to be tried again.
    async fn hand_over(&self, batch: Vec<Taken>) -> Vec<(Slot, Grant, Taken)> {
        let name = self.of.consumer.name();
        let (mut places, mut messages, mut bad) = (Vec::new(), Vec::new(), Vec::new());
        for Taken { slot, grant, offset, content } in batch {
            match content {
                Content::Message(message) => {
                    places.push((slot, grant, offset));
                    messages.push(message);
                }
                Content::Bad(record, reason) => bad.push(((slot, grant, offset), record, reason)),
            }
        }
        let mut failed = Vec::new();
        for (place, record, reason) in bad {
            let content = Content::Bad(record, reason);
            failed.extend(self.put_aside(place, content).await);
        }
        let deliveries = deliver(&Traced(&*self.of.consumer), &messages, self.of.bounds.concurrency).await;
        metrics::counter!("tender_events_consumed_total", "consumer" => name)
            .increment(messages.len() as u64);
        let mut told = false;
        for ((place, message), delivery) in places.into_iter().zip(messages).zip(deliveries) {
            match delivery.result {
                Ok(()) => self.finish(place),
                Err(HandleError::Poison(reason)) => {
                    let record = WireRecord::of(&message);
                    failed.extend(self.put_aside(place, Content::Bad(record, reason)).await);
                }
                Err(HandleError::Retry(reason)) => {
                    if !std::mem::replace(&mut told, true) {
                        tracing::warn!(consumer = name, message = %message.id, reason, "a message has to wait");
                    }
                    metrics::counter!("tender_consumer_retries_total", "consumer" => name).increment(1);
                    failed.push(waiting(place, Content::Message(message)));
                }
            }
        }
        failed
    }

    /// Puts a record that can never be handled to the dead letters; gives it back when they do not take it now.
    async fn put_aside(
        &self,
        (slot, grant, offset): (Slot, Grant, i64),
        content: Content,
    ) -> Option<(Slot, Grant, Taken)> {
        let Content::Bad(record, reason) = content else { return None };
        let place = Place { topic: slot.0, partition: slot.1, offset };
        let name = self.of.consumer.name();
        match bury(&self.of.publisher, &self.of.names, name, place, (record.clone(), &reason)).await {
            Ok(()) => {
                self.finish((slot, grant, offset));
                None
            }
            Err(error) => {
                tracing::warn!(consumer = name, %error, "a dead letter has to wait");
                Some(waiting((slot, grant, offset), Content::Bad(record, reason)))
            }
        }
    }

    fn finish(&self, (slot, grant, offset): (Slot, Grant, i64)) {
        self.client.context().progress().finish(slot, grant, offset);
    }

    fn pause_and_resume(&self, settled: &Settled) {
        let names = &self.of.names;
        let paused = self.client.pause(&partitions(names, &settled.pause));
        let resumed = self.client.resume(&partitions(names, &settled.resume));
        for error in [paused, resumed].into_iter().filter_map(Result::err) {
            // What comes of a partition that was to be paused lines up behind what waits: order is kept without it.
            tracing::debug!(consumer = self.of.consumer.name(), %error, "pausing or resuming failed");
        }
    }

    /// Asks the brokers to keep what is done. Without waiting: what is not kept is repeated, and consumers know it.
    fn commit(&self) {
        let moved = self.client.context().progress().take_moved();
        if moved.is_empty() {
            return;
        }
        if let Err(error) = self.client.commit(&positions(&self.of.names, &moved), CommitMode::Async) {
            tracing::warn!(consumer = self.of.consumer.name(), %error, "offsets were not committed");
            self.client.context().progress().forget_commits();
        }
    }
}

/// Takes a record up: none when its partition is not ours any more, or it was taken up before.
fn take(
    of: &KafkaConsumer,
    client: &StreamConsumer<GroupContext>,
    record: BorrowedMessage<'_>,
) -> KafkaResult<Option<Taken>> {
    let Some(topic) = of.names.find(record.topic()) else { return Ok(None) };
    let (slot, offset) = ((topic, record.partition()), record.offset());
    let Some(grant) = client.context().progress().begin(slot, offset) else { return Ok(None) };
    let content = match decode(topic, &record) {
        Ok(message) => Content::Message(message),
        Err(bad) => Content::Bad(WireRecord::copy_of(&record), bad.to_string()),
    };
    Ok(Some(Taken { slot, grant, offset, content }))
}

fn waiting((slot, grant, offset): (Slot, Grant, i64), content: Content) -> (Slot, Grant, Taken) {
    (slot, grant, Taken { slot, grant, offset, content })
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}

/// Tells a fault of the client; `Err` when the client has to be made anew, else it goes on by itself.
pub(crate) fn endure(consumer: &'static str, error: &ClientError) -> Result<(), String> {
    let gone = matches!(
        error,
        ClientError::MessageConsumptionFatal(_)
            | ClientError::MessageConsumption(
                RDKafkaErrorCode::UnknownTopicOrPartition
                    | RDKafkaErrorCode::UnknownTopic
                    | RDKafkaErrorCode::TopicAuthorizationFailed
                    | RDKafkaErrorCode::GroupAuthorizationFailed
            )
    );
    if gone {
        return Err(error.to_string());
    }
    tracing::warn!(consumer, %error, "reading from Kafka has trouble");
    Ok(())
}
