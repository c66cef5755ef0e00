use std::fmt;

use actix_web::error::JsonPayloadError;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use tender_domain::kernel::mask_card_numbers;
use tender_domain::ports::{GatewayError, SandboxError};

use crate::fault::Fault;

/// A refusal as `application/problem+json`.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into() }
    }

    /// What was sent cannot be understood. A parser repeats what it was given: card numbers are masked.
    pub(crate) fn bad_request(error: &dyn fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", mask_card_numbers(&error.to_string()))
    }

    pub(crate) fn of_json(error: &JsonPayloadError) -> Self {
        match error {
            JsonPayloadError::OverflowKnownLength { .. } | JsonPayloadError::Overflow { .. } => {
                Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", error.to_string())
            }
            JsonPayloadError::ContentType => {
                let detail = "send Content-Type: application/json";
                Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)
            }
            JsonPayloadError::Deserialize(error) => Self::bad_request(error),
            other => Self::bad_request(other),
        }
    }

    pub(crate) fn books_away() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "books_unavailable",
            "the simulator cannot reach its books",
        )
    }
}

impl From<GatewayError> for Problem {
    fn from(error: GatewayError) -> Self {
        match error {
            GatewayError::NotDone(detail) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "not_done", detail),
            GatewayError::NotNow(detail) => Self::new(StatusCode::TOO_MANY_REQUESTS, "not_now", detail),
            GatewayError::Unknown(detail) => Self::new(StatusCode::GATEWAY_TIMEOUT, "unknown", detail),
        }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::ServerError => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal_error",
                "the simulator failed, as it was told to",
            ),
            other => GatewayError::from(other).into(),
        }
    }
}

impl From<SandboxError> for Problem {
    fn from(error: SandboxError) -> Self {
        match error {
            SandboxError::Refused(detail) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "not_done", detail),
            SandboxError::Unavailable(detail) => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail)
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header(("WWW-Authenticate", "Bearer"));
        }
        response.content_type("application/problem+json").body(
            serde_json::json!({
                "type": format!("/problems/{}", self.code),
                "title": self.status.canonical_reason(),
                "status": self.status.as_u16(),
                "code": self.code,
                "detail": self.detail,
            })
            .to_string(),
        )
    }
}
