//! The table of the house: which crate may name which. ARCHITECTURE.md says why; this says it to a machine.

/// The five services, each with a hexagon `tender-x`, a store `tender-x-store` and a root `tender-x-service`.
const SERVICES: [&str; 5] = ["intents", "vault", "refunds", "settlement", "operations"];

/// What a composition root may wire, beside its own hexagon and store.
const PARTS: [&str; 10] = [
    "tender-domain",
    "tender-events",
    "tender-http",
    "tender-postgres",
    "tender-kafka",
    "tender-memory",
    "tender-gateways",
    "tender-settings",
    "tender-telemetry",
    "tender-composition",
];

/// What composition roots share stands on: adapters and settings, never a hexagon or a store.
const COMPOSED: [&str; 10] = [
    "tender-domain",
    "tender-fail-points",
    "tender-events",
    "tender-http",
    "tender-postgres",
    "tender-kafka",
    "tender-gateways",
    "tender-object-storage",
    "tender-settings",
    "tender-telemetry",
];

/// Rooms that exist for tests and tools; the product never names them.
const TEST_ROOMS: [&str; 8] = [
    "tender-contract",
    "tender-testkit",
    "tender-bench",
    "tender-browser",
    "tender-e2e",
    "tender-chaos",
    "tender-world",
    "xtask",
];

/// What a crate may name of this workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Room {
    /// What kind of crate it is, for messages.
    pub(super) kind: &'static str,
    /// Whom it may name.
    pub(super) may_name: MayName,
}

/// Whom a crate may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MayName {
    /// These and no others.
    Only(Vec<String>),
    /// Everything but these.
    AllBut(Vec<String>),
}

impl MayName {
    pub(super) fn allows(&self, name: &str) -> bool {
        match self {
            Self::Only(allowed) => allowed.iter().any(|one| one == name),
            Self::AllBut(refused) => refused.iter().all(|one| one != name),
        }
    }
}

/// The room of a crate; `None` when the house has no such room.
pub(super) fn room(crate_name: &str) -> Option<Room> {
    let only = |kind, names: &[&str]| {
        Some(Room { kind, may_name: MayName::Only(names.iter().map(|&name| name.to_owned()).collect()) })
    };
    let all_but = |kind, names: &[&str]| {
        Some(Room { kind, may_name: MayName::AllBut(names.iter().map(|&name| name.to_owned()).collect()) })
    };
    match crate_name {
        "tender-domain" => only("the domain", &[]),
        "tender-fail-points" => only("the list of fail points", &["tender-domain"]),
        "tender-events" | "tender-http" => only("a crate of messages or HTTP parts", &["tender-domain"]),
        "tender-postgres" => only("shared database machinery", &["tender-domain", "tender-fail-points"]),
        "tender-kafka" | "tender-memory" | "tender-gateways" | "tender-object-storage" => {
            only("an adapter", &["tender-domain"])
        }
        "tender-settings" | "tender-telemetry" => only("settings and telemetry", &[]),
        "tender-contract" => only("the contract suite", &["tender-domain"]),
        "tender-composition" => only("what composition roots share", &COMPOSED),
        "xtask" => only("the repository's checks", &["tender-settings"]),
        "tender" => all_but("the all-in-one", &TEST_ROOMS),
        "tender-testkit" | "tender-bench" | "tender-browser" | "tender-e2e" | "tender-chaos"
        | "tender-world" => all_but("a room for tests", &["xtask"]),
        other => room_of_service(other),
    }
}

fn room_of_service(crate_name: &str) -> Option<Room> {
    let rest = crate_name.strip_prefix("tender-")?;
    let (service, part) = match rest.split_once('-') {
        None => (rest, ""),
        Some((service, part)) => (service, part),
    };
    // The simulator is a hexagon with a store; its root is the all-in-one.
    let has_root = SERVICES.contains(&service);
    if !has_root && service != "simulator" {
        return None;
    }
    let (kind, names): (_, Vec<String>) = match part {
        "" => ("a hexagon", ["domain", "events", "http"].map(|name| format!("tender-{name}")).to_vec()),
        "store" => ("a store", ["domain", "postgres"].map(|name| format!("tender-{name}")).to_vec()),
        "service" if has_root => {
            let own = [format!("tender-{service}"), format!("tender-{service}-store")];
            ("a composition root", own.into_iter().chain(PARTS.map(str::to_owned)).collect())
        }
        _ => return None,
    };
    Some(Room { kind, may_name: MayName::Only(names) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(from: &str, to: &str) -> bool {
        room(from).unwrap().may_name.allows(to)
    }

    #[test]
    fn a_hexagon_names_neither_another_hexagon_nor_an_adapter() {
        assert!(allows("tender-intents", "tender-domain"));
        assert!(!allows("tender-intents", "tender-vault"));
        assert!(!allows("tender-intents", "tender-postgres"));
        assert!(!allows("tender-simulator", "tender-intents"));
    }

    #[test]
    fn a_root_wires_its_own_service_and_no_other() {
        assert!(allows("tender-vault-service", "tender-vault-store"));
        assert!(allows("tender-vault-service", "tender-kafka"));
        assert!(allows("tender-vault-service", "tender-composition"));
        assert!(!allows("tender-composition", "tender-vault"));
        assert!(!allows("tender-vault-service", "tender-intents"));
        assert!(!allows("tender-vault-service", "tender-testkit"));
    }

    #[test]
    fn the_all_in_one_names_all_but_the_test_rooms() {
        assert!(allows("tender", "tender-intents-service"));
        assert!(!allows("tender", "tender-testkit"));
    }

    #[test]
    fn a_crate_outside_the_table_has_no_room() {
        assert_eq!(room("tender-extras"), None);
        assert_eq!(room("tender-intents-misc"), None);
        assert_eq!(room("tender-simulator-service"), None);
    }
}
