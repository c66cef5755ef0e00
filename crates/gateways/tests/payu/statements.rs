//! What each request has in its headers: those for statements, which are files, and those for everything else.

use serde_json::json;

use crate::standin::{Answer, Asked};

/// That it says what it takes as an answer.
pub(crate) fn accepts(asked: &Asked) -> Result<(), String> {
    let is_file = asked.what.starts_with("GET api/v2_1/reports/");
    let wanted = if is_file { "application/octet-stream" } else { "application/json" };
    if asked.header("accept") == Some(wanted) { Ok(()) } else { Err("accept".into()) }
}

/// That it is in the session that counts, and has a body where one may be; how it is refused without the session.
pub(crate) fn refused(asked: &Asked, session: u32) -> Result<Option<Answer>, String> {
    if asked.header("content-type") != Some("application/json") {
        return Err("content-type".into());
    }
    if asked.header("authorization") != Some(&format!("Bearer session-{session}")) {
        let said = json!({"error": "invalid_token", "error_description": "no"});
        return Ok(Some((401, said)));
    }
    if !asked.what.starts_with("POST ") && !asked.body.is_empty() {
        return Err("a body where none may be".into());
    }
    Ok(None)
}
