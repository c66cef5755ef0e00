//! What one can try in the sandbox: test cards, and what a decline can be.

use std::fmt::Write;

use tender_domain::ports::DeclineCode;
use tender_simulator::{decline_of, test_cards};

use crate::repository::hold_section;

const PAGE: &str = "docs/api-design.md";

#[test]
fn the_page_lists_every_test_card_and_token() {
    let mut text = String::from("| token | card number | brand | what becomes of it |\n|---|---|---|---|\n");
    for card in test_cards() {
        let _ = writeln!(
            text,
            "| `{}` | `{}` | {} | {} |",
            card.token, card.number, card.brand, card.description
        );
    }
    hold_section(PAGE, "test cards", &text);
}

#[test]
fn the_page_lists_every_decline_code_with_the_network_codes_that_give_it() {
    let networks: Vec<(String, DeclineCode)> = (0..100)
        .map(|number| format!("{number:02}"))
        .filter_map(|code| decline_of(&code).map(|decline| (code, decline.code)))
        .collect();
    let mut text =
        String::from("| `decline_code` | worth another try | amounts ending in |\n|---|---|---|\n");
    for code in DeclineCode::ALL {
        let giving: Vec<&str> =
            networks.iter().filter(|(_, given)| given == code).map(|(network, _)| &**network).collect();
        // The general decline is what every code without a meaning of its own comes to.
        let giving = if giving.len() > 10 { "any other".to_owned() } else { giving.join(", ") };
        let again = if code.is_retryable() { "yes" } else { "no" };
        let _ = writeln!(text, "| `{}` | {again} | {giving} |", code.as_str());
    }
    hold_section(PAGE, "decline codes", &text);
}
