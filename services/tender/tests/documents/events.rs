//! The messages that are published today.

use serde_json::{Value, json};
use tender_domain::kernel::{Message, Topic};
use tender_events::{
    AdventuresPaymentProcessed, AlertRaised, ApiKeyChanged, AuditRecorded, ChargebackReceived,
    ChargebackUnmatched, ConnectorChanged, CreditNoteRequested, DisputeCreated, DisputeResolved,
    DisputeUpdated, NotificationRequested, OrderChanged, PaymentAuthorized, PaymentCanceled, PaymentFailed,
    PaymentMethodChanged, PaymentProcessed, PaymentSucceeded, PublicEvent, RefundFailed, RefundProcessed,
    SettingsChanged,
};
use utoipa::ToSchema;
use utoipa::openapi::{RefOr, Schema};

use crate::schemas::sample;
use crate::sources::product;

/// A message: where it is published, by whom, and its schemas.
pub(crate) struct Published {
    pub(crate) topic: Topic,
    pub(crate) source: &'static str,
    pub(crate) name: String,
    pub(crate) schemas: Vec<(String, RefOr<Schema>)>,
    /// Reads a value as the message and writes it again.
    again: fn(Value) -> Result<Value, serde_json::Error>,
}

/// All of them, in the order of the contract.
pub(crate) fn published() -> Vec<Published> {
    vec![
        event::<PaymentAuthorized>(),
        event::<PaymentProcessed>(),
        event::<PaymentFailed>(),
        event::<PaymentCanceled>(),
        event::<PaymentSucceeded>(),
        event::<AdventuresPaymentProcessed>(),
        event::<RefundProcessed>(),
        event::<RefundFailed>(),
        event::<DisputeCreated>(),
        event::<DisputeUpdated>(),
        event::<DisputeResolved>(),
        event::<ChargebackReceived>(),
        event::<ChargebackUnmatched>(),
        event::<CreditNoteRequested>(),
        event::<PaymentMethodChanged>(),
        event::<AuditRecorded>(),
        event::<AlertRaised>(),
        event::<NotificationRequested>(),
        event::<OrderChanged>(),
        event::<ConnectorChanged>(),
        event::<SettingsChanged>(),
        event::<ApiKeyChanged>(),
    ]
}

fn event<E: PublicEvent + ToSchema>() -> Published {
    let name = E::name().into_owned();
    let mut schemas = vec![(name.clone(), E::schema())];
    E::schemas(&mut schemas);
    Published {
        topic: E::TOPIC,
        source: E::SOURCE,
        name,
        schemas,
        again: |value| serde_json::to_value(serde_json::from_value::<E>(value)?),
    }
}

#[test]
fn no_message_of_the_code_is_left_out() {
    let mut topics: Vec<String> = Vec::new();
    for source in product(&["crates"]).iter().filter(|source| source.path.contains("crates/events/src/")) {
        let declared = source.text.split("const TOPIC: Topic = Topic::").skip(1);
        topics.extend(declared.filter_map(|rest| rest.split(';').next()).map(str::to_owned));
        let by_macro =
            source.text.lines().filter_map(|line| line.trim().split_once(" at ")?.0.split_once(" on "));
        topics.extend(by_macro.map(|(_, topic)| topic.to_owned()));
        let by_fields =
            source.text.lines().filter_map(|line| line.trim().split_once(" of \"")?.0.split_once(" is "));
        topics.extend(by_fields.map(|(_, topic)| topic.to_owned()));
    }
    // What the macros themselves say is no topic.
    topics.retain(|topic| !topic.starts_with('$'));
    assert_eq!(topics.len(), published().len(), "the code has messages of {topics:?}");
}

#[test]
fn every_message_can_be_read_back_by_who_follows() {
    for event in published() {
        assert!(
            Message::known_source(event.source).is_some(),
            "{}: its source is not a known one",
            event.topic
        );
        assert_eq!(Topic::find(event.topic.name()), Some(event.topic));
    }
}

#[test]
fn what_is_sent_has_the_fields_of_its_schema_and_no_others() {
    for event in published() {
        let schemas = event.schemas.iter().map(|(name, schema)| (name.clone(), json!(schema)));
        let document = json!({ "components": { "schemas": schemas.collect::<serde_json::Map<_, _>>() } });
        let sent = sample(&document, &json!({ "$ref": format!("#/components/schemas/{}", event.name) }));
        let again =
            (event.again)(sent.clone()).unwrap_or_else(|error| panic!("{}: {error}: {sent}", event.name));
        assert_eq!(again, sent, "{}", event.name);
    }
}
