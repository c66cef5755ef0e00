//! Creating the topics: the brokers make none by themselves, because one made by accident has the wrong settings.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::admin::{
    AdminClient, AdminOptions, NewTopic, OwnedResourceSpecifier, ResourceSpecifier, TopicReplication,
};
use rdkafka::error::RDKafkaErrorCode;
use tender_domain::kernel::Topic;
use tokio::task::spawn_blocking;

use crate::assignment::ANSWER_LIMIT;
use crate::context::LogContext;
use crate::error::KafkaError;
use crate::options::KafkaOptions;

const CREATE_LIMIT: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Dead letters are kept long enough for somebody to look, mend and replay.
const DEAD_LETTER_RETENTION_MILLIS: &str = "7776000000"; // 90 days

/// How topics are laid out that do not exist yet.
#[derive(Debug, Clone, Copy)]
pub struct TopicLayout {
    /// Partitions of a topic: how many processes can share a consumer's work. Keep it: with another number keys go to
    /// other partitions, and their order with what was published before is lost.
    pub partitions: i32,
    /// On how many brokers each message is; unset: three, or as many brokers as there are.
    pub replication: Option<i32>,
}

impl Default for TopicLayout {
    fn default() -> Self {
        Self { partitions: 6, replication: None }
    }
}

/// What the brokers say of themselves.
struct Known {
    brokers: i32,
    /// Topics that can be written to: every partition has a leader.
    led: HashSet<String>,
    named: HashSet<String>,
}

/// Makes sure that these topics and their dead letters exist, each with what it needs: topics of state are compacted,
/// with three replicas two must have a message before it counts. What exists is left as it is. Several processes may
/// do this at once.
///
/// # Errors
/// `Settings`, `Away`; `NotCreated` when the brokers refuse; `WrongCleanup` when an existing topic of state would lose
/// state by age.
pub async fn ensure_topics(
    options: &KafkaOptions,
    layout: TopicLayout,
    topics: &[Topic],
) -> Result<(), KafkaError> {
    let admin: AdminClient<LogContext> =
        options.client().create_with_context(LogContext).map_err(KafkaError::settings)?;
    let admin = Arc::new(admin);
    let known = look(options, &admin).await?;
    let names = options.names();
    let mut wanted: Vec<(String, Kind)> = Vec::with_capacity(topics.len() * 2);
    for topic in topics {
        let kind = if topic.is_compacted() { Kind::State } else { Kind::Events };
        wanted.push((names.topic(*topic), kind));
        wanted.push((names.dead_letters(*topic), Kind::DeadLetters));
    }
    let (there, missing): (Vec<_>, Vec<_>) =
        wanted.into_iter().partition(|(name, _)| known.named.contains(name));
    let states: Vec<&str> =
        there.iter().filter(|(_, kind)| *kind == Kind::State).map(|(n, _)| &**n).collect();
    check_cleanup(options, &admin, &states).await?;
    if missing.is_empty() {
        return Ok(());
    }
    let replication = layout.replication.unwrap_or(known.brokers.clamp(1, 3));
    create(options, &admin, &missing, (layout.partitions, replication)).await?;
    await_leaders(options, &admin, &missing).await
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Events,
    State,
    DeadLetters,
}

async fn create(
    options: &KafkaOptions,
    admin: &AdminClient<LogContext>,
    missing: &[(String, Kind)],
    (partitions, replication): (i32, i32),
) -> Result<(), KafkaError> {
    let described = missing.iter().map(|(name, kind)| {
        let topic = NewTopic::new(name, partitions, TopicReplication::Fixed(replication));
        let topic = if replication >= 3 { topic.set("min.insync.replicas", "2") } else { topic };
        match kind {
            Kind::State => topic.set("cleanup.policy", "compact"),
            Kind::Events => topic.set("cleanup.policy", "delete"),
            Kind::DeadLetters => {
                topic.set("cleanup.policy", "delete").set("retention.ms", DEAD_LETTER_RETENTION_MILLIS)
            }
        }
    });
    let described: Vec<NewTopic<'_>> = described.collect();
    let limits =
        AdminOptions::new().operation_timeout(Some(CREATE_LIMIT)).request_timeout(Some(CREATE_LIMIT));
    let answers = admin.create_topics(&described, &limits).await;
    for answer in answers.map_err(|error| away(options, "creating topics", error.to_string()))? {
        match answer {
            Ok(topic) => tracing::info!(topic, partitions, replication, "created a topic"),
            // Another process was quicker.
            Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((topic, code)) => return Err(KafkaError::NotCreated { topic, reason: code.to_string() }),
        }
    }
    Ok(())
}

