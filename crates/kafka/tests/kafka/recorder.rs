//! A consumer that remembers, and answers as it is told.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tender_domain::kernel::{EventId, Message, Topic};
use tender_domain::ports::{Consumer, HandleError};
use tender_kafka::{KafkaConsumer, KafkaOptions, KafkaPublisher};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::world::bounds;

type Answer = dyn Fn(&Message) -> Result<(), HandleError> + Send + Sync;

pub(crate) struct Recorder {
    name: &'static str,
    topics: &'static [Topic],
    answer: Box<Answer>,
    handled: Mutex<Vec<Message>>,
}

impl Recorder {
    pub(crate) fn new(
        name: &'static str,
        topics: &'static [Topic],
        answer: impl Fn(&Message) -> Result<(), HandleError> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self { name, topics, answer: Box::new(answer), handled: Mutex::default() })
    }

    /// One that handles everything.
    pub(crate) fn willing(name: &'static str, topics: &'static [Topic]) -> Arc<Self> {
        Self::new(name, topics, |_| Ok(()))
    }

    /// What it said `Ok` to, in that order.
    pub(crate) fn handled(&self) -> Vec<Message> {
        self.handled.lock().expect("no test panicked with it").clone()
    }

    pub(crate) fn ids(&self) -> HashSet<EventId> {
        self.handled.lock().expect("no test panicked with it").iter().map(|message| message.id).collect()
    }

    /// Whether it handled each of these, once or more often.
    pub(crate) fn has_all(&self, messages: &[Message]) -> bool {
        let ids = self.ids();
        messages.iter().all(|message| ids.contains(&message.id))
    }

    /// Fails unless the messages of each key came first in the order of their versions; repetitions do not count.
    pub(crate) fn assert_order_per_key(&self) {
        let mut last: HashMap<(Topic, String), i64> = HashMap::new();
        let mut seen = HashSet::new();
        for message in self.handled().into_iter().filter(|message| seen.insert(message.id)) {
            let version = message.version.number();
            let before = last.insert((message.topic, message.key.clone()), version).unwrap_or(0);
            assert!(before < version, "{} of {} came after {before}", version, message.key);
        }
    }

    /// Runs it as a member of its group.
    pub(crate) fn start(
        self: &Arc<Self>,
        options: &KafkaOptions,
        publisher: &Arc<KafkaPublisher>,
    ) -> Running {
        let consumer = Arc::clone(self) as Arc<dyn Consumer>;
        let runner = KafkaConsumer::new(options, consumer, Arc::clone(publisher), bounds());
        let stop = CancellationToken::new();
        Running { task: tokio::spawn(runner.run(stop.clone())), stop }
    }
}

/// A runner in the background.
pub(crate) struct Running {
    task: JoinHandle<()>,
    stop: CancellationToken,
}

impl Running {
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.task.await.expect("ended");
    }
}

#[async_trait]
impl Consumer for Recorder {
    fn name(&self) -> &'static str {
        self.name
    }

    fn topics(&self) -> &'static [Topic] {
        self.topics
    }

    async fn handle(&self, message: &Message) -> Result<(), HandleError> {
        (self.answer)(message)?;
        self.handled.lock().expect("no test panicked with it").push(message.clone());
        Ok(())
    }
}
