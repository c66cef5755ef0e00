//! The containers against the processes and their settings.

use std::collections::{BTreeMap, BTreeSet};

use super::{compose_file::Container, processes::Process};
use crate::violation::Violation;

const PATH: &str = "docker-compose.yml";
const WITH_ENV: &str = "/opt/tender/env/with-env.sh";

/// Containers that are no process of ours: the servers, what runs once before the processes, and what is in front.
const OTHERS: [&str; 5] = ["postgres", "kafka", "secrets", "migrate", "edge"];

/// Every process has its container, started in the same way and reachable at the same port, and there are no others.
pub(super) fn check(
    processes: &[Process],
    ports: &BTreeMap<String, String>,
    containers: &BTreeMap<String, Container>,
) -> Vec<Violation> {
    let mut found = Vec::new();
    for process in processes {
        let Some(container) = containers.get(&process.name) else {
            found.push(Violation::new(
                PATH,
                format!("has no service {}, which deploy/env/processes starts", process.name),
                "add it, or take the process out of deploy/env/processes",
            ));
            continue;
        };
        let port = ports.get(&process.name).map_or("", String::as_str);
        found.extend(check_container(process, port, container));
    }
    for other in OTHERS.iter().filter(|&&other| !containers.contains_key(other)) {
        found.push(Violation::new(
            PATH,
            format!("has no service {other}"),
            "add it: `make up` has the same part",
        ));
    }
    for name in containers.keys() {
        if !OTHERS.contains(&name.as_str()) && !processes.iter().any(|process| &process.name == name) {
            found.push(Violation::new(
                PATH,
                format!("has a service {name} that `make up` does not start"),
                "add it to deploy/env/processes, so that what runs here is what is described there",
            ));
        }
    }
    found
}

fn check_container(process: &Process, port: &str, container: &Container) -> Vec<Violation> {
    let name = &process.name;
    let mut found = Vec::new();
    let mut tell = |problem: String, remedy: String| {
        found.push(Violation::new(format!("{PATH}: {name}"), problem, remedy));
    };
    let mut command = vec![WITH_ENV.to_owned(), name.clone()];
    command.extend(process.command.iter().cloned());
    if container.command != command {
        tell(
            format!("runs [{}]", container.command.join(", ")),
            format!("deploy/env/processes wants [{}]", command.join(", ")),
        );
    }
    let published = format!("127.0.0.1:${{{}_PORT:-{port}}}:{port}", name.to_uppercase());
    if container.ports != [published.clone()] {
        tell(
            format!("publishes [{}]", container.ports.join(", ")),
            format!("its settings say port {port}; write \"{published}\" (this machine only)"),
        );
    }
    let question = format!("http://127.0.0.1:{port}/readyz");
    if !container.health_check.contains(&question) {
        tell("its health check does not ask /readyz at its port".to_owned(), format!("ask {question}"));
    }
    for needed in ["migrate", "kafka"] {
        if !container.depends_on.iter().any(|one| one == needed) {
            tell(format!("does not wait for {needed}"), "add it to depends_on".to_owned());
        }
    }
    found
}

/// Every host name that the settings leave open is given, and is the name of a container.
pub(super) fn check_hosts(
    process: &Process,
    placeholders: &BTreeSet<String>,
    containers: &BTreeMap<String, Container>,
) -> Vec<Violation> {
    let Some(container) = containers.get(&process.name) else { return Vec::new() };
    let place = format!("{PATH}: {}", process.name);
    let mut found = Vec::new();
    for placeholder in placeholders.iter().filter(|name| name.ends_with("_HOST")) {
        match container.environment.get(placeholder).map(String::as_str) {
            None => found.push(Violation::new(
                &place,
                format!("does not set {placeholder}, so it would look for it in its own container"),
                "add it to the environment that all processes share",
            )),
            Some("0.0.0.0") if placeholder == "BIND_HOST" => {}
            Some(host) if containers.contains_key(host) => {}
            Some(host) => found.push(Violation::new(
                &place,
                format!("sets {placeholder} to {host}, which is no service of this file"),
                "name the service",
            )),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::{compose_file, processes};

    const GOOD: &str = "
x-process: &process
  environment: { BIND_HOST: 0.0.0.0, PG_HOST: postgres }
  depends_on: [migrate, kafka]
services:
  postgres: {}
  kafka: {}
  secrets: {}
  migrate: {}
  edge: {}
  vault:
    <<: *process
    command: [/opt/tender/env/with-env.sh, vault, tender-vault]
    ports: ['127.0.0.1:${VAULT_PORT:-8082}:8082']
    healthcheck: { test: [CMD, curl, 'http://127.0.0.1:8082/readyz'] }
";

    fn told(compose: &str) -> Vec<String> {
        let processes = processes::parse("vault tender-vault\n");
        let containers = compose_file::parse(compose).unwrap();
        let ports = BTreeMap::from([("vault".to_owned(), "8082".to_owned())]);
        let placeholders =
            BTreeSet::from(["BIND_HOST".to_owned(), "PG_HOST".to_owned(), "PG_PORT".to_owned()]);
        let mut found = check(&processes, &ports, &containers);
        found.extend(check_hosts(&processes[0], &placeholders, &containers));
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_file_that_agrees_passes() {
        assert_eq!(told(GOOD), [""; 0]);
    }

    #[test]
    fn each_disagreement_is_told() {
        for (from, to, expected) in [
            ("vault, tender-vault]", "vault, tender-valt]", "runs ["),
            ("-8082}:8082", "-8082}:9999", "publishes ["),
            ("8082/readyz", "8082/livez", "health check"),
            ("[migrate, kafka]", "[kafka]", "does not wait for migrate"),
            ("PG_HOST: postgres", "PG_HOST: database", "no service of this file"),
            (", PG_HOST: postgres", "", "does not set PG_HOST"),
            ("  vault:\n", "  vaults:\n", "has no service vault"),
            ("  secrets: {}\n", "  redis: {}\n", "has a service redis"),
        ] {
            let changed = GOOD.replace(from, to);
            assert_ne!(changed, GOOD, "{from} is in the sample");
            let told = told(&changed);
            assert!(told.iter().any(|one| one.contains(expected)), "{expected} in {told:?}");
        }
    }
}
