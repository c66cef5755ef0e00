//! The table of settings in `docs/operations.md`: defaults from `config/default.toml`, meanings from the settings'
//! own documentation.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::repository::hold_section;
use crate::sources::product;

/// A setting as the file of defaults has it.
struct Default {
    /// None is unset.
    value: Option<String>,
    note: String,
}

/// The file of defaults by the settings' full names, in its order.
fn defaults() -> Vec<(String, Default)> {
    let (mut section, mut found) = (String::new(), Vec::new());
    for line in include_str!("../../../../config/default.toml").lines() {
        let (line, unset) = match line.strip_prefix("# ") {
            Some(rest) => (rest, true),
            None => (line, false),
        };
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            section = format!("{}.", name.0);
            continue;
        }
        let Some((key, rest)) = line.split_once(" = ") else { continue };
        if key.is_empty() || !key.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_') {
            continue;
        }
        let (value, note) = rest.split_once(" #").unwrap_or((rest, ""));
        let value = (!unset).then(|| value.trim().to_owned());
        found.push((format!("{section}{key}"), Default { value, note: note.trim().to_owned() }));
    }
    found
}

/// A field: its name, its type, its documentation.
type Field = (String, String, String);

/// The fields of every struct of the settings.
fn structs() -> BTreeMap<String, Vec<Field>> {
    let mut found: BTreeMap<String, Vec<Field>> = BTreeMap::new();
    for source in product(&["crates"]) {
        if !source.path.contains("crates/settings/src/sections/") {
            continue;
        }
        let (mut name, mut doc) = (None, Vec::new());
        for line in source.text.lines().map(str::trim) {
            if let Some(text) = line.strip_prefix("///") {
                doc.push(text.trim());
                continue;
            }
            if let Some(rest) = line.strip_prefix("pub struct ") {
                name = rest.split_whitespace().next().map(str::to_owned);
            } else if let Some((field, kind)) =
                line.strip_prefix("pub ").and_then(|rest| rest.split_once(": "))
                && let Some(name) = &name
            {
                let field = (field.to_owned(), kind.trim_end_matches(',').to_owned(), doc.join(" "));
                found.entry(name.clone()).or_default().push(field);
            } else if line == "}" {
                name = None;
            }
            if !line.starts_with("#[") {
                doc.clear();
            }
        }
    }
    found
}

/// Every setting's meaning by its full name.
fn meanings() -> BTreeMap<String, String> {
    let structs = structs();
    let mut found = BTreeMap::new();
    let mut open = vec![(String::new(), "Settings".to_owned())];
    while let Some((prefix, name)) = open.pop() {
        for (field, kind, doc) in &structs[&name] {
            let path = format!("{prefix}{field}");
            if structs.contains_key(kind) {
                open.push((format!("{path}."), kind.clone()));
            } else {
                found.insert(path, doc.clone());
            }
        }
    }
    found
}

#[test]
fn the_page_lists_every_setting_with_its_default_and_meaning() {
    let mut meanings = meanings();
    let mut text = String::from("| setting | default | meaning | note |\n|---|---|---|---|\n");
    for (name, default) in defaults() {
        let meaning = meanings.remove(&name);
        let meaning =
            meaning.unwrap_or_else(|| panic!("config/default.toml has {name}, the settings have not"));
        let value = default.value.map_or_else(|| "unset".to_owned(), |value| format!("`{value}`"));
        let _ = writeln!(text, "| `{name}` | {value} | {meaning} | {} |", default.note);
    }
    assert!(meanings.is_empty(), "config/default.toml lacks {:?}", meanings.keys());
    hold_section("docs/operations.md", "settings", &text);
}

#[test]
fn every_setting_is_read_by_something() {
    let sources = product(&["crates", "services"]);
    let outside = sources.iter().filter(|source| !source.path.contains("crates/settings/src/"));
    let readers = outside.filter(|source| source.text.contains("settings"));
    let readers: Vec<&str> = readers.map(|source| &*source.text).collect();
    let own = sources.iter().filter(|source| source.path.contains("crates/settings/src/sections/"));
    let own: Vec<&str> = own.map(|source| &*source.text).collect();
    let word = |texts: &[&str], wanted: &str| {
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        texts.iter().any(|text| text.match_indices(wanted).any(|(at, _)| ends(&text[at + wanted.len()..])))
    };
    for (name, _) in defaults() {
        let field = name.rsplit_once('.').map_or(&*name, |(_, field)| field);
        let read = word(&readers, &format!(".{field}")) || word(&own, &format!("self.{field}"));
        assert!(read, "nothing reads {name}: put it into force, or take it away");
    }
}
