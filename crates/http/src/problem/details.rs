//! The problem itself, and how one is made.

use serde::Serialize;
use std::borrow::Cow;
use std::fmt;
use tender_domain::kernel::{Answer, Scope, mask_card_numbers};
use utoipa::ToSchema;

use super::render;

/// What was wrong at one place of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) into the request's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/amount")]
    pub pointer: Option<String>,
    /// The query parameter or header, when the fault is not in the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "limit")]
    pub parameter: Option<String>,
    /// What must be changed there.
    #[schema(example = "must be a whole number of minor units")]
    pub detail: String,
}

/// The JSON of a [`Problem`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// A URI reference that names the kind of problem: `/problems/{code}`.
    #[serde(rename = "type")]
    #[schema(example = "/problems/idempotency_key_reused")]
    pub(crate) kind: String,
    /// The kind of problem in a few words, the same for every occurrence of the status.
    #[schema(value_type = String, example = "Unprocessable content")]
    pub(crate) title: &'static str,
    /// The HTTP status.
    #[schema(example = 422)]
    pub(crate) status: u16,
    /// Stable and machine-readable.
    #[schema(value_type = String, example = "idempotency_key_reused")]
    pub(crate) code: &'static str,
    /// What was wrong this time, and what to do.
    pub(crate) detail: String,
    /// The path of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) instance: Option<String>,
    /// Where in the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<FieldError>,
    /// Why the payment was declined, in Tender's vocabulary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decline_code: Option<Cow<'static, str>>,
    /// The card network's own response code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) network_code: Option<String>,
    /// Whether the same request may succeed when it is sent again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retryable: Option<bool>,
    /// Quote it when asking for help: it finds the request in logs and traces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trace_id: Option<String>,
    #[serde(skip)]
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// A refusal as `application/problem+json`.
///
/// `instance` and `trace_id` are filled in from the request when the problem is rendered. Nothing internal belongs in
/// `detail`: it is read by the client. Digits that look like a card number are masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(pub(crate) Box<ProblemBody>);

impl Problem {
    /// A problem of this status. `code` is stable and machine-readable, `detail` says what was wrong and what to do.
    #[must_use]
    pub fn new(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        Self(Box::new(ProblemBody {
            kind: format!("/problems/{code}"),
            title: render::title(status),
            status,
            code,
            detail: mask_card_numbers(&detail.into()),
            instance: None,
            errors: Vec::new(),
            decline_code: None,
            network_code: None,
            retryable: None,
            trace_id: None,
            headers: Vec::new(),
        }))
    }

    /// 400: the request is malformed.
    #[must_use]
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(400, code, detail)
    }

    /// 401: no credential, or one that does not count (`detail` says which, never why in depth).
    #[must_use]
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(401, "unauthorized", detail).header("www-authenticate", r#"Bearer realm="tender""#)
    }

    /// 403: the credential lacks this scope.
    #[must_use]
    pub fn forbidden(scope: Scope) -> Self {
        let wanted = format!(r#"Bearer realm="tender", error="insufficient_scope", scope="{scope}""#);
        Self::new(403, "insufficient_scope", format!("the credential lacks the scope `{scope}`"))
            .header("www-authenticate", wanted)
    }

    /// 404: there is no such thing, or it is another tenant's. `what` names the kind of thing (`payment intent`).
    #[must_use]
    pub fn not_found(what: impl fmt::Display) -> Self {
        Self::new(404, "not_found", format!("there is no such {what}"))
    }

    /// 409: the state of the resource does not allow it now.
    #[must_use]
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(409, code, detail)
    }

    /// 412: the version the client has is stale.
    #[must_use]
    pub fn precondition_failed(detail: impl Into<String>) -> Self {
        Self::new(412, "stale_version", detail)
    }

    /// 428: the version that the client means to change is missing.
    #[must_use]
    pub fn precondition_required() -> Self {
        let detail = "send the version that you mean to change, as `If-Match: \"<version>\"` or as `version` in the body";
        Self::new(428, "version_required", detail)
    }

    /// 422: well-formed, but it cannot be done.
    #[must_use]
    pub fn unprocessable(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(422, code, detail)
    }

    /// 503: cannot be done now; `retry_after_seconds` says when to try again.
    #[must_use]
    pub fn service_unavailable(retry_after_seconds: u32) -> Self {
        Self::new(
            503,
            "service_unavailable",
            "the service is busy or a part it needs is away; try again later",
        )
        .retry_after(retry_after_seconds)
        .retryable(true)
    }

    /// 500: a defect of ours. What happened belongs in the log, by the trace id.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(
            500,
            "internal_error",
            "something went wrong on our side; the trace id finds it in our logs",
        )
    }

    /// The same under another status, for a document that has no other for it.
    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = status;
        self.0.title = render::title(status);
        self
    }

    /// With what is wrong at one place of the body, as a JSON Pointer.
    #[must_use]
    pub fn pointer(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let pointer = Some(mask_card_numbers(&pointer.into()));
        self.0.errors.push(FieldError {
            pointer,
            parameter: None,
            detail: mask_card_numbers(&detail.into()),
        });
        self
    }

    /// With what is wrong with a query parameter or header.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, detail: impl Into<String>) -> Self {
        let parameter = Some(mask_card_numbers(&name.into()));
        self.0.errors.push(FieldError {
            pointer: None,
            parameter,
            detail: mask_card_numbers(&detail.into()),
        });
        self
    }

    /// With the reason of a decline. `network_code` is the network's own response code.
    #[must_use]
    pub fn decline(
        mut self,
        decline_code: impl Into<Cow<'static, str>>,
        network_code: Option<String>,
        retryable: bool,
    ) -> Self {
        self.0.decline_code = Some(decline_code.into());
        self.0.network_code = network_code;
        self.retryable(retryable)
    }

    /// With whether the same request may succeed when it is sent again.
    #[must_use]
    pub fn retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = Some(retryable);
        self
    }

    /// With a `Retry-After` of so many seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        self.header("retry-after", seconds.to_string())
    }

    /// With a header on the answer. A value that no header can carry is left out when the problem is rendered.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.headers.retain(|(known, _)| *known != name);
        self.0.headers.push((name, value.into()));
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The stable, machine-readable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// What was wrong, for a person.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// What was wrong where.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// The problem as an answer that can be kept under an idempotency key. Headers are not kept.
    #[must_use]
    pub fn to_answer(&self) -> Answer {
        Answer { status: self.0.status, body: self.json().into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.0.status, self.0.code, self.0.detail)
    }
}

impl std::error::Error for Problem {}
