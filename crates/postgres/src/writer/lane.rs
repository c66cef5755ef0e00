//! The writer's lanes: queues, gathering, splitting.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tender_domain::kernel::{Change, CommitError, Committed, Lane};
use tender_fail_points::before_commit;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::batch::{Fit, Gatherer, Prepared};
use super::connection::{LaneConnection, Outcome, WriterError};
use super::refusal::Hope;
use super::table::Schema;

/// Bounds of a writer.
#[derive(Debug, Clone, Copy)]
pub struct WriterOptions {
    /// The most changes of one batch of the foreground lane.
    pub batch_max: usize,
    /// The most changes that wait in the foreground lane; more are told `Overloaded`.
    pub queue_max: usize,
    /// The most changes of one batch of the background lane.
    pub background_batch_max: usize,
    /// The most changes that wait in the background lane; whoever has more waits.
    pub background_queue_max: usize,
    /// How long a batch may run.
    pub statement_timeout: Duration,
    /// How long a batch waits for a row that somebody else holds. Then those of its items that need no such row are found
    /// and written, which takes as long again at most; the others are told `Unavailable`.
    pub lock_timeout: Duration,
    /// How long a lost answer is looked up before `Unresolved` is said.
    pub resolve_within: Duration,
}

impl Default for WriterOptions {
    fn default() -> Self {
        Self {
            batch_max: 512,
            queue_max: 4096,
            background_batch_max: 512,
            background_queue_max: 4096,
            statement_timeout: Duration::from_secs(15),
            lock_timeout: Duration::from_secs(2),
            resolve_within: Duration::from_secs(20),
        }
    }
}

/// The most that a lane looks over for one batch, in batches: many that wait for one key must neither hold up the rest nor
/// be gone through for ever.
const ROOM_BATCHES: usize = 4;

/// By how much shorter than `lock_timeout` the parts of a batch wait that waited so long for what somebody holds. Together
/// they are looked through for no longer than `lock_timeout` either, so that one batch holds up its lane for some two of them.
const IMPATIENCE: u32 = 20;

/// A change in the queue, with its rows listed on the caller's task.
struct Waiting {
    item: Prepared,
    reply: oneshot::Sender<Result<Committed, CommitError>>,
}

/// The batched commit of one schema. Cheap to clone; the lanes end when the last clone is dropped, after what is queued.
pub struct PgWriter<S: Schema> {
    schema: Arc<S>,
    foreground: mpsc::Sender<Waiting>,
    background: mpsc::Sender<Waiting>,
    told: watch::Sender<u64>,
}

impl<S: Schema> Clone for PgWriter<S> {
    fn clone(&self) -> Self {
        Self {
            schema: Arc::clone(&self.schema),
            foreground: self.foreground.clone(),
            background: self.background.clone(),
            told: self.told.clone(),
        }
    }
}

impl<S: Schema> PgWriter<S> {
    /// Connects both lanes as the service's role and starts their tasks.
    ///
    /// # Errors
    /// When the database cannot be reached or the schema was not migrated.
    pub async fn open(
        schema: S,
        connect: &PgConnectOptions,
        options: WriterOptions,
    ) -> Result<Self, WriterError> {
        let schema = Arc::new(schema);
        let told = watch::Sender::new(0);
        let mut senders = Vec::with_capacity(2);
        for (lane, batch_max, queue_max) in [
            ("foreground", options.batch_max, options.queue_max),
            ("background", options.background_batch_max, options.background_queue_max),
        ] {
            let name = format!("tender {} {lane} writer", schema.name());
            let connect = connect.clone().application_name(&name);
            let connection = LaneConnection::open(connect, schema.name(), schema.tables(), options).await?;
            let (sender, receiver) = mpsc::channel(queue_max);
            let task = LaneTask {
                schema: schema.name(),
                connection,
                receiver,
                deferred: VecDeque::new(),
                batch_max,
                told: told.clone(),
                lane,
            };
            tokio::spawn(task.run());
            senders.push(sender);
        }
        let (background, foreground) = (senders.pop(), senders.pop());
        let both = foreground.zip(background);
        let (foreground, background) = both.expect("two lanes were opened");
        Ok(Self { schema, foreground, background, told })
    }

    /// Changes after a batch with messages was committed, so that followers of the outbox need not poll.
    #[must_use]
    pub fn told(&self) -> watch::Receiver<u64> {
        self.told.subscribe()
    }

    /// Commits a change in its lane.
    ///
    /// # Errors
    /// See [`CommitError`].
    pub async fn commit(&self, change: Change<S::Write>) -> Result<Committed, CommitError> {
        let (reply, answer) = oneshot::channel();
        let stopped = || CommitError::Unavailable("the writer has stopped".into());
        let (lane, reached) = (change.lane, before_commit(self.schema.name(), &change));
        let waiting = Waiting { item: Prepared::of(&*self.schema, change), reply };
        match lane {
            Lane::Foreground => self.foreground.try_send(waiting).map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => CommitError::Overloaded,
                mpsc::error::TrySendError::Closed(_) => stopped(),
            })?,
            Lane::Background => self.background.send(waiting).await.map_err(|_| stopped())?,
        }
        // A dropped reply is a lane that panicked in the middle of a batch: nothing is known.
        let answer = answer.await.unwrap_or(Err(CommitError::Unresolved));
        if answer.is_ok() {
            reached.done();
        }
        answer
    }
}

