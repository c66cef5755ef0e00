//! Answers: kept ones, and what is laid over them.

use actix_web::http::header::{ETAG, HeaderName, HeaderValue, LOCATION};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder};
use serde::Serialize;
use tender_domain::kernel::{Answer, Version};

use crate::Problem;
use crate::problem::PROBLEM_JSON;

const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// An answer that can be kept under an idempotency key: `body` as JSON. See [`Problem::to_answer`] for refusals.
///
/// # Panics
/// When `body` cannot be JSON (a map whose keys are no text): a defect of the type.
#[must_use]
pub fn keep(status: u16, body: &impl Serialize) -> Answer {
    let body = serde_json::to_string(body).expect("an answer's type has a JSON form");
    Answer { status, body: body.into() }
}

/// The HTTP response of an answer. Of a status of 400 or more it is `application/problem+json`.
#[must_use]
pub fn respond(answer: &Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let media_type = if answer.status >= 400 { PROBLEM_JSON } else { "application/json" };
    let mut response = HttpResponseBuilder::new(status);
    response.insert_header((header::CONTENT_TYPE, media_type));
    if status == StatusCode::NO_CONTENT {
        return response.finish();
    }
    response.body(answer.body.to_string())
}

/// The HTTP response with `body` as JSON.
#[must_use]
pub fn respond_json(status: u16, body: &impl Serialize) -> HttpResponse {
    respond(&keep(status, body))
}

/// What can be laid over a response.
pub trait ResponseExt: Sized {
    /// With `Idempotent-Replayed: true`, if it was.
    #[must_use]
    fn replayed(self, replayed: bool) -> Self;

    /// With the strong `ETag` of this version.
    #[must_use]
    fn etag(self, version: Version) -> Self;

    /// With `Location`: the path of what was made.
    #[must_use]
    fn location(self, path: impl AsRef<str>) -> Self;
}

impl ResponseExt for HttpResponse {
    fn replayed(mut self, replayed: bool) -> Self {
        if replayed {
            self.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        self
    }

    fn etag(mut self, version: Version) -> Self {
        let tag =
            HeaderValue::from_str(&format!("\"{version}\"")).expect("a quoted number is a header value");
        self.headers_mut().insert(ETAG, tag);
        self
    }

    fn location(mut self, path: impl AsRef<str>) -> Self {
        match HeaderValue::from_str(path.as_ref()) {
            Ok(path) => {
                self.headers_mut().insert(LOCATION, path);
                self
            }
            Err(error) => {
                tracing::error!(%error, "a path of ours is no header value");
                Problem::internal().into()
            }
        }
    }
}
