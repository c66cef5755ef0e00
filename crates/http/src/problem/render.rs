//! A problem as bytes.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::{Problem, ProblemBody};
use crate::context::RequestContext;
use crate::trace;

/// The media type of RFC 9457.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// The title of every problem of a status.
pub(super) const fn title(status: u16) -> &'static str {
    match status {
        400 => "Malformed request",
        401 => "Authentication required",
        402 => "Payment declined",
        403 => "Not allowed",
        404 => "Not found",
        405 => "Method not allowed",
        408 => "Request time-out",
        409 => "Conflict",
        410 => "Gone",
        412 => "Stale version",
        413 => "Body too large",
        414 => "URI too long",
        415 => "Unsupported media type",
        422 => "Unprocessable content",
        428 => "Version required",
        429 => "Too many requests",
        431 => "Header too large",
        500 => "Internal error",
        501 => "Not implemented",
        503 => "Service unavailable",
        _ => "Problem",
    }
}

impl Problem {
    /// The JSON, with what is known of the request.
    pub(super) fn json(&self) -> String {
        let mut body = self.0.clone();
        RequestContext::with(|context| {
            if body.instance.is_none() && !context.path.is_empty() {
                body.instance = Some(context.path.clone());
            }
        });
        if body.trace_id.is_none() {
            body.trace_id = trace::current_trace_id();
        }
        serde_json::to_string(&body).expect("strings, numbers and lists always serialise")
    }
}

impl Problem {
    /// The response of this problem in the words of a storefront's document: `body` as JSON, under the problem's status
    /// and with its headers.
    ///
    /// # Panics
    /// When `body` cannot be JSON (a map whose keys are no text): a defect of the type.
    #[must_use]
    pub fn in_words_of(&self, body: &impl Serialize) -> HttpResponse {
        let text = serde_json::to_string(body).expect("a document's error has a JSON form");
        self.with_headers(HttpResponse::build(self.status_code()).content_type("application/json").body(text))
    }

    fn with_headers(&self, mut response: HttpResponse) -> HttpResponse {
        for (name, value) in &self.0.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        self.with_headers(
            HttpResponse::build(self.status_code()).content_type(PROBLEM_JSON).body(self.json()),
        )
    }
}

impl From<Problem> for HttpResponse {
    fn from(problem: Problem) -> Self {
        problem.error_response()
    }
}

impl PartialSchema for Problem {
    fn schema() -> RefOr<Schema> {
        ProblemBody::schema()
    }
}

impl ToSchema for Problem {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Problem")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        ProblemBody::schemas(schemas);
    }
}
