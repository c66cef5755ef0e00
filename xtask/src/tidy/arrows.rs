//! Arrows between the crates of this workspace.

use std::collections::BTreeSet;

use super::rooms::{MayName, room};
use crate::{violation::Violation, workspace::Crate};

/// Every arrow that the table does not have, and every crate that has no room in it.
pub(super) fn check(crates: &[Crate]) -> Vec<Violation> {
    let members: BTreeSet<&str> = crates.iter().map(|member| member.name.as_str()).collect();
    crates.iter().flat_map(|member| check_crate(member, &members)).collect()
}

fn check_crate(member: &Crate, members: &BTreeSet<&str>) -> Vec<Violation> {
    let Some(room) = room(&member.name) else {
        return vec![Violation::new(
            &member.name,
            "has no room in the house",
            "put its code into the room it belongs to (ARCHITECTURE.md), or, if the house really needs a new \
             room, add it to xtask/src/tidy/rooms.rs with the crates it may name",
        )];
    };
    member
        .names
        .iter()
        .filter(|name| members.contains(name.as_str()) && !room.may_name.allows(name))
        .map(|name| {
            let allowed = match &room.may_name {
                MayName::Only(names) if names.is_empty() => "no other crate".to_owned(),
                MayName::Only(names) => format!("only {}", names.join(", ")),
                MayName::AllBut(names) => format!("all but {}", names.join(", ")),
            };
            Violation::new(
                &member.name,
                format!("names {name}; {} may name {allowed}", room.kind),
                "take a port from tender-domain and let a composition root in services/ hand in the adapter; what \
                 only tests need goes to [dev-dependencies]",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, names: &[&str]) -> Crate {
        Crate {
            name: name.to_owned(),
            names: names.iter().map(|&name| name.to_owned()).collect(),
            programs: BTreeSet::new(),
        }
    }

    #[test]
    fn allowed_arrows_and_foreign_crates_pass() {
        let crates = [
            member("tender-domain", &["serde"]),
            member("tender-intents", &["tender-domain", "async-trait"]),
        ];
        assert_eq!(check(&crates), []);
    }

    #[test]
    fn a_forbidden_arrow_is_told_with_both_ends_and_what_is_allowed() {
        let crates = [member("tender-domain", &[]), member("tender-settings", &["tender-domain"])];
        let told = check(&crates)[0].to_string();
        assert!(told.contains("tender-settings: names tender-domain"), "{told}");
        assert!(told.contains("may name no other crate"), "{told}");
    }

    #[test]
    fn a_crate_without_a_room_is_told() {
        let told = check(&[member("tender-misc", &[])])[0].to_string();
        assert!(told.contains("tender-misc: has no room"), "{told}");
    }
}
