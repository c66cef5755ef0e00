//! Time and identity come in through ports; their adapters are the only files that may ask the system.

use super::sources::Source;
use crate::violation::Violation;

/// What asks the system. clippy.toml forbids the same calls, but an `allow` could hide them there.
const CALLS: [&str; 5] = ["Utc::now", "Local::now", "SystemTime::now", "Uuid::now_v7", "Uuid::new_v4"];

/// The names that files with the adapters of the Clock and Ids ports have.
const ADAPTER_FILES: [&str; 4] = ["clock.rs", "system_clock.rs", "ids.rs", "random_ids.rs"];

/// Rooms that have no adapters at all: there such a call is wrong whatever the file is called.
const ROOMS_WITHOUT: [&str; 9] = [
    "crates/domain/",
    "crates/events/",
    "crates/http/",
    "crates/intents/",
    "crates/vault/",
    "crates/refunds/",
    "crates/settlement/",
    "crates/operations/",
    "crates/simulator/",
];

/// Calls outside the adapters. Code of tests alone is left to clippy.
pub(super) fn check(sources: &[Source]) -> Vec<Violation> {
    sources
        .iter()
        .filter(|source| !source.is_test_code() && !source.path.starts_with("xtask/") && !is_adapter(source))
        .flat_map(check_file)
        .collect()
}

fn is_adapter(source: &Source) -> bool {
    ADAPTER_FILES.contains(&source.file_name())
        && !ROOMS_WITHOUT.iter().any(|room| source.path.starts_with(room))
}

fn check_file(source: &Source) -> Vec<Violation> {
    let mut found = Vec::new();
    for (index, line) in source.text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or(line);
        for call in CALLS.iter().filter(|&&call| code.contains(call)) {
            found.push(Violation::new(
                format!("{}:{}", source.path, index + 1),
                format!("asks the system by {call}"),
                "take the Clock or Ids port as a parameter; its adapter lives in a file named clock.rs or ids.rs",
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        check(&[Source { path: path.to_owned(), text: text.to_owned() }]).len()
    }

    #[test]
    fn the_system_is_asked_in_adapters_only() {
        let call = "let now = chrono::Utc::now();\n";
        assert_eq!(count("crates/memory/src/clock.rs", call), 0);
        assert_eq!(count("crates/memory/src/intents.rs", call), 1);
        assert_eq!(count("crates/domain/src/ports/clock.rs", call), 1);
        assert_eq!(count("crates/intents/src/use_cases/confirm.rs", "Uuid::now_v7()"), 1);
    }

    #[test]
    fn tests_and_comments_are_left_alone() {
        assert_eq!(count("crates/http/tests/jwt.rs", "Utc::now()"), 0);
        assert_eq!(count("crates/http/src/jwt.rs", "// not Utc::now: the caller's clock\n"), 0);
    }
}
