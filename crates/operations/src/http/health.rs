//! `GET /v1/payments/health`: how the parts of the platform work.

use actix_web::{HttpResponse, get};
use serde::Serialize;
use tender_domain::operations::{Health, HealthState};
use tender_http::{Authorized, Problem, scopes};
use utoipa::ToSchema;

use super::Service;

/// How well a part works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum HealthName {
    /// As it should.
    Up,
    /// It works, but slowly, late or in part.
    Degraded,
    /// It does not work.
    Down,
}

impl From<HealthState> for HealthName {
    fn from(state: HealthState) -> Self {
        match state {
            HealthState::Up => Self::Up,
            HealthState::Degraded => Self::Degraded,
            HealthState::Down => Self::Down,
        }
    }
}

/// How one part works.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SubsystemView {
    /// Which part.
    #[schema(example = "vault")]
    name: String,
    /// How well.
    status: HealthName,
    /// What a person should know; null when there is nothing.
    detail: Option<String>,
    /// How long it took to tell, in milliseconds.
    latency_ms: u64,
}

/// How the platform works.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct HealthView {
    /// Always `health`.
    #[schema(value_type = String, example = "health")]
    object: &'static str,
    /// As bad as the worst part.
    status: HealthName,
    /// The parts.
    subsystems: Vec<SubsystemView>,
}

impl From<Health> for HealthView {
    fn from(health: Health) -> Self {
        let status = health.state().into();
        let subsystems = health.subsystems.into_iter().map(|(name, health, latency)| SubsystemView {
            name,
            status: health.state.into(),
            detail: health.detail,
            latency_ms: u64::try_from(latency.as_millis()).unwrap_or(u64::MAX),
        });
        Self { object: "health", status, subsystems: subsystems.collect() }
    }
}

/// Tells how the parts of the platform work, asked just now.
#[utoipa::path(
    operation_id = "get_health",
    path = "/v1/payments/health",
    tag = "health",
    responses(
        (status = 200, description = "Everything works, perhaps not well.", body = HealthView),
        (status = 503, description = "A part does not work.", body = HealthView),
        (status = 401, description = "No credential that counts.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Without `diagnostics:read`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = ["diagnostics:read"]))
)]
#[get("/v1/payments/health")]
pub(crate) async fn read(_caller: Authorized<scopes::DiagnosticsRead>, service: Service) -> HttpResponse {
    let view = HealthView::from(service.read_health().await);
    // Not a problem in the sense of RFC 9457: a 503 has the same body, so that one sees which part it is.
    let mut response = match view.status {
        HealthName::Down => HttpResponse::ServiceUnavailable(),
        HealthName::Up | HealthName::Degraded => HttpResponse::Ok(),
    };
    response.json(view)
}
