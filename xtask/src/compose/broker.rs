//! The broker in containers against the one of the local set-up: same version, same settings.

use super::compose_file::Container;
use crate::violation::Violation;

/// Settings that differ because the place does: addresses and folders.
const OF_THE_PLACE: [&str; 4] = ["listeners", "advertised.listeners", "controller.quorum.voters", "log.dirs"];

/// Differences in version or settings.
pub(super) fn check(pom: &str, properties: &str, container: &Container) -> Vec<Violation> {
    let mut found = Vec::new();
    let version = pom
        .split_once("<kafka.version>")
        .and_then(|(_, rest)| rest.split_once('<'))
        .map_or("", |(version, _)| version);
    let image = format!("apache/kafka:{version}");
    if container.image != image {
        found.push(Violation::new(
            "docker-compose.yml: kafka",
            format!("is the image {}, but deploy/local/kafka/pom.xml has version {version}", container.image),
            format!("use one version in both, here {image}"),
        ));
    }
    for (key, value) in
        properties.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='))
    {
        if OF_THE_PLACE.contains(&key) {
            continue;
        }
        let variable = format!("KAFKA_{}", key.replace('.', "_").to_uppercase());
        if container.environment.get(&variable).map(String::as_str) != Some(value) {
            found.push(Violation::new(
                "docker-compose.yml: kafka",
                format!(
                    "{variable} is not {value}, which deploy/local/kafka/server.properties.in has for {key}"
                ),
                "set the same in both",
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(image: &str, auto_create: &str) -> usize {
        let container = Container {
            image: image.to_owned(),
            environment: [("KAFKA_AUTO_CREATE_TOPICS_ENABLE".to_owned(), auto_create.to_owned())].into(),
            ..Container::default()
        };
        let properties = "# x\nlisteners=PLAINTEXT://127.0.0.1:@PORT@\nauto.create.topics.enable=false\n";
        check("<kafka.version>3.9.2</kafka.version>", properties, &container).len()
    }

    #[test]
    fn version_and_settings_must_be_the_same() {
        assert_eq!(told("apache/kafka:3.9.2", "false"), 0);
        assert_eq!(told("apache/kafka:4.0.0", "false"), 1);
        assert_eq!(told("apache/kafka:3.9.2", "true"), 1);
    }
}