/// A topic that was just created can be written to a moment later.
async fn await_leaders(
    options: &KafkaOptions,
    admin: &Arc<AdminClient<LogContext>>,
    created: &[(String, Kind)],
) -> Result<(), KafkaError> {
    let all_led = async {
        loop {
            let known = look(options, admin).await?;
            if created.iter().all(|(name, _)| known.led.contains(name)) {
                return Ok(());
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    };
    let late = || away(options, "creating topics", "their partitions have no leader yet".to_owned());
    tokio::time::timeout(CREATE_LIMIT, all_led).await.unwrap_or_else(|_| Err(late()))
}

async fn look(options: &KafkaOptions, admin: &Arc<AdminClient<LogContext>>) -> Result<Known, KafkaError> {
    let away = |reason: String| away(options, "asking for the topics", reason);
    let asked = Arc::clone(admin);
    let metadata = spawn_blocking(move || {
        let metadata = asked.inner().fetch_metadata(None, ANSWER_LIMIT)?;
        let (mut led, mut named) = (HashSet::new(), HashSet::new());
        for topic in metadata.topics() {
            named.insert(topic.name().to_owned());
            if topic.error().is_none() && topic.partitions().iter().all(|partition| partition.leader() >= 0) {
                led.insert(topic.name().to_owned());
            }
        }
        let brokers = i32::try_from(metadata.brokers().len()).unwrap_or(i32::MAX);
        Ok::<_, rdkafka::error::KafkaError>(Known { brokers, led, named })
    });
    metadata.await.map_err(|error| away(error.to_string()))?.map_err(|error| away(error.to_string()))
}

/// Existing topics of state must not be cleaned up by age.
async fn check_cleanup(
    options: &KafkaOptions,
    admin: &AdminClient<LogContext>,
    states: &[&str],
) -> Result<(), KafkaError> {
    if states.is_empty() {
        return Ok(());
    }
    let asked: Vec<ResourceSpecifier<'_>> =
        states.iter().map(|name| ResourceSpecifier::Topic(name)).collect();
    let limits = AdminOptions::new().request_timeout(Some(ANSWER_LIMIT));
    let answers = admin.describe_configs(&asked, &limits).await;
    let answers = answers.map_err(|error| away(options, "asking for topics' settings", error.to_string()))?;
    for answer in answers {
        let settings = match answer {
            Ok(settings) => settings,
            // A login that may not ask: whoever made the topics for it answers for their settings.
            Err(
                RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::ClusterAuthorizationFailed,
            ) => {
                tracing::warn!(
                    "whether the topics of state are compacted could not be asked: not authorized"
                );
                continue;
            }
            Err(code) => return Err(away(options, "asking for topics' settings", code.to_string())),
        };
        let found = settings.get("cleanup.policy").and_then(|entry| entry.value.clone()).unwrap_or_default();
        if let OwnedResourceSpecifier::Topic(topic) = settings.specifier
            && found != "compact"
        {
            return Err(KafkaError::WrongCleanup { topic, found, wanted: "compact" });
        }
    }
    Ok(())
}

fn away(options: &KafkaOptions, doing: &'static str, reason: String) -> KafkaError {
    KafkaError::Away { doing, brokers: options.brokers.clone(), reason }
}
