//! `/v1/payments/jobs/{id}`

use actix_web::guard::GuardContext;
use actix_web::{HttpResponse, get, web};
use tender_domain::kernel::{JobKind, JobOwner};
use tender_http::{Authorized, JobBody, Problem, owner_of_job, parse_id, respond_json, scopes};

use super::intents::Service;

/// Whether the path ends in a job of intents, or in what is no job's id: somebody has to say so.
fn is_ours(context: &GuardContext<'_>) -> bool {
    owner_of_job(context).is_none_or(|owner| owner == JobOwner::Intents)
}

/// Reads a job: how far it is, and what became of its items.
#[utoipa::path(
    operation_id = "get_job",
    tag = "jobs",
    path = "/v1/payments/jobs/{job_id}",
    params(("job_id" = String, Path, description = "The job", example = "job_01h2xcejqtf2nbrexx3vqjhp41")),
    responses(
        (status = 200, description = "The job", body = JobBody),
        (status = 404, description = "No such job", body = Problem),
    ),
    security(("bearer" = ["intents:read"])),
)]
#[get("/v1/payments/jobs/{job_id}", guard = "is_ours")]
pub(super) async fn get(
    caller: Authorized<scopes::IntentsRead>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let job = service.get_job(&caller, parse_id::<JobKind>(&id)?).await?;
    let job = job.ok_or_else(|| Problem::not_found("job"))?;
    Ok(respond_json(200, &JobBody::from(&job)))
}
