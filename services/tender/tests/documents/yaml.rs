//! JSON values as YAML that people read: what comes first, first; the rest by name.

use std::fmt::Write;

use serde_json::{Map, Value};

/// Keys in the order they are told; others follow by name.
const FIRST: [&str; 24] = [
    "asyncapi",
    "$ref",
    "info",
    "title",
    "name",
    "version",
    "address",
    "host",
    "protocol",
    "type",
    "format",
    "const",
    "summary",
    "description",
    "defaultContentType",
    "contentType",
    "servers",
    "channels",
    "operations",
    "components",
    "messages",
    "headers",
    "payload",
    "required",
];

/// The value as a YAML document.
pub(crate) fn document(value: &Value) -> String {
    let mut text = String::new();
    block(value, 0, &mut text);
    text
}

fn block(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(members) => {
            for (key, member) in ordered(members) {
                if text.is_empty() || text.ends_with('\n') {
                    let _ = write!(text, "{:1$}", "", depth);
                }
                let _ = write!(text, "{}:", scalar(key));
                nested(member, depth + 2, text);
            }
        }
        Value::Array(items) => {
            for item in items {
                let _ = write!(text, "{:1$}-", "", depth);
                match item {
                    Value::Object(members) if !members.is_empty() => {
                        text.push(' ');
                        block(item, depth + 2, text);
                    }
                    _ => nested(item, depth + 2, text),
                }
            }
        }
        _ => unreachable!("only objects and arrays are blocks"),
    }
}

/// What follows a key or a dash.
fn nested(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(members) if members.is_empty() => text.push_str(" {}\n"),
        Value::Array(items) if items.is_empty() => text.push_str(" []\n"),
        Value::Object(_) | Value::Array(_) => {
            text.push('\n');
            block(value, depth, text);
        }
        Value::String(string) => {
            let _ = writeln!(text, " {}", scalar(string));
        }
        other => {
            let _ = writeln!(text, " {other}");
        }
    }
}

fn ordered(members: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let mut members: Vec<_> = members.iter().collect();
    let rank = |key: &str| FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len());
    members.sort_by(|(a, _), (b, _)| (rank(a), a).cmp(&(rank(b), b)));
    members
}

/// A text as it is when nothing in it means something in YAML, else quoted (a JSON text is a YAML one).
fn scalar(text: &str) -> String {
    let letter = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$');
    let plain = |c: char| c.is_ascii_alphanumeric() || " $_-./,;()'".contains(c);
    let word = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    if letter && text.chars().all(plain) && !text.ends_with(' ') && !word.contains(&&*text.to_lowercase()) {
        return text.to_owned();
    }
    Value::from(text).to_string()
}

#[test]
fn what_yaml_would_read_otherwise_is_quoted() {
    let value = serde_json::json!({
        "b": ["yes", "a: b", "x # y", "1.0", "plain words, (here)"], "$ref": "#/x", "a": {}, "n": 1, "o": [{"k": "v", "l": true}]
    });
    assert_eq!(
        document(&value),
        "$ref: \"#/x\"\na: {}\nb:\n  - \"yes\"\n  - \"a: b\"\n  - \"x # y\"\n  - \"1.0\"\n  - plain words, (here)\n\
         \"n\": 1\no:\n  - k: v\n    l: true\n"
    );
}
