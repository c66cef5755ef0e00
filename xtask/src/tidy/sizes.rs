//! Sizes of files, with the short list of those that may be longer.

use super::sources::Source;
use crate::violation::Violation;

/// The most lines a file may have, with its tests.
const LINES_MAX: usize = 400;

/// Where the list is.
pub(super) const ALLOW_FILE: &str = "xtask/tidy-allow.txt";

/// Files that are too long, and entries of the list that are wrong or no longer needed.
pub(super) fn check(sources: &[Source], allow_list: &str) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut allowed = Vec::new();
    for line in allow_list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.split_once("  ") {
            Some((path, reason)) if !reason.trim().is_empty() => allowed.push(path.trim()),
            _ => found.push(Violation::new(
                ALLOW_FILE,
                format!("this line has no reason: {line}"),
                "write the path, two spaces, and why this file is better whole",
            )),
        }
    }
    for source in sources {
        let lines = source.text.lines().count();
        if lines > LINES_MAX && !allowed.contains(&source.path.as_str()) {
            found.push(Violation::new(
                &source.path,
                format!("has {lines} lines; {LINES_MAX} is the most"),
                "split it by what a reader looks for (tests may move to a file of their own), or give a reason in \
                 xtask/tidy-allow.txt",
            ));
        }
    }
    for path in allowed {
        let is_long = |source: &Source| source.path == path && source.text.lines().count() > LINES_MAX;
        if !sources.iter().any(is_long) {
            found.push(Violation::new(
                ALLOW_FILE,
                format!("{path} is not too long, or is not there"),
                "take the line out",
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, lines: usize) -> Source {
        Source { path: path.to_owned(), text: "// x\n".repeat(lines) }
    }

    #[test]
    fn a_file_of_400_lines_passes_and_one_of_401_does_not() {
        assert_eq!(check(&[file("a.rs", 400)], ""), []);
        let told = check(&[file("a.rs", 401)], "")[0].to_string();
        assert!(told.contains("a.rs: has 401 lines"), "{told}");
    }

    #[test]
    fn a_listed_file_may_be_longer() {
        assert_eq!(check(&[file("a.rs", 900)], "# why\na.rs  one table, read as a whole\n"), []);
    }

    #[test]
    fn an_entry_without_reason_or_without_need_fails() {
        assert_eq!(check(&[], "a.rs\n").len(), 1);
        assert_eq!(check(&[file("a.rs", 3)], "a.rs  was long once\n").len(), 1);
    }
}
