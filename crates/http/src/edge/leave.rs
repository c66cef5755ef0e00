//! On the way out.

use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::{HttpResponse, ResponseError};
use tracing::Span;

use crate::Problem;
use crate::context::RequestContext;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Headers that a handler may have set otherwise (a page of ours needs its own policy).
const DEFAULTS: [(HeaderName, &str); 5] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (REFERRER_POLICY, "no-referrer"),
    (CACHE_CONTROL, "no-store"),
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
];

/// Sets the headers of every answer.
pub(super) fn headers(headers: &mut HeaderMap, context: &RequestContext, took: Duration) {
    for (name, value) in DEFAULTS {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    let own = [
        (REQUEST_ID, context.request_id.clone()),
        (SERVER_TIMING, context.timing.header(took)),
        (TRACEPARENT, context.trace.to_string()),
    ];
    for (name, value) in own {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}

/// Counts the request, and writes its outcome to its span and the log.
pub(super) fn record(span: &Span, route: &'static str, method: &Method, status: u16, took: Duration) {
    // The route's text begins with its method.
    let pattern = route.split_once(' ').map_or(route, |(_, pattern)| pattern);
    let method = known_method(method);
    span.record("route", pattern);
    span.record("status", status);
    span.in_scope(|| {
        let took_micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if status >= 500 {
            tracing::warn!(route, status, took_micros, "request failed");
        } else {
            tracing::debug!(route, status, took_micros, "request served");
        }
    });
    let status = status.to_string();
    metrics::counter!("http_requests_total", "route" => pattern, "method" => method, "status" => status.clone())
        .increment(1);
    metrics::histogram!(
        "http_request_duration_seconds", "route" => pattern, "method" => method, "status" => status
    )
    .record(took.as_secs_f64());
}

/// A method as a label: clients may invent others without end.
fn known_method(method: &Method) -> &'static str {
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
    known.into_iter().find(|known| method.as_str() == *known).unwrap_or("other")
}

/// An answer that the framework made of an error of its own (a path or query that cannot be read) as problem details;
/// every other answer as it is. A dialect's errors have JSON bodies and stay.
pub(super) fn as_problem(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let media_type = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let plain = media_type.is_empty() || media_type.starts_with(b"text/plain");
    let Some(error) = response.response().error().filter(|_| plain) else { return response };
    let problem = foreign(error);
    let (request, _) = response.into_parts();
    ServiceResponse::new(request, rendered(&problem))
}

/// An error of the framework as a problem. Its text may repeat what the client sent, so only its status is kept.
pub(super) fn foreign(error: &actix_web::Error) -> Problem {
    if let Some(problem) = error.as_error::<Problem>() {
        return problem.clone();
    }
    match error.as_response_error().status_code().as_u16() {
        404 => Problem::not_found("resource"),
        status @ (400 | 413 | 414 | 415 | 431) => {
            Problem::new(status, "malformed_request", "the request cannot be read as this route wants it")
        }
        status if status >= 500 => {
            tracing::error!(%error, "the framework failed");
            Problem::internal()
        }
        status => Problem::new(status, "malformed_request", "the request cannot be served"),
    }
}

/// The response of a problem.
pub(super) fn rendered(problem: &Problem) -> HttpResponse {
    problem.error_response()
}

/// The response to a method that the path does not know.
pub(super) fn not_allowed(allow: &str) -> HttpResponse {
    let detail = format!("this path takes {allow}");
    Problem::new(405, "method_not_allowed", detail).header("allow", allow).into()
}
