//! The edge's file against the container that fills it in.

use std::collections::BTreeMap;

use super::compose_file::Container;
use crate::violation::Violation;

/// The file of both edges, `make up`'s and the container's.
pub(super) const PATH: &str = "deploy/edge/tender.conf";

/// Everything that the file leaves open is given, and names the services where they are.
pub(super) fn check(
    file: &str,
    edge: &Container,
    ports: &BTreeMap<String, String>,
    containers: &BTreeMap<String, Container>,
) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut tell = |problem: String, remedy: &str| {
        found.push(Violation::new("docker-compose.yml: edge", problem, remedy));
    };
    for name in placeholders(file) {
        let Some(value) = edge.environment.get(name) else {
            tell(format!("does not set {name}, which {PATH} needs"), "add it to its environment");
            continue;
        };
        if let Some(service) = name.strip_suffix("_HOST").map(str::to_lowercase)
            && (*value != service || !containers.contains_key(value))
        {
            tell(format!("looks for {service} at {value}"), "name the container of that service");
        }
        if let Some(service) = name.strip_suffix("_PORT").map(str::to_lowercase)
            && ports.get(&service) != Some(value)
        {
            let port = ports.get(&service).map_or("none", String::as_str);
            tell(format!("looks for {service} at port {value}"), &format!("its settings say {port}"));
        }
    }
    found
}

/// The names that stand in `${…}`; a variable of nginx itself has no braces.
fn placeholders(file: &str) -> impl Iterator<Item = &str> {
    let lines = file.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.flat_map(|line| line.split("${").skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::compose_file;

    const FILE: &str = "# ${NOT_THIS}\nserver ${VAULT_HOST}:${VAULT_PORT}; set $host; include ${ROUTES};\n";

    fn told(environment: &str) -> Vec<String> {
        let compose = format!("services:\n  vault: {{}}\n  edge: {{ environment: {{ {environment} }} }}\n");
        let containers = compose_file::parse(&compose).unwrap();
        let ports = BTreeMap::from([("vault".to_owned(), "8082".to_owned())]);
        check(FILE, &containers["edge"], &ports, &containers).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_the_file_leaves_open_is_given_rightly() {
        assert_eq!(told("VAULT_HOST: vault, VAULT_PORT: '8082', ROUTES: /r"), [""; 0]);
        for (environment, expected) in [
            ("VAULT_HOST: vault, VAULT_PORT: '8082'", "does not set ROUTES"),
            ("VAULT_HOST: safe, VAULT_PORT: '8082', ROUTES: /r", "looks for vault at safe"),
            ("VAULT_HOST: vault, VAULT_PORT: '8081', ROUTES: /r", "looks for vault at port 8081"),
        ] {
            let told = told(environment);
            assert!(told.len() == 1 && told[0].contains(expected), "{expected} in {told:?}");
        }
    }
}
