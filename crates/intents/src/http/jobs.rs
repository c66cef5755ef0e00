//! `/v1/payments/jobs/{id}`

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tender_domain::intents::{JobItem, JobItemState, JobWithItems};
use tender_domain::kernel::{Answer, JobKind};
use tender_http::{Authorized, Problem, keep, parse_id, respond_json, scopes};
use utoipa::ToSchema;

use super::intents::Service;

/// A job.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Job)]
pub(super) struct JobBody {
    /// Always `job`.
    #[schema(value_type = String, example = "job")]
    object: &'static str,
    /// The job.
    #[schema(example = "job_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// The same.
    #[schema(example = "job_01h2xcejqtf2nbrexx3vqjhp41")]
    job_id: String,
    /// `intents.bulk_create`.
    #[schema(value_type = String, example = "intents.bulk_create")]
    kind: &'static str,
    /// `pending`, `processing` or `completed`; each item has its own.
    #[schema(value_type = String, example = "processing")]
    status: &'static str,
    /// How far it is.
    progress: Progress,
    /// Its items, in the order of the request.
    results: Vec<ItemBody>,
    /// Whether the money is real.
    livemode: bool,
    /// When it was asked for.
    created_at: DateTime<Utc>,
    /// When its last item ended.
    finished_at: Option<DateTime<Utc>>,
}

/// How far a job is.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = JobProgress)]
struct Progress {
    /// How many items have ended.
    done: usize,
    /// How many there are.
    total: usize,
    /// How many succeeded.
    succeeded: usize,
    /// How many were refused.
    failed: usize,
}

/// An item of a job.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = JobItem)]
struct ItemBody {
    /// Its place in the request, from 0.
    index: u32,
    /// `pending`, `succeeded` or `failed`.
    #[schema(value_type = String, example = "succeeded")]
    status: &'static str,
    /// The intent that it became.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: Option<String>,
    /// Why it was refused: the problem that a request of its own would have been answered with.
    #[schema(value_type = Option<Problem>)]
    error: Option<Value>,
}

/// How a new job is answered.
pub(super) fn job_answer(job: &JobWithItems) -> Answer {
    keep(202, &JobBody::from(job))
}

/// Where the job of an answer is, also of one that was kept.
pub(super) fn job_path(answer: &Answer) -> Option<String> {
    #[derive(Deserialize)]
    struct Head<'a> {
        job_id: &'a str,
    }
    let head: Head<'_> = serde_json::from_str(&answer.body).ok()?;
    Some(format!("/v1/payments/jobs/{}", head.job_id))
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
#[get("/v1/payments/jobs/{job_id}")]
pub(super) async fn get(
    caller: Authorized<scopes::IntentsRead>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let job = service.get_job(&caller, parse_id::<JobKind>(&id)?).await?;
    let job = job.ok_or_else(|| Problem::not_found("job"))?;
    Ok(respond_json(200, &JobBody::from(&job)))
}

impl From<&JobWithItems> for JobBody {
    fn from(found: &JobWithItems) -> Self {
        let (job, done, total) = (&found.job, found.done(), found.items.len());
        let succeeded = |item: &&JobItem| matches!(item.state, JobItemState::Succeeded { .. });
        let succeeded = found.items.iter().filter(succeeded).count();
        Self {
            object: "job",
            id: job.id.to_string(),
            job_id: job.id.to_string(),
            kind: "intents.bulk_create",
            status: match done {
                _ if done == total => "completed",
                0 => "pending",
                _ => "processing",
            },
            progress: Progress { done, total, succeeded, failed: done - succeeded },
            results: found.items.iter().map(ItemBody::from).collect(),
            livemode: job.livemode,
            created_at: job.created_at,
            finished_at: found.finished_at(),
        }
    }
}

impl From<&JobItem> for ItemBody {
    fn from(item: &JobItem) -> Self {
        let (status, intent, problem) = match &item.state {
            JobItemState::Pending(_) => ("pending", None, None),
            JobItemState::Succeeded { intent, .. } => ("succeeded", Some(intent.to_string()), None),
            JobItemState::Failed { problem, .. } => ("failed", None, Some(problem)),
        };
        let error = problem.and_then(|problem| serde_json::from_str(problem).ok());
        Self { index: item.number, status, payment_intent_id: intent, error }
    }
}
