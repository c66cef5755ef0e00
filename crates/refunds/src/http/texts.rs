//! Texts as clients give them: bounded, and never a card number.

use tender_domain::kernel::{Limits, find_card_number};
use tender_http::Problem;

/// A name that somebody else made up.
pub(super) fn reference(pointer: &str, given: String) -> Result<String, Problem> {
    if given.is_empty()
        || given.chars().count() > Limits::REFERENCE_CHARS
        || given.chars().any(char::is_control)
    {
        let detail =
            format!("must have 1 to {} characters and no control character", Limits::REFERENCE_CHARS);
        return Err(Problem::bad_request("invalid_reference", &detail).pointer(pointer, &detail));
    }
    no_card_number(pointer, given)
}

/// Free text: bounded, and never a card number.
pub(super) fn text(pointer: &str, given: String) -> Result<String, Problem> {
    if given.chars().count() > Limits::TEXT_CHARS {
        let detail = format!("the text is longer than {} characters", Limits::TEXT_CHARS);
        return Err(Problem::bad_request("text_too_long", &detail).pointer(pointer, &detail));
    }
    plain_text(pointer, given)
}

/// Text that is bounded by who asks: never a card number, nor what no database holds.
pub(super) fn plain_text(pointer: &str, given: String) -> Result<String, Problem> {
    if given.contains('\0') {
        return Err(Problem::bad_request("invalid_text", "text must not hold the character U+0000")
            .pointer(pointer, "holds U+0000"));
    }
    no_card_number(pointer, given)
}

fn no_card_number(pointer: &str, given: String) -> Result<String, Problem> {
    find_card_number(&given).map_err(|error| {
        Problem::unprocessable("card_number_detected", error.to_string())
            .pointer(pointer, "must not hold a card number")
    })?;
    Ok(given)
}
