//! What goes wrong with Kafka, in words for whoever runs it.

use rdkafka::error::{KafkaError as ClientError, RDKafkaErrorCode};
use tender_domain::kernel::Topic;

/// Why something asked of Kafka was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KafkaError {
    /// The client refuses a setting. The value is not shown: it may be a password.
    #[error("the Kafka client refuses {setting}: {problem}")]
    Settings {
        /// As librdkafka names it; `its settings` when it is a combination or a file.
        setting: String,
        /// Why.
        problem: String,
    },
    /// The brokers did not answer, or not in time. It may pass.
    #[error("{doing}: Kafka at {brokers} gave no answer: {reason}")]
    Away {
        /// What was being done.
        doing: &'static str,
        /// Who was asked.
        brokers: String,
        /// What the client says.
        reason: String,
    },
    /// The brokers answered with a refusal.
    #[error("the topic {topic} cannot be created: {reason}")]
    NotCreated {
        /// With the prefix.
        topic: String,
        /// What the brokers say.
        reason: String,
    },
    /// A topic of state that Kafka would clean up by age would lose state.
    #[error(
        "the topic {topic} has cleanup.policy={found} but needs {wanted}; set it with \
         `kafka-configs.sh --alter --entity-type topics --entity-name {topic} --add-config cleanup.policy={wanted}`"
    )]
    WrongCleanup {
        /// With the prefix.
        topic: String,
        /// What it has.
        found: String,
        /// What it needs.
        wanted: &'static str,
    },
    /// A reader of state was given a topic of events.
    #[error("{consumer} reads state from the beginning, but {topic} is not compacted; run it as a group")]
    NotCompacted {
        /// The consumer's name.
        consumer: &'static str,
        /// The topic.
        topic: Topic,
    },
    /// Dead letters of state are old states: published again they would come after newer ones, which compaction would
    /// then drop.
    #[error(
        "{topic} carries state, not events: publishing an old state again would put it over a newer one. Publish the \
         present states from the outbox instead, or start the reader again, which reads every state"
    )]
    StateIsNotReplayed {
        /// The topic.
        topic: Topic,
    },
    /// The topic is not there.
    #[error("the topic {topic} does not exist; the services create their topics when they start")]
    NoTopic {
        /// With the prefix.
        topic: String,
    },
    /// Dead letters were read but could not be published.
    #[error("{done} dead letters were published again, then: {reason}")]
    Interrupted {
        /// How many were.
        done: u64,
        /// What stopped it.
        reason: String,
    },
}

impl KafkaError {
    /// A client could not be made: a bad setting.
    pub(crate) fn settings(error: ClientError) -> Self {
        match error {
            ClientError::ClientConfig(_, problem, setting, _) => Self::Settings { setting, problem },
            other => Self::Settings { setting: "its settings".to_owned(), problem: other.to_string() },
        }
    }
}

/// The code behind a client's error, where it has one.
pub(crate) fn code(error: &ClientError) -> Option<RDKafkaErrorCode> {
    error.rdkafka_error_code()
}