struct LaneTask {
    schema: &'static str,
    connection: LaneConnection,
    receiver: mpsc::Receiver<Waiting>,
    /// Changes that could not go with the last batch; they go first with the next.
    deferred: VecDeque<Waiting>,
    batch_max: usize,
    told: watch::Sender<u64>,
    lane: &'static str,
}

impl LaneTask {
    async fn run(mut self) {
        loop {
            if self.deferred.is_empty() {
                match self.receiver.recv().await {
                    Some(waiting) => self.deferred.push_back(waiting),
                    None => break,
                }
            }
            // What waits for its key or claim does not take the place of what could go now.
            let room =
                (self.deferred.len() + self.batch_max).min(self.batch_max.saturating_mul(ROOM_BATCHES));
            while self.deferred.len() < room {
                match self.receiver.try_recv() {
                    Ok(waiting) => self.deferred.push_back(waiting),
                    Err(_) => break,
                }
            }
            let batch = self.gather();
            metrics::histogram!("tender_commit_batch_size", "schema" => self.schema, "lane" => self.lane)
                .record(u32::try_from(batch.len()).unwrap_or(u32::MAX));
            self.write(batch).await;
        }
        self.connection.close().await;
    }

    /// The items that can go together; the rest waits or has lost.
    fn gather(&mut self) -> Vec<Waiting> {
        let mut gatherer = Gatherer::default();
        let mut batch = Vec::with_capacity(self.deferred.len().min(self.batch_max));
        let mut left = VecDeque::new();
        for waiting in self.deferred.drain(..) {
            if batch.len() >= self.batch_max {
                left.push_back(waiting);
                continue;
            }
            match gatherer.fit(&waiting.item) {
                Fit::Fits => batch.push(waiting),
                Fit::Waits => left.push_back(waiting),
                Fit::Loses => answer(waiting, Err(CommitError::Conflict)),
            }
        }
        self.deferred = left;
        batch
    }

    async fn write(&mut self, batch: Vec<Waiting>) {
        if let Err(error) = self.connection.ensure_registered().await {
            let error = CommitError::Unavailable(error.to_string());
            batch.into_iter().for_each(|waiting| answer(waiting, Err(error.clone())));
            return;
        }
        // Parts still to be written, those first that may be written soon.
        let mut parts = VecDeque::from([(batch, 0_u8)]);
        // Since when it is known that somebody holds what one of them needs.
        let mut held: Option<Instant> = None;
        let full = self.connection.lock_timeout();
        while let Some((part, tries)) = parts.pop_front() {
            let patience = if held.is_some() { impatient(full) } else { full };
            let items: Vec<&Prepared> = part.iter().map(|waiting| &waiting.item).collect();
            let (error, hope) = match self.connection.execute(&items, patience).await {
                Outcome::Done(results) => {
                    self.settle(part, results);
                    continue;
                }
                Outcome::Refused { error, hope } => (error, hope),
            };
            match hope {
                Hope::Again if tries < 2 => parts.push_front((part, tries + 1)),
                Hope::Again | Hope::Halves if part.len() > 1 => {
                    tracing::warn!(schema = self.schema, items = part.len(), %error, "a batch was refused; splitting it");
                    let (half, rest) = halves(part);
                    parts.push_front((rest, 1));
                    parts.push_front((half, 1));
                }
                Hope::Unheld if part.len() > 1 && held.is_none_or(|since| since.elapsed() < full) => {
                    held.get_or_insert_with(Instant::now);
                    // Behind the others: who needs nothing that is held does not wait for who does to be found.
                    let (half, rest) = halves(part);
                    parts.extend([(half, 1), (rest, 1)]);
                }
                _ => {
                    if hope == Hope::Unheld {
                        tracing::warn!(schema = self.schema, items = part.len(), %error, "what changes need is held by another session");
                        metrics::counter!("tender_commit_held_total", "schema" => self.schema)
                            .increment(part.len() as u64);
                    }
                    part.into_iter().for_each(|waiting| answer(waiting, Err(error.clone())));
                }
            }
        }
    }

    /// Answers the items of a part that was written.
    fn settle(&self, part: Vec<Waiting>, results: Vec<Result<Committed, CommitError>>) {
        let tells = part.iter().zip(&results).any(|(waiting, result)| result.is_ok() && waiting.item.tells());
        for (waiting, result) in part.into_iter().zip(results) {
            answer(waiting, result);
        }
        if tells {
            self.told.send_modify(|batches| *batches += 1);
        }
    }
}

/// How long a part waits of which it is known that others hold what an item needs; never 0, which would be for ever.
fn impatient(patience: Duration) -> Duration {
    (patience / IMPATIENCE).max(Duration::from_millis(1))
}

fn halves(mut part: Vec<Waiting>) -> (Vec<Waiting>, Vec<Waiting>) {
    let rest = part.split_off(part.len() / 2);
    (part, rest)
}

fn answer(waiting: Waiting, result: Result<Committed, CommitError>) {
    // The caller may have gone; what is committed stays committed.
    let _ = waiting.reply.send(result);
}
