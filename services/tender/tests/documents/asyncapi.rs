//! `docs/asyncapi.yaml`: the topics that are published, with their headers and bodies.

use serde_json::{Map, Value, json};
use tender_domain::kernel::Topic;

use crate::events::{Published, published};
use crate::repository::{hold_file, read};
use crate::schemas::references;
use crate::sources::literal;
use crate::yaml;

/// What each header says. The names are read from the code that writes them.
const HEADERS: [(&str, &str, bool); 10] = [
    ("ce_id", "The message's id, a UUID: by it a consumer knows a duplicate.", true),
    ("ce_source", "Who says it.", true),
    ("ce_specversion", "The version of CloudEvents.", true),
    ("ce_type", "What happened: the topic's name without a prefix.", true),
    ("ce_time", "When it happened, RFC 3339 in UTC with microseconds.", true),
    ("ce_subject", "The id of what changed.", true),
    ("ce_tenantid", "The tenant whose it is.", true),
    ("ce_aggregateversion", "The version of the aggregate that the message shows, as digits.", true),
    ("ce_traceparent", "The W3C trace context of the request behind it.", false),
    ("content-type", "The body's media type.", true),
];

const ABOUT: &str = "What Tender publishes, as CloudEvents 1.0 in Kafka's binary mode: the attributes are headers, \
    the record's value is the data in JSON. One topic for each type of event; a configured prefix stands before the \
    name. The record key is the intent's id for everything that concerns a payment, else the id of what changed; order \
    is kept for each key within a topic. A message comes at least once: know duplicates by ce_id, and ignore what is \
    older than the version you have. Fields are only ever added. What a consumer of the platform cannot handle is put \
    aside on the topic's name with .dlq after it, as it came, with the reason in further headers.";

/// The names of the headers as the code writes them.
fn written_headers() -> Vec<String> {
    let wire = read("crates/kafka/src/wire.rs");
    let names = wire.lines().filter(|line| line.starts_with("const "));
    let names = names.filter_map(|line| literal(line.split_once(": &str = ")?.1));
    names.map(str::to_owned).collect()
}

fn base_headers() -> Value {
    let property = |name: &str, about: &str| match name {
        "ce_id" => json!({ "type": "string", "format": "uuid", "description": about }),
        "ce_specversion" => json!({ "type": "string", "const": "1.0", "description": about }),
        "ce_time" => json!({ "type": "string", "format": "date-time", "description": about }),
        "ce_aggregateversion" => json!({ "type": "string", "pattern": "^[0-9]+$", "description": about }),
        "content-type" => json!({ "type": "string", "const": "application/json", "description": about }),
        _ => json!({ "type": "string", "description": about }),
    };
    let properties = HEADERS.iter().map(|(name, about, _)| ((*name).to_owned(), property(name, about)));
    let required = HEADERS.iter().filter(|(.., required)| *required).map(|(name, ..)| json!(name));
    json!({
        "type": "object",
        "description": "The attributes of CloudEvents as Kafka headers, all text in UTF-8.",
        "properties": properties.collect::<Map<_, _>>(),
        "required": required.collect::<Value>(),
    })
}

fn message(event: &Published) -> Value {
    json!({
        "name": event.topic.name(),
        "title": event.name,
        "summary": summary(event),
        "contentType": "application/json",
        "headers": { "allOf": [
            { "$ref": "#/components/schemas/CloudEventHeaders" },
            { "type": "object", "properties": {
                "ce_type": { "type": "string", "const": event.topic.name() },
                "ce_source": { "type": "string", "const": event.source },
            } },
        ] },
        "payload": { "$ref": format!("#/components/schemas/{}", event.name) },
        "bindings": { "kafka": { "key": { "type": "string" }, "bindingVersion": "0.5.0" } },
    })
}

/// What its type's documentation says.
fn summary(event: &Published) -> String {
    let schema = json!(event.schemas[0].1);
    let about = schema["description"].as_str().unwrap_or_default().replace('`', "");
    about.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn channel(event: &Published) -> Value {
    let cleanup = if event.topic.is_compacted() { "compact" } else { "delete" };
    let state = if event.topic.is_compacted() { " An empty value is a tombstone." } else { "" };
    json!({
        "address": event.topic.name(),
        "description": format!("{}{state}", summary(event)),
        "messages": { event.name.clone(): { "$ref": format!("#/components/messages/{}", event.name) } },
        "bindings": { "kafka": {
            "topicConfiguration": { "cleanup.policy": [cleanup] }, "bindingVersion": "0.5.0",
        } },
    })
}

fn document() -> Value {
    let events = published();
    let (mut channels, mut operations, mut messages) = (Map::new(), Map::new(), Map::new());
    let mut schemas = Map::from_iter([("CloudEventHeaders".to_owned(), base_headers())]);
    for event in &events {
        channels.insert(event.name.clone(), channel(event));
        let operation = json!({
            "action": "send",
            "summary": format!("Tender publishes to {}.", event.topic.name()),
            "channel": { "$ref": format!("#/channels/{}", event.name) },
            "messages": [{ "$ref": format!("#/channels/{}/messages/{}", event.name, event.name) }],
        });
        operations.insert(format!("publish{}", event.name), operation);
        messages.insert(event.name.clone(), message(event));
        schemas.extend(event.schemas.iter().map(|(name, schema)| (name.clone(), json!(schema))));
    }
    json!({
        "asyncapi": "3.0.0",
        "info": { "title": "Tender events", "version": env!("CARGO_PKG_VERSION"), "description": ABOUT },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": { "messages": messages, "schemas": schemas },
    })
}

#[test]
fn the_file_describes_every_topic_that_is_published() {
    let later = Topic::ALL.iter().filter(|topic| !published().iter().any(|event| event.topic == **topic));
    let later: Vec<&str> = later.map(|topic| topic.name()).collect();
    let text = format!(
        "# Generated from crates/events and crates/kafka: UPDATE_DOCS=1 cargo test -p tender --test documents\n\
         # The platform also creates these topics, to which nothing is published yet:\n# {}\n{}",
        later.chunks(6).map(|line| line.join(", ")).collect::<Vec<_>>().join(",\n# "),
        yaml::document(&document())
    );
    hold_file("docs/asyncapi.yaml", &text);
}

#[test]
fn the_headers_are_those_that_are_written() {
    let mut described: Vec<&str> = HEADERS.iter().map(|(name, ..)| *name).collect();
    let mut written = written_headers();
    written.sort();
    described.sort_unstable();
    assert_eq!(described, written);
}

#[test]
fn every_reference_of_the_file_leads_somewhere() {
    let (document, mut found) = (document(), Vec::new());
    references(&document, "#", &mut found);
    assert!(!found.is_empty());
    for (place, target) in found {
        let there = target.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
        assert!(there.is_some(), "{place} refers to {target}");
    }
}
