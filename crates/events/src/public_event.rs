//! What all public messages have in common.

use serde::Serialize;
use serde::de::DeserializeOwned;
use tender_domain::kernel::{Currency, EventId, Message, Money, TenantId, Timestamp, Topic, Version};

use rust_decimal::Decimal;

/// What the use case adds to an event when it becomes a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The message's id, new.
    pub id: EventId,
    /// The trace context of the request behind it.
    pub traceparent: Option<String>,
}

/// The message cannot be understood: it never will be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("message {id} of topic {topic} cannot be read: {problem}")]
pub struct UnreadableEvent {
    /// The message.
    pub id: EventId,
    /// Its topic.
    pub topic: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

/// A message of the public contract.
pub trait PublicEvent: Serialize + DeserializeOwned {
    /// Its topic.
    const TOPIC: Topic;
    /// Who says it, as in `/tender/intents`.
    const SOURCE: &'static str;

    /// The record key: order is kept among messages of one key.
    fn key(&self) -> String;

    /// The id of what changed.
    fn subject(&self) -> String;

    /// Whose it is.
    fn tenant(&self) -> &TenantId;

    /// When it happened.
    fn time(&self) -> Timestamp;

    /// The version of the aggregate that it shows.
    fn version(&self) -> Version;

    /// The amount, in both forms, if it has one: they must agree.
    fn amounts(&self) -> Option<(Decimal, i64, Currency)>;

    /// The message for the outbox.
    fn into_message(self, envelope: Envelope) -> Message {
        let data = serde_json::to_string(&self).expect("structs of strings and numbers are always JSON");
        Message {
            id: envelope.id,
            topic: Self::TOPIC,
            key: self.key(),
            subject: self.subject(),
            tenant: self.tenant().clone(),
            source: Self::SOURCE,
            time: self.time(),
            version: self.version(),
            traceparent: envelope.traceparent,
            data: data.into(),
        }
    }

    /// What the message says.
    ///
    /// # Errors
    /// When it is of another topic, is no such JSON, names another tenant than its envelope, or gives two amounts that
    /// differ.
    fn from_message(message: &Message) -> Result<Self, UnreadableEvent> {
        let unreadable =
            |problem: String| UnreadableEvent { id: message.id, topic: message.topic.name(), problem };
        if message.topic != Self::TOPIC {
            return Err(unreadable(format!("it is not of topic {}", Self::TOPIC)));
        }
        let event: Self =
            serde_json::from_str(&message.data).map_err(|error| unreadable(error.to_string()))?;
        if *event.tenant() != message.tenant {
            return Err(unreadable(format!(
                "it is of tenant {} in a message of tenant {}",
                event.tenant(),
                message.tenant
            )));
        }
        if let Some((amount, minor, currency)) = event.amounts()
            && Money::from_decimal(amount, currency) != Ok(Money::new(minor, currency))
        {
            return Err(unreadable(format!("amount {amount} and amountMinor {minor} of {currency} differ")));
        }
        Ok(event)
    }
}

/// What makes a struct a [`PublicEvent`]: its topic and source, which of its fields are the record's key, what changed and
/// when, and `amount` when it has one, in `amount`, `amount_minor` and `currency`.
macro_rules! public_event {
    ($name:ident is $topic:ident of $source:literal: key $key:ident, subject $subject:ident, at $at:ident $(, $amount:ident)?) => {
        impl $crate::PublicEvent for $name {
            const TOPIC: tender_domain::kernel::Topic = tender_domain::kernel::Topic::$topic;
            const SOURCE: &'static str = $source;

            fn key(&self) -> String {
                self.$key.to_string()
            }

            fn subject(&self) -> String {
                self.$subject.to_string()
            }

            fn tenant(&self) -> &tender_domain::kernel::TenantId {
                &self.tenant_id
            }

            fn time(&self) -> tender_domain::kernel::Timestamp {
                self.$at
            }

            fn version(&self) -> tender_domain::kernel::Version {
                self.version
            }

            fn amounts(&self) -> Option<(rust_decimal::Decimal, i64, tender_domain::kernel::Currency)> {
                public_event!(@amounts self $($amount)?)
            }
        }
    };
    (@amounts $event:ident amount) => {
        Some(($event.amount, $event.amount_minor, $event.currency))
    };
    (@amounts $event:ident) => {
        None
    };
}

pub(crate) use public_event;

/// An exact decimal in JSON, as a number and never through a float: `#[serde(with = "exact_amount")]`.
pub mod exact_amount {
    pub use rust_decimal::serde::arbitrary_precision::{deserialize, serialize};
    use utoipa::openapi::{Object, ObjectBuilder, Type};

    /// How it is described: `#[schema(schema_with = exact_amount::schema)]`.
    #[must_use]
    pub fn schema() -> Object {
        ObjectBuilder::new()
            .schema_type(Type::Number)
            .description(Some("An amount in major units, an exact decimal: never read it into a float."))
            .build()
    }
}
