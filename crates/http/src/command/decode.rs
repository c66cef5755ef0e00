//! JSON to a typed body, with errors that say what and where.

use serde::de::DeserializeOwned;
use serde_path_to_error::{Path, Segment};
use tender_domain::kernel::Limits;

use super::depth::nests_at_most;
use crate::Problem;

/// Reads JSON that a client sent into `T`, within the limits of every body.
///
/// # Errors
/// 400 with a code and, where the fault has a place, a JSON Pointer: `body_not_utf8`, `json_too_deep`,
/// `malformed_json`, `unknown_field`, `missing_field`, `invalid_field`. What the client sent is never repeated.
pub fn parse_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| {
            let detail = format!("the body is not UTF-8 (byte {})", error.valid_up_to());
            Problem::bad_request("body_not_utf8", detail)
        })?
        .trim_start_matches('\u{feff}');
    if !nests_at_most(text.as_bytes(), Limits::JSON_DEPTH_LEVELS) {
        let detail = format!("the body nests deeper than {} levels", Limits::JSON_DEPTH_LEVELS);
        return Err(Problem::bad_request("json_too_deep", detail));
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().clone();
        problem(&path, &error.into_inner())
    })?;
    json.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

/// What an empty body stands for, if `T` has that.
pub(super) fn absent<T: DeserializeOwned>() -> Result<T, Problem> {
    serde_json::from_str("null").map_err(|_| {
        Problem::bad_request(
            "body_required",
            "the request needs a JSON body (`content-type: application/json`)",
        )
    })
}

fn malformed(error: &serde_json::Error) -> Problem {
    let detail = format!("the body is not JSON (line {}, column {})", error.line(), error.column());
    Problem::bad_request("malformed_json", detail)
}

fn problem(path: &Path, error: &serde_json::Error) -> Problem {
    if !error.is_data() {
        return malformed(error);
    }
    let message = error.to_string();
    // serde_json appends where it stood, which says nothing to a client that has the pointer.
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(head, _)| head);
    let here = pointer(path);
    if let Some(field) = message.strip_prefix("unknown field ").and_then(quoted) {
        let at = if last_key(path) == Some(field) { here } else { child(&here, field) };
        let detail = format!("the field `{}` is not known here", shorten(field));
        return Problem::bad_request("unknown_field", detail).pointer(at, "unknown field; leave it out");
    }
    if let Some(field) = message.strip_prefix("missing field ").and_then(quoted) {
        let detail = format!("the field `{field}` is missing");
        return Problem::bad_request("missing_field", detail).pointer(child(&here, field), "required");
    }
    let place = if here.is_empty() { "the body".to_owned() } else { format!("`{here}`") };
    let said = without_value(message);
    Problem::bad_request("invalid_field", format!("{place}: {said}")).pointer(here, said)
}

/// The name between the first pair of backticks.
fn quoted(text: &str) -> Option<&str> {
    text.strip_prefix('`')?.split('`').next()
}

fn last_key(path: &Path) -> Option<&str> {
    match path.iter().next_back() {
        Some(Segment::Map { key }) => Some(key),
        _ => None,
    }
}

/// serde says what it met (`invalid type: integer `123`, expected a string`). The value may be a secret or a card's
/// code: only its type is repeated.
fn without_value(message: &str) -> String {
    let Some((met, expected)) = message.rsplit_once(", expected ") else { return shorten(message) };
    let kind = met.split(['`', '"']).next().unwrap_or_default().trim_end();
    shorten(&format!("{kind}, expected {expected}"))
}

fn shorten(text: &str) -> String {
    const SHOWN_CHARS: usize = 200;
    text.chars().take(SHOWN_CHARS).collect()
}

fn pointer(path: &Path) -> String {
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Seq { index } => child(&pointer, &index.to_string()),
        Segment::Map { key } => child(&pointer, key),
        Segment::Enum { variant } => child(&pointer, variant),
        Segment::Unknown => pointer,
    })
}

fn child(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", shorten(key).replace('~', "~0").replace('/', "~1"))
}
