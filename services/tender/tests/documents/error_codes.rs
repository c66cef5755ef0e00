//! Every error code that the API can give is listed in `docs/api-design.md`, and nothing else is.

use std::collections::{BTreeMap, BTreeSet};

use crate::repository::read;
use crate::sources::{Source, arguments, literal, product};

const PAGE: &str = "docs/api-design.md";

/// Where a problem is made: the function, which of its arguments is the code, and the status that its name says.
const MADE_BY: [(&str, usize, Option<u16>); 4] = [
    ("new", 1, None),
    ("bad_request", 0, Some(400)),
    ("conflict", 0, Some(409)),
    ("unprocessable", 0, Some(422)),
];

/// The simulated gateway's own wire has problems of its own, that no client of the API meets.
const NOT_OURS: &str = "crates/simulator/";
/// The constructors themselves, which are given their code as an argument.
const CONSTRUCTORS: &str = "crates/http/src/problem/";

/// A code with the statuses it is given with; none where the source does not say which.
type Given = BTreeMap<String, BTreeSet<Option<u16>>>;

fn given_by_the_code() -> Given {
    let mut given = Given::new();
    for source in product(&["crates", "services"]) {
        if source.path.contains(NOT_OURS) {
            continue;
        }
        for (function, place, status) in MADE_BY {
            for (at, _) in source.text.match_indices(&format!("{function}(")) {
                if let Some(found) = problem_at(&source, at, (function, place, status)) {
                    for code in found.1 {
                        given.entry(code).or_default().extend(found.0.iter().copied());
                    }
                }
            }
        }
    }
    given
}

/// The statuses and codes of the problem that is made at this place; none when none is.
fn problem_at(
    source: &Source,
    at: usize,
    (function, place, status): (&str, usize, Option<u16>),
) -> Option<(Vec<Option<u16>>, Vec<String>)> {
    let (before, call) = source.text.split_at(at);
    let makes_problems = source.text.contains("for Problem {") || source.text.contains("impl Problem {");
    let of_problem = before.ends_with("Problem::") || (before.ends_with("Self::") && makes_problems);
    // A closure of that name, short for the function of it.
    let short = function != "new" && before.ends_with([' ', '(']);
    let arguments = arguments(&call[function.len() + 1..]);
    let code = arguments.get(place)?;
    if !(of_problem || short && literal(code).is_some()) {
        return None;
    }
    let codes = match literal(code) {
        Some(code) => vec![code.to_owned()],
        None => named(source, at, code)?,
    };
    let statuses = match status {
        Some(status) => vec![Some(status)],
        None => statuses(before, arguments.first()?),
    };
    Some((statuses, codes))
}

/// The codes behind a name: a constant of the file, or what the variable was given just before.
fn named(source: &Source, at: usize, name: &str) -> Option<Vec<String>> {
    let constant = |name: &str| {
        let (_, value) = source.text.split_once(&format!("const {name}: &str = "))?;
        literal(value).map(str::to_owned)
    };
    if let Some(code) = constant(name) {
        return Some(vec![code]);
    }
    if source.path.contains(CONSTRUCTORS) && name == "code" {
        return None;
    }
    let before = &source.text[..at];
    if before.ends_with(&format!("|{name}, pointer: &str| Problem::")) {
        return None; // the closure: its calls are read instead
    }
    let (_, value) = before.rsplit_once(&format!("let {name} = ")).unwrap_or_else(|| {
        panic!("{}: the code `{name}` cannot be followed; write it where the problem is made", source.path)
    });
    let value = value.split(';').next().unwrap_or_default();
    let words = value.split("=>").skip(1).map(str::trim_start);
    let codes = words.filter_map(|word| match literal(word) {
        Some(code) => Some(code.to_owned()),
        None => constant(word.split(|c: char| !c.is_ascii_uppercase() && c != '_').next()?),
    });
    Some(codes.collect())
}

fn statuses(before: &str, status: &str) -> Vec<Option<u16>> {
    if let Ok(status) = status.parse() {
        return vec![Some(status)];
    }
    let Some((_, value)) = before.rsplit_once(&format!("let {status} = ")) else { return vec![None] };
    let value = value.split(';').next().unwrap_or_default();
    let numbers = value.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok());
    let found: Vec<Option<u16>> = numbers.map(Some).collect();
    if found.is_empty() { vec![None] } else { found }
}

/// The rows of the page's tables: `| 400 | `code`, `code` | when |`.
fn listed_on_the_page() -> BTreeMap<String, BTreeSet<u16>> {
    let page = read(PAGE);
    let (_, errors) = page.split_once("\n## Errors\n").expect("the page has a chapter on errors");
    let errors = errors.split("\n## ").next().unwrap_or_default();
    let mut listed: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
    for row in errors.lines() {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        if let [_, status, codes, ..] = cells.as_slice()
            && let Ok(status) = status.parse()
        {
            for code in codes.split('`').skip(1).step_by(2) {
                listed.entry(code.to_owned()).or_default().insert(status);
            }
        }
    }
    listed
}

#[test]
fn every_error_code_is_on_the_page_with_its_status() {
    let listed = listed_on_the_page();
    let mut missing = Vec::new();
    for (code, statuses) in given_by_the_code() {
        let known = listed.get(&code);
        for status in statuses {
            let there = known.is_some_and(|known| status.is_none_or(|status| known.contains(&status)));
            if !there {
                missing.push(format!("{} {code}", status.map_or("any".to_owned(), |s| s.to_string())));
            }
        }
    }
    assert!(missing.is_empty(), "{PAGE} lacks, in the chapter Errors: {missing:#?}");
}

#[test]
fn no_error_code_is_on_the_page_that_nothing_gives() {
    let given = given_by_the_code();
    for (code, statuses) in listed_on_the_page() {
        let known = given.get(&code).unwrap_or_else(|| panic!("{PAGE} lists `{code}`, which nothing gives"));
        for status in statuses {
            assert!(
                known.contains(&Some(status)) || known.contains(&None),
                "{PAGE} lists {status} `{code}`; it is given with {known:?}"
            );
        }
    }
}

#[test]
fn the_scan_follows_codes_through_constants_closures_and_variables() {
    let given = given_by_the_code();
    for (status, code) in [
        (422, "card_number_detected"),
        (422, "scope_not_publishable"),
        (422, "invalid_setting"),
        (400, "invalid_lifetime"),
        (401, "unauthorized"),
    ] {
        assert!(given.get(code).is_some_and(|known| known.contains(&Some(status))), "{status} {code}");
    }
}
