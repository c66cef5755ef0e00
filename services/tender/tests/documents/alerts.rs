//! Every alert that the code raises has its row in `docs/operations.md`, and no other has.

use std::collections::BTreeSet;

use crate::repository::read;
use crate::sources::product;

const PAGE: &str = "docs/operations.md";

/// The codes: an alert's code is written just before its severity.
fn raised() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for source in product(&["crates", "services"]) {
        if source.path.contains("crates/events/") {
            continue;
        }
        for (at, _) in source.text.match_indices("AlertSeverity::") {
            let before: Vec<&str> = source.text[..at].rsplit('"').take(2).collect();
            codes.insert((*before.get(1).expect("a code is written before the severity")).to_owned());
        }
    }
    codes
}

fn on_the_page() -> BTreeSet<String> {
    let page = read(PAGE);
    let (_, chapter) =
        page.split_once("\n### What Tender raises\n").expect("the page has a chapter on alerts");
    let chapter = chapter.split("\n#").next().unwrap_or_default();
    let codes = chapter.lines().filter_map(|row| row.strip_prefix("| `")?.split('`').next());
    codes.map(str::to_owned).collect()
}

#[test]
fn the_page_says_what_to_do_on_every_alert() {
    assert_eq!(on_the_page(), raised(), "{PAGE}: the alerts that it tells of, and those that are raised");
}
