//! docker-compose.yml, as far as the checks look at it.

use std::collections::BTreeMap;

use anyhow::Context;
use serde_yaml_ng::Value;

/// One service of docker-compose.yml.
#[derive(Debug, Clone, Default)]
pub(super) struct Container {
    pub(super) image: String,
    pub(super) command: Vec<String>,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) ports: Vec<String>,
    pub(super) depends_on: Vec<String>,
    /// The words of its health check.
    pub(super) health_check: Vec<String>,
}

/// Reads all services, with YAML's anchors and merges resolved.
pub(super) fn parse(text: &str) -> anyhow::Result<BTreeMap<String, Container>> {
    let mut document: Value = serde_yaml_ng::from_str(text).context("docker-compose.yml is no YAML")?;
    document.apply_merge().context("docker-compose.yml has a merge (<<) of something else than a map")?;
    let services =
        document.get("services").and_then(Value::as_mapping).context("docker-compose.yml has no services")?;
    Ok(services.iter().map(|(name, service)| (text_of(name), container(service))).collect())
}

fn container(service: &Value) -> Container {
    Container {
        image: service.get("image").map(text_of).unwrap_or_default(),
        command: words(service.get("command")),
        environment: pairs(service.get("environment")),
        ports: words(service.get("ports")),
        depends_on: keys(service.get("depends_on")),
        health_check: words(service.get("healthcheck").and_then(|check| check.get("test"))),
    }
}

fn words(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Sequence(items)) => items.iter().map(text_of).collect(),
        Some(Value::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn pairs(value: Option<&Value>) -> BTreeMap<String, String> {
    match value {
        Some(Value::Mapping(map)) => map.iter().map(|(key, value)| (text_of(key), text_of(value))).collect(),
        _ => words(value)
            .iter()
            .filter_map(|word| word.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
    }
}

fn keys(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Mapping(map)) => map.keys().map(text_of).collect(),
        other => words(other),
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_merges_and_both_ways_of_writing_are_read() {
        let text = "
x-base: &base
  image: a:1
  environment: { HOST: db, N: 1 }
services:
  one:
    <<: *base
    command: [run, it]
    depends_on: { db: { condition: service_healthy } }
    healthcheck: { test: [CMD, curl, x] }
  two: { <<: *base, environment: [A=b], command: run it, ports: ['1:1'], depends_on: [db] }
";
        let containers = parse(text).unwrap();
        assert_eq!(containers["one"].image, "a:1");
        assert_eq!(containers["one"].environment["N"], "1");
        assert_eq!(containers["one"].command, ["run", "it"]);
        assert_eq!(containers["one"].depends_on, containers["two"].depends_on);
        assert_eq!(containers["two"].environment["A"], "b");
        assert_eq!(containers["two"].command, ["run", "it"]);
        assert!(parse("volumes: {}").is_err());
    }
}
