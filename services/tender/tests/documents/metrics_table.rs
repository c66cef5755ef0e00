//! Every metric that the code emits has its row in `docs/operations.md`, and no other has.

use std::collections::BTreeSet;

use crate::repository::read;
use crate::sources::{arguments, literal, product};

const PAGE: &str = "docs/operations.md";

/// Name, kind and labels.
type Metric = (String, String, String);

fn emitted() -> BTreeSet<Metric> {
    let mut metrics = BTreeSet::new();
    for source in product(&["crates", "services"]) {
        for kind in ["counter", "gauge", "histogram"] {
            for (at, found) in source.text.match_indices(&format!("metrics::{kind}!(")) {
                let arguments = arguments(&source.text[at + found.len()..]);
                let name = arguments.first().and_then(|name| literal(name));
                let name =
                    name.unwrap_or_else(|| panic!("{}: write a metric's name where it is", source.path));
                let labels = arguments.iter().skip(1).filter_map(|label| literal(label));
                let labels: Vec<String> = labels.map(|label| format!("`{label}`")).collect();
                metrics.insert((name.to_owned(), kind.to_owned(), labels.join(", ")));
            }
        }
    }
    metrics
}

/// The rows of the page: `| `name` | kind | `label`, `label` | meaning |`.
fn on_the_page() -> BTreeSet<Metric> {
    let page = read(PAGE);
    let (_, chapter) = page.split_once("\n## Metrics\n").expect("the page has a chapter on metrics");
    let chapter = chapter.split("\n## ").next().unwrap_or_default();
    let rows = chapter.lines().map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    rows.filter_map(|cells| match cells.as_slice() {
        [_, name, kind @ ("counter" | "gauge" | "histogram"), labels, meaning, _] => {
            assert!(!meaning.is_empty(), "{PAGE}: say what {name} means");
            Some((name.trim_matches('`').to_owned(), (*kind).to_owned(), (*labels).to_owned()))
        }
        _ => None,
    })
    .collect()
}

#[test]
fn the_page_lists_every_metric_with_its_labels_and_no_other() {
    let (emitted, listed) = (emitted(), on_the_page());
    let missing: Vec<_> = emitted.difference(&listed).collect();
    let stale: Vec<_> = listed.difference(&emitted).collect();
    assert!(missing.is_empty() && stale.is_empty(), "{PAGE} lacks {missing:#?} and has too many: {stale:#?}");
}
