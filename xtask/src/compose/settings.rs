//! The settings files against the product's own reading of settings, and against each other.

use std::collections::BTreeMap;

use tender_settings::Settings;

use super::{env_file::EnvFile, processes::Process};
use crate::violation::Violation;

/// The variables of one process as it sees them: the common file, then its own.
pub(super) fn of_process(
    common: &EnvFile,
    own: &EnvFile,
    given: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut variables = common.expanded(given);
    variables.extend(own.expanded(given));
    variables
}

/// Files that the product would refuse to start with.
pub(super) fn check_accepted(name: &str, variables: &BTreeMap<String, String>) -> Option<Violation> {
    let error = Settings::from_layers(None, variables.clone()).err()?;
    Some(Violation::new(
        format!("deploy/env/{name}.env"),
        format!("{name} would not start with it and common.env: {error}"),
        "config/default.toml lists every setting; mend the name or the value",
    ))
}

/// Ports used by two processes, and addresses in common.env that are not where the process listens.
pub(super) fn check_ports(
    processes: &[Process],
    settings: &BTreeMap<String, BTreeMap<String, String>>,
) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut taken: BTreeMap<&str, String> = BTreeMap::new();
    for process in processes {
        let Some(variables) = settings.get(&process.name) else { continue };
        let place = format!("deploy/env/{}.env", process.name);
        for key in ["TENDER__HTTP__PORT", "TENDER__HTTP__METRICS_PORT"] {
            match variables.get(key) {
                None => found.push(Violation::new(
                    &place,
                    format!("does not set {key}"),
                    "give it a port of its own",
                )),
                Some(port) => {
                    if let Some(other) = taken.insert(port, format!("{key} of {}", process.name)) {
                        found.push(Violation::new(
                            &place,
                            format!("{key} is {port}, which is {other}"),
                            "give it a port of its own",
                        ));
                    }
                }
            }
        }
        let address = format!("TENDER__SERVICES__{}_URL", process.name.to_uppercase());
        let port = variables.get("TENDER__HTTP__PORT").map_or("", String::as_str);
        match variables.get(&address) {
            Some(url) if url.ends_with(&format!(":{port}")) => {}
            Some(url) => found.push(Violation::new(
                "deploy/env/common.env",
                format!("{address} is {url}, but {} listens at {port}", process.name),
                "use the same placeholder and default in both",
            )),
            None => found.push(Violation::new(
                "deploy/env/common.env",
                format!("does not say where {} is ({address})", process.name),
                "add it",
            )),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn settings_of_the_product_pass_and_others_are_named() {
        assert_eq!(check_accepted("vault", &variables(&[("TENDER__HTTP__PORT", "8082")])), None);
        let told =
            check_accepted("vault", &variables(&[("TENDER__HTTP__PROT", "8082")])).unwrap().to_string();
        assert!(told.contains("deploy/env/vault.env") && told.to_lowercase().contains("prot"), "{told}");
    }

    #[test]
    fn two_processes_on_one_port_and_a_wrong_address_are_told() {
        let processes = super::super::processes::parse("a x\nb y\n");
        let of = |url_a, port: &str, metrics| {
            variables(&[
                ("TENDER__HTTP__PORT", port),
                ("TENDER__HTTP__METRICS_PORT", metrics),
                ("TENDER__SERVICES__A_URL", url_a),
                ("TENDER__SERVICES__B_URL", "http://127.0.0.1:2"),
            ])
        };
        let settings = |url_a, metrics_b| {
            BTreeMap::from([
                ("a".to_owned(), of(url_a, "1", "11")),
                ("b".to_owned(), of(url_a, "2", metrics_b)),
            ])
        };
        assert_eq!(check_ports(&processes, &settings("http://127.0.0.1:1", "12")), []);
        let told = check_ports(&processes, &settings("http://127.0.0.1:9", "11"));
        assert_eq!(told.len(), 2, "{told:?}");
    }
}
