//! What a callback of a gateway comes to, as the domain decides it.

use std::fmt::Write;

use tender_domain::intents::CallbackState;

const fn meaning(state: CallbackState) -> &'static str {
    match state {
        CallbackState::Pending => {
            "kept, and not acted on yet; tried again for a week when that fails, or what it is about has no end yet"
        }
        CallbackState::Applied => {
            "it moved the payment, as the direct answer would have; or refunds took its refund or dispute in"
        }
        CallbackState::Known => "it told nothing new, or was overtaken",
        CallbackState::Contradicted => {
            "it contradicts a definite answer: told as `alert.raised`, and nothing changed"
        }
        CallbackState::Outside => "money moved without us: told as `alert.raised`, and nothing changed",
        CallbackState::Unmatched => "it is about nothing of ours",
        CallbackState::Unknown => "it is of a kind that has no meaning for us",
        CallbackState::Elsewhere => "it is about a refund or dispute, and this process hands none over",
        CallbackState::GivenUp => "acting on it failed for a week: a person has to look",
    }
}

/// The chapter on callbacks.
pub(crate) fn chapter() -> String {
    let mut text = String::from(
        "\n## Callbacks of gateways\n\nKept first, once by connector and the gateway's id of the event; then acted on. \
         From `pending` each ends in one of the others; a person can have it handled again, from `pending` on.\n\n| state | meaning |\n|---|---|\n",
    );
    for state in CallbackState::ALL {
        let _ = writeln!(text, "| `{}` | {} |", state.as_str(), meaning(*state));
    }
    text
}
