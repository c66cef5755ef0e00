//! `POST /v1/payments/refunds/bulk`, and the jobs that it makes.

use actix_web::guard::GuardContext;
use actix_web::{HttpResponse, get, post, web};
use serde::Deserialize;
use tender_domain::jobs::JOB_ITEMS_MAX;
use tender_domain::kernel::{JobKind, JobOwner};
use tender_http::{
    Authorized, Command, JobBody, Problem, ResponseExt, job_answer, job_path, owner_of_job, parse_id,
    parse_json, respond, respond_json, scopes,
};
use utoipa::ToSchema;

use super::refunds::Service;
use super::request::CreateRefundBody;
use crate::CreateRefund;

/// Many refunds.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulkCreateRefunds)]
struct BulkBody {
    /// 1 to 1,000 of them; each has a key of its own.
    #[schema(min_items = 1, max_items = 1_000)]
    refunds: Vec<CreateRefundBody>,
}

/// Makes many refunds, in a job: one that is refused does not keep the others from being made.
///
/// Each is made once, also when the job is interrupted. An item has succeeded when it became a refund; how that stands,
/// the refund says. Of several payments name each, also those of one charge.
#[utoipa::path(
    operation_id = "bulk_create_refunds",
    tag = "refunds",
    path = "/v1/payments/refunds/bulk",
    params(("Idempotency-Key" = String, Header, description = "A text of your own, the same when you send it again")),
    request_body = BulkBody,
    responses(
        (status = 202, description = "The job; `Location` has its address", body = JobBody),
        (status = 400, description = "Malformed, or without `Idempotency-Key`", body = Problem),
        (status = 422, description = "The key belongs to another request", body = Problem),
    ),
    security(("bearer" = ["refunds:write"])),
)]
#[post("/v1/payments/refunds/bulk")]
pub(super) async fn create(
    caller: Authorized<scopes::RefundsWrite>,
    command: Command<BulkBody>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let key = command.require_key()?;
    let refunds = command.body.refunds;
    if refunds.is_empty() || refunds.len() > JOB_ITEMS_MAX {
        let detail = format!("must hold 1 to {JOB_ITEMS_MAX} refunds");
        return Err(Problem::bad_request("invalid_field", &detail).pointer("/refunds", &detail));
    }
    let items = refunds.into_iter().map(checked).collect();
    let answered = service.refund_in_bulk(&caller, items, key, job_answer).await?;
    let response = respond(&answered.answer).replayed(answered.replayed);
    Ok(match job_path(&answered.answer) {
        Some(path) => response.location(path),
        None => response,
    })
}

/// What is kept of an item: itself, or why it is refused. Refused text is kept nowhere.
fn checked(refund: CreateRefundBody) -> Result<String, String> {
    let refused = |problem: Problem| problem.to_answer().body.to_string();
    CreateRefund::try_from(refund.clone()).map_err(refused)?;
    serde_json::to_string(&refund).map_err(|error| {
        tracing::error!(%error, "an item cannot be kept");
        refused(Problem::internal())
    })
}

/// The command of an item that was kept.
pub(crate) fn item_command(kept: &str) -> Result<CreateRefund, Problem> {
    parse_json::<CreateRefundBody>(kept.as_bytes())?.try_into()
}

fn is_ours(context: &GuardContext<'_>) -> bool {
    owner_of_job(context) == Some(JobOwner::Refunds)
}

/// Reads a job of refunds: how far it is, and what became of its items.
#[utoipa::path(
    operation_id = "get_refunds_job",
    tag = "jobs",
    path = "/v1/payments/jobs/{job_id}",
    params(("job_id" = String, Path, description = "The job", example = "job_01h2xcejqtf2nbrexx3vqjhp41")),
    responses(
        (status = 200, description = "The job", body = JobBody),
        (status = 404, description = "No such job", body = Problem),
    ),
    security(("bearer" = ["refunds:read"])),
)]
#[get("/v1/payments/jobs/{job_id}", guard = "is_ours")]
pub(super) async fn get_job(
    caller: Authorized<scopes::RefundsRead>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let job = service.get_job(&caller, parse_id::<JobKind>(&id)?).await?;
    let job = job.ok_or_else(|| Problem::not_found("job"))?;
    Ok(respond_json(200, &JobBody::from(&job)))
}
