//! The product's Rust files, without their tests.

use std::fs;
use std::path::Path;

use crate::repository::root;

/// A file of the product.
pub(crate) struct Source {
    /// Its path from the repository's folder.
    pub(crate) path: String,
    /// Its text, up to its tests.
    pub(crate) text: String,
}

/// Every file below `src` of the crates in these folders (`crates`, `services`), in the order of their paths.
pub(crate) fn product(folders: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    for folder in folders {
        for member in entries(&root().join(folder)) {
            collect(&member.join("src"), &mut found);
        }
    }
    assert!(found.len() > 20, "the sources were not found");
    found
}

fn collect(folder: &Path, found: &mut Vec<Source>) {
    if !folder.is_dir() {
        return;
    }
    for path in entries(folder) {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root()).expect("it lies in the repository").display().to_string();
            if name.ends_with("tests.rs") || name.contains("/tests/") {
                continue;
            }
            let text = fs::read_to_string(&path).expect("a source can be read");
            let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            found.push(Source { path: name, text: product.to_owned() });
        }
    }
}

fn entries(folder: &Path) -> Vec<std::path::PathBuf> {
    let listed = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = listed.map(|entry| entry.expect("a folder can be listed").path()).collect();
    paths.sort();
    paths
}

/// The text between the quotes that the text begins with, if it begins with any.
pub(crate) fn literal(text: &str) -> Option<&str> {
    text.trim_start().strip_prefix('"')?.split('"').next()
}

/// The arguments of a call, split at its own commas; `text` begins after the opening parenthesis.
pub(crate) fn arguments(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut begun, mut found) = (0_i32, false, 0, Vec::new());
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => {
                found.push(text[begun..at].trim());
                break;
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(text[begun..at].trim());
                begun = at + 1;
            }
            _ => {}
        }
    }
    found.retain(|argument| !argument.is_empty());
    found
}
