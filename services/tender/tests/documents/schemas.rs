//! JSON schemas: references, and a value that fits.

use serde_json::{Map, Value, json};

/// Every `$ref` of a document, with where it is.
pub(crate) fn references(value: &Value, place: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                match (key.as_str(), member) {
                    ("$ref", Value::String(target)) => found.push((place.to_owned(), target.clone())),
                    _ => references(member, &format!("{place}/{}", key.replace('/', "~1")), found),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                references(item, &format!("{place}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// The schema behind its references.
pub(crate) fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        None => schema,
        Some(target) => {
            let found = target.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
            resolve(document, found.unwrap_or_else(|| panic!("{target} leads nowhere")))
        }
    }
}

/// The object schemas that a schema is made of, itself included, with where each is.
pub(crate) fn objects<'a>(
    document: &'a Value,
    schema: &'a Value,
    place: &str,
    found: &mut Vec<(String, &'a Value)>,
) {
    let place = schema["$ref"].as_str().unwrap_or(place).to_owned();
    if found.iter().any(|(known, _)| *known == place) {
        return;
    }
    let schema = resolve(document, schema);
    if let Some(properties) = schema["properties"].as_object() {
        found.push((place.clone(), schema));
        for (name, property) in properties {
            objects(document, property, &format!("{place}/{name}"), found);
        }
    }
    for one in ["oneOf", "anyOf", "allOf"] {
        for (index, part) in schema[one].as_array().into_iter().flatten().enumerate() {
            objects(document, part, &format!("{place}/{one}/{index}"), found);
        }
    }
    if schema["items"].is_object() {
        objects(document, &schema["items"], &format!("{place}/items"), found);
    }
}

/// A value that fits a schema, with every property that it has: its examples where it gives some.
pub(crate) fn sample(document: &Value, schema: &Value) -> Value {
    let schema = resolve(document, schema);
    let example = schema.get("example").or_else(|| schema["examples"].get(0));
    if let Some(example) = example.or_else(|| schema["enum"].get(0)) {
        return example.clone();
    }
    for one in ["oneOf", "anyOf", "allOf"] {
        let parts = schema[one].as_array().into_iter().flatten();
        if let Some(part) = parts.into_iter().find(|part| part["type"] != "null") {
            return sample(document, part);
        }
    }
    let kinds = schema["type"].as_array().and_then(|kinds| kinds.iter().find(|kind| **kind != "null"));
    match kinds.or(schema.get("type")).and_then(Value::as_str) {
        Some("object") => {
            let properties = schema["properties"].as_object().cloned().unwrap_or_default();
            let members =
                properties.iter().map(|(name, property)| (name.clone(), sample(document, property)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        Some("array") => json!([sample(document, &schema["items"])]),
        Some("integer") => json!(1),
        Some("number") => serde_json::from_str("1.50").expect("it is JSON"),
        Some("boolean") => json!(true),
        Some("string") => match schema["format"].as_str() {
            Some("date-time") => json!("2026-03-04T12:00:00Z"),
            Some("uuid") => json!("0190a6f0-2c1e-7b3a-9c4d-5e6f70819203"),
            _ => json!("text"),
        },
        other => panic!("a schema of type {other:?} says nothing of its values: {schema}"),
    }
}
