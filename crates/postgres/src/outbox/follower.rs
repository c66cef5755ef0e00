//! The loop that hands an outbox to a consumer.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tender_domain::kernel::Message;
use tender_domain::ports::{Consumer, Delivery, HandleError, deliver};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::followed::Followed;
use super::log::{Look, OutboxError, OutboxLog, Position};

/// Bounds of a follower.
#[derive(Debug, Clone, Copy)]
pub struct FollowerOptions {
    /// The most messages of one batch.
    pub batch_max: i64,
    /// How many keys are handled side by side.
    pub concurrency: usize,
    /// How long it waits for news before it looks anyway (another process may have written).
    pub poll: Duration,
    /// How much later than a look the next one is, at least, while there is news and no full batch of ours. The first
    /// message after a quiet time is handed over at once; those that follow come in batches, each with one look, one
    /// commit of the consumer and one position for all of them.
    pub gather: Duration,
    /// Whether another process's lease counts for nothing (the all-in-one holds its data folder alone).
    pub takeover: bool,
}

impl Default for FollowerOptions {
    fn default() -> Self {
        Self {
            batch_max: 1000,
            concurrency: 256,
            poll: Duration::from_millis(200),
            gather: Duration::from_millis(50),
            takeover: false,
        }
    }
}

/// Hands the messages of one outbox to one consumer, in order per key, at least once.
pub struct OutboxFollower {
    log: OutboxLog,
    consumer: Arc<dyn Consumer>,
    news: watch::Receiver<u64>,
    options: FollowerOptions,
}

const RETRY_FIRST: Duration = Duration::from_millis(50);
const RETRY_MOST: Duration = Duration::from_secs(5);

impl OutboxFollower {
    /// A follower that is woken by `news` (see `PgWriter::told`).
    #[must_use]
    pub fn new(
        log: OutboxLog,
        consumer: Arc<dyn Consumer>,
        news: watch::Receiver<u64>,
        options: FollowerOptions,
    ) -> Self {
        Self { log, consumer, news, options }
    }

    /// Follows until stopped. Faults are told, counted and waited out; nothing ends it but `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut pause = RETRY_FIRST;
        while !stop.is_cancelled() {
            let followed = tokio::select! {
                followed = self.follow(&stop) => followed,
                () = stop.cancelled() => return,
            };
            let name = self.consumer.name();
            match followed {
                Ok(()) => return,
                Err(OutboxError::LeaseLost) => tracing::debug!(follower = name, "another process follows"),
                Err(error) => {
                    tracing::warn!(follower = name, %error, "following the outbox failed; trying again");
                    metrics::counter!("tender_follower_failures_total", "follower" => name).increment(1);
                }
            }
            tokio::select! { () = tokio::time::sleep(pause) => {}, () = stop.cancelled() => return }
            pause = (pause * 2).min(RETRY_MOST);
        }
    }

    async fn follow(&mut self, stop: &CancellationToken) -> Result<(), OutboxError> {
        let followed = self.log.acquire(self.options.takeover).await?;
        let mut followed = followed.ok_or(OutboxError::LeaseLost)?;
        let mut done = BTreeSet::new();
        // Whether the last look, which found nothing, was for news.
        let mut is_told = false;
        while !stop.is_cancelled() {
            followed.keep_lease().await?;
            self.news.mark_unchanged();
            let looked = Instant::now();
            let Look { batch, horizon } =
                followed.read(self.consumer.topics(), self.options.batch_max).await?;
            if batch.is_empty() {
                // There is nothing of our topics up to the horizon: others' rows are passed over once, not at every
                // look.
                followed.pass(horizon);
                // Below the horizon of a running commit there may be news in a moment; otherwise wait to be told. News
                // upon news that was none of our topics' is most likely none of theirs either.
                let was_told = is_told;
                is_told = tokio::time::timeout(self.options.poll, self.news.changed()).await.is_ok();
                if was_told && is_told {
                    tokio::time::sleep_until(looked + self.options.gather).await;
                }
                continue;
            }
            is_told = false;
            let is_full = i64::try_from(batch.len()).unwrap_or(i64::MAX) >= self.options.batch_max;
            let waits = self.hand_over(batch, &mut followed, &mut done).await?;
            if let Some(reason) = waits {
                tracing::warn!(follower = self.consumer.name(), reason, "a message has to wait");
                tokio::time::sleep(Duration::from_millis(500)).await;
            } else if !is_full {
                tokio::time::sleep_until(looked + self.options.gather).await;
            }
        }
        Ok(())
    }

    /// Hands over what of a batch is not `done`, and goes on to before the first message that has to wait; says why it
    /// has. What was done behind it is remembered here, so that it is not done again as often as that one is tried.
    async fn hand_over(
        &mut self,
        batch: Vec<(Position, Message)>,
        followed: &mut Followed,
        done: &mut BTreeSet<Position>,
    ) -> Result<Option<String>, OutboxError> {
        let all: Vec<Position> = batch.iter().map(|(position, _)| *position).collect();
        let (positions, messages): (Vec<_>, Vec<_>) =
            batch.into_iter().filter(|(position, _)| !done.contains(position)).unzip();
        let mut waits = None;
        for Delivery { index, result } in self.deliver(&messages, followed).await? {
            match result {
                Ok(()) => {}
                Err(HandleError::Poison(reason)) => {
                    tracing::error!(follower = self.consumer.name(), message = %messages[index].id, reason, "put a message aside");
                    metrics::counter!("tender_dead_letters_total", "follower" => self.consumer.name())
                        .increment(1);
                    followed.bury(&messages[index], &reason).await?;
                }
                Err(HandleError::Retry(reason)) => {
                    waits = waits.or(Some(reason));
                    continue;
                }
            }
            done.insert(positions[index]);
        }
        let last = all.into_iter().take_while(|position| done.contains(position)).last();
        if let Some(last) = last {
            followed.advance(last).await?;
            done.retain(|position| *position > last);
        }
        Ok(waits)
    }

    /// Hands a batch over, and keeps the lease for as long as that takes: another process that followed meanwhile would
    /// break the order of a key. Who has lost the lease all the same stops where it is.
    async fn deliver(
        &self,
        messages: &[Message],
        followed: &mut Followed,
    ) -> Result<Vec<Delivery>, OutboxError> {
        let mut handed = pin!(deliver(&*self.consumer, messages, self.options.concurrency));
        loop {
            tokio::select! {
                deliveries = &mut handed => return Ok(deliveries),
                () = tokio::time::sleep(followed.lease() / 3) => followed.renew().await?,
            }
        }
    }
}
