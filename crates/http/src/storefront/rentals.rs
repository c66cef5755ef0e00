//! The rentals document's envelope, its refusals, its limits of requests, and things that it knows by number.

use std::future::Future;

use actix_web::{HttpResponse, ResponseError};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Answer, Caller, Credential, RoleName, StoreError};
use tender_domain::ports::RateLimit;
use utoipa::ToSchema;
use uuid::Uuid;

use super::refusal::{Source, answered};
use crate::{Problem, RateGate, keep};

/// Payments of a user in an hour.
pub const PAYMENTS: RateLimit = RateLimit::per_hour("payments", 10);
const STANDARD: RateLimit = RateLimit::per_minute("requests", 30);
const PREMIUM: RateLimit = RateLimit::per_minute("requests", 60);

/// The document's code for a fault of ours, where its route has none of its own.
pub const SERVER_ERROR: &str = "SERVER_ERROR";

/// What the document says of a route beside what it does.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// The limits that it has beside those of all routes.
    limits: &'static [RateLimit],
    /// Its code for a fault of ours.
    fault: &'static str,
}

impl Route {
    /// A route whose faults are told as `fault`.
    #[must_use]
    pub const fn new(fault: &'static str) -> Self {
        Self { limits: &[], fault }
    }

    /// With limits of its own.
    #[must_use]
    pub const fn limited(self, limits: &'static [RateLimit]) -> Self {
        Self { limits, ..self }
    }
}

/// A success.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = RentalsAnswer)]
pub struct Envelope<T> {
    /// Always `success`.
    #[schema(example = "success")]
    status: String,
    /// What was done, for a person.
    message: String,
    /// What was asked for.
    pub data: T,
}

impl<T> Envelope<T> {
    /// A success with what was asked for.
    #[must_use]
    pub fn success(message: &str, data: T) -> Self {
        Self { status: "success".to_owned(), message: message.to_owned(), data }
    }
}

/// A success with nothing to show.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RentalsDone)]
pub struct Done {
    /// Always `success`.
    #[schema(value_type = String, example = "success")]
    status: &'static str,
    /// What was done, for a person.
    message: &'static str,
}

impl Done {
    /// A success of which there is no more to say.
    #[must_use]
    pub const fn success(message: &'static str) -> Self {
        Self { status: "success", message }
    }
}

/// A refusal's body.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RentalsError)]
pub struct ErrorBody {
    /// Always `error`.
    #[schema(value_type = String, example = "error")]
    status: &'static str,
    /// What was wrong and what to do, for a person.
    message: String,
    /// The document's code (`VALIDATION_ERROR`).
    #[schema(value_type = String)]
    error_code: &'static str,
}

/// A refusal, before it is rendered.
#[derive(Debug)]
pub struct Refused {
    source: Source,
    code: &'static str,
}

impl Refused {
    /// A refusal of this status, with the document's code and what was wrong, for a person.
    #[must_use]
    pub fn of(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { source: Source::own(status, &message.into()), code }
    }

    /// 400: a parameter is wrong.
    #[must_use]
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::of(400, "VALIDATION_ERROR", message)
    }

    /// 500: what is inside stays inside.
    #[must_use]
    pub fn fault(code: &'static str, message: &'static str) -> Self {
        Self::of(500, code, message)
    }

    /// The same of a route with a code of its own for faults.
    fn of_route(self, route: Route) -> Self {
        let code = if self.code == SERVER_ERROR { route.fault } else { self.code };
        Self { code, ..self }
    }

    /// As an answer that can be kept under an idempotency key.
    #[must_use]
    pub fn to_answer(&self) -> Answer {
        keep(self.source.status(), &self.body())
    }

    fn body(&self) -> ErrorBody {
        ErrorBody { status: "error", message: self.source.message().to_owned(), error_code: self.code }
    }
}

answered!(Refused);

/// What the platform itself refuses, under the document's codes. The document has one status for faults: what is away
/// for a while is a 500 as well, and its `Retry-After` stays.
impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        let problem = if problem.status() > 500 { problem.with_status(500) } else { problem };
        let code = match (problem.status(), problem.code()) {
            (_, "card_number_detected") => "CARD_NUMBER_DETECTED",
            (401, _) => "UNAUTHORIZED",
            (403, _) => "PERMISSION_DENIED",
            (404, _) => "NOT_FOUND",
            (409, _) => "CONFLICT",
            (429, _) => "TOO_MANY_REQUESTS",
            (400..=499, _) => "VALIDATION_ERROR",
            _ => SERVER_ERROR,
        };
        Self { source: Source::Platform(problem), code }
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

/// Whether the caller may do what the document leaves to administrators: by its role, or as a backend with a secret key.
#[must_use]
pub fn is_admin(caller: &Caller) -> bool {
    let admin = [RoleName::Admin.as_str(), RoleName::PaymentsAdmin.as_str()];
    matches!(caller.credential, Credential::SecretKey(_))
        || caller.roles.iter().any(|role| admin.contains(&role.as_str()))
}

/// Serves a user's request, unless the user has called too often: under the document's limits and those of the route.
/// Every answer says how the limits stand, and a fault of ours has the route's code.
pub async fn serve<W>(
    gate: &RateGate,
    caller: Caller,
    route: Route,
    work: impl FnOnce(Caller) -> W,
) -> HttpResponse
where
    W: Future<Output = Result<HttpResponse, Refused>>,
{
    let tier = if caller.is_premium() { PREMIUM } else { STANDARD };
    let limits: Vec<RateLimit> = [tier].into_iter().chain(route.limits.iter().copied()).collect();
    let admitted = match gate.admit(&caller, &limits).await {
        Ok(admitted) => admitted,
        Err(error) => return Refused::from(error).of_route(route).error_response(),
    };
    let response = match admitted.refusal() {
        Some(refusal) => Refused::from(Problem::too_many_requests(refusal)).error_response(),
        None => work(caller).await.unwrap_or_else(|refused| refused.of_route(route).error_response()),
    };
    admitted.over(response)
}

/// A thing that the document knows by number. Kept answers name it by its id, which gets its number when it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Named {
    /// As it is shown.
    Number(i64),
    /// As it is kept.
    Id(Uuid),
}

impl Named {
    /// The id that is to get its number; none when it has it.
    #[must_use]
    pub const fn id(self) -> Option<Uuid> {
        match self {
            Self::Id(id) => Some(id),
            Self::Number(_) => None,
        }
    }
}
