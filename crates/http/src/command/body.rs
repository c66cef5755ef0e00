//! The bytes of a body, within their bound.

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::web::{Bytes, BytesMut};
use futures_util::StreamExt;
use tender_domain::kernel::Limits;

use crate::Problem;

/// How much of a body that is too large is read and dropped before the refusal is sent: a client that is still
/// sending would otherwise see a broken connection instead of the 413.
const DISCARDED_BYTES: usize = 4 * 1024 * 1024;

pub(super) fn too_large() -> Problem {
    let detail = format!("the body is larger than {} bytes", Limits::BODY_BYTES);
    Problem::new(413, "body_too_large", detail)
}

/// Reads the whole body. An empty one needs no media type.
pub(super) async fn read(request: &HttpRequest, mut payload: Payload) -> Result<Bytes, Problem> {
    let declared =
        request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if declared.is_some_and(|length: u64| length > (Limits::BODY_BYTES + DISCARDED_BYTES) as u64) {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| {
            Problem::bad_request("incomplete_body", "the body ended before the length that was announced")
        })?;
        if body.len() + chunk.len() > Limits::BODY_BYTES {
            discard(payload, chunk.len()).await;
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    if !body.is_empty() {
        check_media_type(request)?;
    }
    Ok(body.freeze())
}

async fn discard(mut payload: Payload, mut seen: usize) {
    while let Some(Ok(chunk)) = payload.next().await {
        seen += chunk.len();
        if seen > DISCARDED_BYTES {
            return;
        }
    }
}

fn check_media_type(request: &HttpRequest) -> Result<(), Problem> {
    let media_type =
        request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let detail = "send the body as `content-type: application/json`";
        return Err(Problem::new(415, "unsupported_media_type", detail));
    }
    let encoding = request.headers().get(CONTENT_ENCODING).map(|value| value.as_bytes());
    if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case(b"identity")) {
        let detail = "send the body uncompressed, without `content-encoding`";
        return Err(Problem::new(415, "unsupported_content_encoding", detail));
    }
    Ok(())
}
