//! What a refusal is made of, whatever the document's form of it.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;
use tender_domain::kernel::mask_card_numbers;

use crate::Problem;

/// Where a refusal comes from: the document's own, or the platform's with its headers.
#[derive(Debug)]
pub(super) enum Source {
    Own { status: u16, message: String },
    Platform(Problem),
}

impl Source {
    /// Digits that look like a card number are masked: it is read by the client.
    pub(super) fn own(status: u16, message: &str) -> Self {
        Self::Own { status, message: mask_card_numbers(message) }
    }

    pub(super) fn status(&self) -> u16 {
        match self {
            Self::Own { status, .. } => *status,
            Self::Platform(problem) => problem.status(),
        }
    }

    pub(super) fn message(&self) -> &str {
        match self {
            Self::Own { message, .. } => message,
            Self::Platform(problem) => problem.detail(),
        }
    }

    pub(super) fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    pub(super) fn respond(&self, body: &impl Serialize) -> HttpResponse {
        match self {
            Self::Own { .. } => HttpResponse::build(self.status_code()).json(body),
            Self::Platform(problem) => problem.in_words_of(body),
        }
    }
}

/// What every document's `Refused { source, code, .. }` is besides its own body: told in logs, and an answer.
macro_rules! answered {
    ($refused:ty) => {
        impl std::fmt::Display for $refused {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{} {}: {}", self.source.status(), self.code, self.source.message())
            }
        }

        impl actix_web::ResponseError for $refused {
            fn status_code(&self) -> actix_web::http::StatusCode {
                self.source.status_code()
            }

            fn error_response(&self) -> actix_web::HttpResponse {
                self.source.respond(&self.body())
            }
        }
    };
}
pub(super) use answered;
