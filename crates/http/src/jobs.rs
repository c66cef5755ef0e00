//! Long jobs that make many things by one request, as clients see them (contract §2): `GET /v1/payments/jobs/{job_id}`.
//!
//! Each service answers there for its own jobs; the id names it ([`owner_of_job`]).

use actix_web::guard::GuardContext;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tender_domain::jobs::{JobItem, JobItemState, JobWithItems};
use tender_domain::kernel::{Answer, IntentId, JobId, JobOwner, RefundId};
use utoipa::ToSchema;

use crate::Problem;

/// What an item of a job becomes.
pub trait JobResult: Copy {
    /// The kind of job, as its resource names it.
    const KIND: &'static str;

    /// Puts its id where clients look for it.
    fn show(self, item: &mut JobItemBody);
}

impl JobResult for IntentId {
    const KIND: &'static str = "intents.bulk_create";

    fn show(self, item: &mut JobItemBody) {
        item.payment_intent_id = Some(self.to_string());
    }
}

impl JobResult for RefundId {
    const KIND: &'static str = "refunds.bulk_create";

    fn show(self, item: &mut JobItemBody) {
        item.refund_id = Some(self.to_string());
    }
}

/// A job.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Job)]
pub struct JobBody {
    /// Always `job`.
    #[schema(value_type = String, example = "job")]
    object: &'static str,
    /// The job.
    #[schema(example = "job_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// The same.
    #[schema(example = "job_01h2xcejqtf2nbrexx3vqjhp41")]
    job_id: String,
    /// `intents.bulk_create` or `refunds.bulk_create`.
    #[schema(value_type = String, example = "intents.bulk_create")]
    kind: &'static str,
    /// `pending`, `processing` or `completed`; each item has its own.
    #[schema(value_type = String, example = "processing")]
    status: &'static str,
    /// How far it is.
    progress: JobProgress,
    /// Its items, in the order of the request.
    results: Vec<JobItemBody>,
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
struct JobProgress {
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
pub struct JobItemBody {
    /// Its place in the request, from 0.
    index: u32,
    /// `pending`, `succeeded` or `failed`.
    #[schema(value_type = String, example = "succeeded")]
    status: &'static str,
    /// The intent that it became; of a job of intents.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: Option<String>,
    /// The refund that it became, which says itself how it stands; of a job of refunds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "rf_01h2xcejqtf2nbrexx3vqjhp41")]
    refund_id: Option<String>,
    /// Why it was refused: the problem that a request of its own would have been answered with.
    #[schema(value_type = Option<Problem>)]
    error: Option<Value>,
}

/// How a new job is answered.
#[must_use]
pub fn job_answer<R: JobResult>(job: &JobWithItems<R>) -> Answer {
    crate::keep(202, &JobBody::from(job))
}

/// Where the job of an answer is, also of one that was kept.
#[must_use]
pub fn job_path(answer: &Answer) -> Option<String> {
    #[derive(Deserialize)]
    struct Head<'a> {
        job_id: &'a str,
    }
    let head: Head<'_> = serde_json::from_str(&answer.body).ok()?;
    Some(format!("/v1/payments/jobs/{}", head.job_id))
}

/// Whose the job is that ends the path of a request; none when that is no job's id.
#[must_use]
pub fn owner_of_job(context: &GuardContext<'_>) -> Option<JobOwner> {
    let last = context.head().uri.path().rsplit('/').next().unwrap_or_default();
    last.parse::<JobId>().ok().map(JobId::owner)
}

impl<R: JobResult> From<&JobWithItems<R>> for JobBody {
    fn from(found: &JobWithItems<R>) -> Self {
        let (job, done, total) = (&found.job, found.done(), found.items.len());
        let succeeded = |item: &&JobItem<R>| matches!(item.state, JobItemState::Succeeded { .. });
        let succeeded = found.items.iter().filter(succeeded).count();
        Self {
            object: "job",
            id: job.id.to_string(),
            job_id: job.id.to_string(),
            kind: R::KIND,
            status: match done {
                _ if done == total => "completed",
                0 => "pending",
                _ => "processing",
            },
            progress: JobProgress { done, total, succeeded, failed: done - succeeded },
            results: found.items.iter().map(JobItemBody::from).collect(),
            livemode: job.livemode,
            created_at: job.created_at,
            finished_at: found.finished_at(),
        }
    }
}

impl<R: JobResult> From<&JobItem<R>> for JobItemBody {
    fn from(item: &JobItem<R>) -> Self {
        let (status, made, problem) = match &item.state {
            JobItemState::Pending(_) => ("pending", None, None),
            JobItemState::Succeeded { made, .. } => ("succeeded", Some(*made), None),
            JobItemState::Failed { problem, .. } => ("failed", None, Some(problem)),
        };
        let error = problem.and_then(|problem| serde_json::from_str(problem).ok());
        let mut body = Self { index: item.number, status, payment_intent_id: None, refund_id: None, error };
        if let Some(made) = made {
            made.show(&mut body);
        }
        body
    }
}
