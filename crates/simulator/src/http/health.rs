use actix_web::HttpResponse;
use actix_web::web::Data;
use tender_domain::kernel::TenantId;
use tender_domain::ports::CallKind;

use super::problem::Problem;
use crate::SimulatorGateway;

/// The process answers.
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))
}

/// The books can be read.
pub(crate) async fn ready(gateway: Data<SimulatorGateway>) -> Result<HttpResponse, Problem> {
    let read = gateway.books().operation(&TenantId::sandbox(), CallKind::Authorize, "readyz").await;
    match read {
        Ok(_) => Ok(HttpResponse::Ok().json(serde_json::json!({ "status": "ok" }))),
        Err(error) => {
            tracing::warn!(%error, "the simulator is not ready");
            Err(Problem::books_away())
        }
    }
}
