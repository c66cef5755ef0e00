//! Refusals as the annex of the adventures and hotels documents has them.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::Serialize;
use tender_domain::kernel::{Answer, Timestamp};
use utoipa::ToSchema;

use super::refusal::{Source, answered};
use crate::{Problem, keep, trace};

/// A refusal's body.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AdventuresError)]
pub struct ErrorBody {
    /// What kind of refusal (`VALIDATION_ERROR`).
    #[schema(value_type = String)]
    error: &'static str,
    /// What was wrong and what to do, for a person.
    message: String,
    /// Which field of the request, when it is one.
    field: Option<String>,
    /// Finds the request in the logs.
    trace_id: Option<String>,
}

/// A refusal, before it is rendered.
#[derive(Debug)]
pub struct Refused {
    source: Source,
    code: &'static str,
    field: Option<String>,
}

impl Refused {
    /// A refusal of this status, with the annex's code and what was wrong, for a person.
    #[must_use]
    pub fn of(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { source: Source::own(status, &message.into()), code, field: None }
    }

    /// 400: a field is wrong.
    #[must_use]
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::of(400, "VALIDATION_ERROR", message).at(field)
    }

    /// Which names the field that is wrong.
    #[must_use]
    pub fn at(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    /// As an answer that can be kept under an idempotency key.
    #[must_use]
    pub fn to_answer(&self) -> Answer {
        keep(self.source.status(), &self.body())
    }

    fn body(&self) -> ErrorBody {
        ErrorBody {
            error: self.code,
            message: self.source.message().to_owned(),
            field: self.field.clone(),
            trace_id: trace::current_trace_id(),
        }
    }
}

answered!(Refused);

/// What the platform itself refuses, under the annex's codes.
impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let code = match (problem.status(), problem.code()) {
            (_, "card_number_detected") => "CARD_NUMBER_DETECTED",
            (401, _) => "UNAUTHORIZED",
            (403, _) => "FORBIDDEN",
            (404, _) => "NOT_FOUND",
            (409, _) => "CONFLICT",
            (503, _) => "SERVICE_UNAVAILABLE",
            (400..=499, _) => "VALIDATION_ERROR",
            _ => "INTERNAL_ERROR",
        };
        let place = problem.errors().first().and_then(|error| {
            let pointer = error.pointer.as_deref().map(|pointer| pointer.trim_start_matches('/'));
            pointer.or(error.parameter.as_deref()).filter(|place| !place.is_empty()).map(str::to_owned)
        });
        Self { source: Source::Platform(problem), code, field: place }
    }
}

/// The instant that a list's parameter names; of a day its beginning, `days_on` later.
///
/// # Errors
/// 400 that names the field, when it is neither.
pub fn instant(field: &str, text: &str, days_on: u64) -> Result<Timestamp, Refused> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(at.with_timezone(&Utc));
    }
    let day = text.parse::<NaiveDate>().ok().and_then(|day| day.checked_add_days(Days::new(days_on)));
    let begins = day.map(|day| day.and_time(NaiveTime::MIN).and_utc());
    begins.ok_or_else(|| {
        Refused::field(field, format!("{field} must be an RFC 3339 instant or a day as YYYY-MM-DD"))
    })
}
