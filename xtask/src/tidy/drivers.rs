//! Drivers that only certain rooms may name, so that SQL, Kafka, HTTP clients and the environment stay in one place.

use crate::{violation::Violation, workspace::Crate};

struct Driver {
    /// The package; packages that begin with it and a dash are meant too (`rdkafka-sys`).
    name: &'static str,
    allowed: fn(&str) -> bool,
    remedy: &'static str,
}

const DRIVERS: [Driver; 5] = [
    Driver {
        name: "rdkafka",
        allowed: |room| room == "tender-kafka",
        remedy: "only crates/kafka speaks to librdkafka; take its publisher or consumer through a port",
    },
    Driver {
        name: "sqlx",
        allowed: |room| {
            room.ends_with("-store") || ["tender-postgres", "tender-testkit", "tender"].contains(&room)
        },
        remedy: "SQL lives in the service's store crate, shared machinery in crates/postgres; take the store's port",
    },
    Driver {
        name: "reqwest",
        allowed: |room| {
            room == "tender"
                || room.ends_with("-service")
                || [
                    "tender-gateways",
                    "tender-composition",
                    "tender-testkit",
                    "tender-bench",
                    "tender-e2e",
                    "tender-chaos",
                    "tender-telemetry",
                ]
                .contains(&room)
        },
        remedy: "calls to gateways live in crates/gateways, calls to other services in services/; take the port",
    },
    Driver {
        name: "object_store",
        allowed: |room| room == "tender-object-storage",
        remedy: "only crates/object-storage speaks to buckets; take its port",
    },
    Driver {
        name: "config",
        allowed: |room| room == "tender-settings",
        remedy: "names from the environment live in crates/settings; take typed settings from the composition root",
    },
];

/// Every driver that is named where it may not be.
pub(super) fn check(crates: &[Crate]) -> Vec<Violation> {
    let mut found = Vec::new();
    for member in crates {
        for driver in &DRIVERS {
            if (driver.allowed)(&member.name) {
                continue;
            }
            for name in member.names.iter().filter(|name| is_or_belongs_to(name, driver.name)) {
                found.push(Violation::new(&member.name, format!("names the driver {name}"), driver.remedy));
            }
        }
    }
    found
}

fn is_or_belongs_to(name: &str, driver: &str) -> bool {
    name.strip_prefix(driver).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, names: &str) -> usize {
        let names = [names.to_owned()].into_iter().collect();
        check(&[Crate { name: name.to_owned(), names, programs: [].into_iter().collect() }]).len()
    }

    #[test]
    fn each_driver_is_refused_outside_its_rooms() {
        assert_eq!(told("tender-intents", "sqlx"), 1);
        assert_eq!(told("tender-intents-service", "sqlx"), 1);
        assert_eq!(told("tender-postgres", "rdkafka-sys"), 1);
        assert_eq!(told("tender-vault", "reqwest"), 1);
        assert_eq!(told("tender", "config"), 1);
    }

    #[test]
    fn each_driver_is_allowed_in_its_rooms() {
        assert_eq!(told("tender-intents-store", "sqlx"), 0);
        assert_eq!(told("tender-kafka", "rdkafka"), 0);
        assert_eq!(told("tender-vault-service", "reqwest"), 0);
        assert_eq!(told("tender-settings", "config"), 0);
    }

    #[test]
    fn a_name_that_only_begins_alike_is_another_package() {
        assert_eq!(told("tender-intents", "configparser"), 0);
    }
}
