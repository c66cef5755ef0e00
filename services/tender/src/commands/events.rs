//! Handing over again: what could not be handled, and what was published before.

use std::sync::Arc;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::Subcommand;
use tender_composition::{database, kafka_options, required};
use tender_domain::kernel::{Message, Topic};
use tender_domain::ports::{HandleError, deliver};
use tender_kafka::{KafkaOptions, KafkaPublisher, KafkaRelay, replay_dead_letters};
use tender_postgres::{OutboxLog, PoolOptions, Position, ReplayedLetters, open_pool, replay_letters};
use tender_settings::Settings;
use uuid::Uuid;

use super::access::{Access, DataArguments};
use super::output::say;

/// How many messages are read from an outbox at once.
const BATCH_MAX: i64 = 500;
/// How many keys are published side by side.
const CONCURRENCY: usize = 64;
/// How the command is called in the outbox.
const NAME: &str = "republish";
/// The schemas that have an outbox.
const SCHEMAS: [&str; 5] = [
    tender_intents_service::SCHEMA,
    tender_vault_service::SCHEMA,
    tender_refunds_service::SCHEMA,
    tender_settlement_service::SCHEMA,
    tender_operations_service::SCHEMA,
];

/// Publishes events again.
#[derive(Debug, Subcommand)]
pub(crate) enum EventsCommand {
    /// Hand dead letters over again, after what made them so was mended
    ///
    /// With Kafka (`kafka.brokers`) those of its topics are published again. Those of the outboxes, which all of the
    /// all-in-one are, go into them again: name its data folder, or a database with `database.url`, as a role that may write
    /// all schemas. Consumers drop what they have handled.
    Replay {
        /// The topic's public name, without the configured prefix; all topics, if it is not said
        #[arg(long, value_parser = topic)]
        topic: Option<Topic>,
        #[command(flatten)]
        data: DataArguments,
    },
    /// Publish again what the outboxes hold of a topic
    ///
    /// Consumers drop what they have handled. `database.url` names the database, as a role that may read all schemas.
    Republish {
        /// The topic's public name, without the configured prefix
        #[arg(long, value_parser = topic)]
        topic: Topic,
        /// Only what happened from then on (RFC 3339: 2026-03-04T12:00:00Z)
        #[arg(long, value_name = "TIME")]
        since: Option<DateTime<Utc>>,
    },
}

fn topic(name: &str) -> Result<Topic, String> {
    Topic::find(name).ok_or_else(|| {
        let names: Vec<&str> = Topic::ALL.iter().map(|topic| topic.name()).collect();
        format!("there is no topic of this name; there are {}", names.join(", "))
    })
}

/// `tender events …`.
pub(crate) async fn perform(command: EventsCommand, settings: &Settings) -> anyhow::Result<()> {
    let brokers = kafka_options(&settings.kafka);
    match command {
        EventsCommand::Replay { topic, data } => {
            let has_outboxes = data.data_dir.is_some() || settings.database.url.is_some();
            if brokers.is_none() && !has_outboxes {
                bail!(
                    "name where dead letters are: the data folder of the all-in-one with --data-dir, Kafka with \
                     kafka.brokers, or a database with database.url"
                );
            }
            if let Some(brokers) = brokers {
                replay_topics(&brokers, topic).await?;
            }
            if has_outboxes { replay_outboxes(&data, settings, topic).await } else { Ok(()) }
        }
        EventsCommand::Republish { topic, since } => {
            let brokers = required(Ok(brokers), "kafka.brokers", "to publish again")?;
            let publisher = Arc::new(KafkaPublisher::new(&brokers)?);
            republish(settings, publisher, topic, since).await
        }
    }
}

async fn replay_topics(brokers: &KafkaOptions, topic: Option<Topic>) -> anyhow::Result<()> {
    let publisher = KafkaPublisher::new(brokers)?;
    let one = topic.as_ref().map(std::slice::from_ref);
    for topic in one.unwrap_or(Topic::ALL) {
        let replayed = replay_dead_letters(brokers, &publisher, *topic).await?;
        if replayed > 0 || one.is_some() {
            say(&format!("{replayed} dead letters of {topic} were published again"))?;
        }
    }
    Ok(())
}

async fn replay_outboxes(
    data: &DataArguments,
    settings: &Settings,
    topic: Option<Topic>,
) -> anyhow::Result<()> {
    let access = Access::open(data, settings).await?;
    let replayed = replay_each(&access, topic).await;
    // Also after a failure: a PostgreSQL that was started for this ends with it.
    access.close().await?;
    replayed
}

async fn replay_each(access: &Access, topic: Option<Topic>) -> anyhow::Result<()> {
    for schema in SCHEMAS {
        let failed = || format!("the dead letters of {schema} cannot be handed over again");
        let few = PoolOptions { min_connections: 0, max_connections: 1, ..PoolOptions::default() };
        let pool = open_pool(&access.as_service(schema), few).await.with_context(failed)?;
        let replayed = replay_letters(&pool, schema, topic).await;
        pool.close().await;
        let ReplayedLetters { replayed, kept } = replayed.with_context(failed)?;
        say(&format!("{replayed} dead letters of {schema} were put into its outbox again"))?;
        if kept > 0 {
            say(&format!(
                "{kept} of {schema} stay: an earlier version kept only a part of them, and the outbox has the rest no longer"
            ))?;
        }
    }
    Ok(())
}

async fn republish(
    settings: &Settings,
    publisher: Arc<KafkaPublisher>,
    topic: Topic,
    since: Option<DateTime<Utc>>,
) -> anyhow::Result<()> {
    let url = required(Ok(settings.database.url.as_ref()), "database.url", "to read the outboxes")?;
    let connect = database::connect_options(&settings.database, url)?;
    let pool = open_pool(&connect, database::pool_options(&settings.database)).await;
    let pool = pool.context("the database cannot be reached")?;
    let at = Topic::ALL.iter().position(|known| *known == topic).context("the topic is one of all")?;
    let topics: &'static [Topic] = &Topic::ALL[at..=at];
    let relay = KafkaRelay::new(publisher);
    let mut published = 0_usize;
    for schema in SCHEMAS {
        // Reads without becoming a follower: the relay that runs goes on undisturbed.
        let log = OutboxLog::new(pool.clone(), schema, NAME, Uuid::nil(), std::time::Duration::ZERO);
        let mut position = Position::default();
        loop {
            let batch = log.read(position, topics, BATCH_MAX).await?.batch;
            let Some((last, _)) = batch.last() else { break };
            position = *last;
            let wanted = |message: &Message| since.is_none_or(|since| message.time >= since);
            let messages: Vec<Message> =
                batch.into_iter().map(|(_, message)| message).filter(wanted).collect();
            published += publish(&relay, &messages).await?;
        }
    }
    say(&format!("{published} messages of {topic} were published again"))
}

/// Publishes a batch, in order per key; says how many.
async fn publish(relay: &KafkaRelay, messages: &[Message]) -> anyhow::Result<usize> {
    for delivery in deliver(relay, messages, CONCURRENCY).await {
        match delivery.result {
            Ok(()) => {}
            Err(HandleError::Retry(reason) | HandleError::Poison(reason)) => {
                bail!("{}: {reason}; run it again, consumers drop duplicates", messages[delivery.index].id)
            }
        }
    }
    Ok(messages.len())
}
