//! `/v1/payments/jobs/{id}` of the vault's jobs. Every service answers under this path for its own, which the id names.

use actix_web::guard::GuardContext;
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use tender_domain::kernel::{Answer, ConnectorId, DataKeyId, JobId, JobKind, JobOwner, MethodId, Timestamp};
use tender_domain::vault::KeyRotation;
use tender_http::{Authorized, Problem, keep, owner_of_job, parse_id, respond_json, scopes};
use utoipa::ToSchema;

use crate::VaultService;

/// A rotation of the vault's keys, as a job.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct RotationJob {
    /// Always `job`.
    #[schema(value_type = String, example = "job")]
    object: &'static str,
    /// The job.
    #[schema(value_type = String, example = "job_01h2xcejqtf2nbrexx3vqjhp41")]
    id: JobId,
    /// The same.
    #[schema(value_type = String, example = "job_01h2xcejqtf2nbrexx3vqjhp41")]
    job_id: JobId,
    /// `vault.rotate_keys`.
    #[schema(value_type = String, example = "vault.rotate_keys")]
    kind: &'static str,
    /// `pending`, `processing`, `completed`, or `failed`: records that do not open are left, and their keys kept.
    #[schema(value_type = String, example = "processing")]
    status: &'static str,
    /// How far it is.
    progress: RotationProgress,
    /// The records that could not be sealed anew; at most a hundred.
    results: Vec<RotationResult>,
    /// The key that payment methods are sealed under.
    #[schema(value_type = String, example = "dk_01h2xcejqtf2nbrexx3vqjhp41")]
    data_key_id: DataKeyId,
    /// The key that connectors' credentials are sealed under.
    #[schema(value_type = Option<String>, example = "dk_01h2xcejqtf2nbrexx3vqjhp42")]
    credentials_key_id: Option<DataKeyId>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ended.
    #[schema(value_type = Option<String>, format = DateTime)]
    finished_at: Option<Timestamp>,
}

/// How far a rotation is.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RotationProgress {
    /// How many records were sealed anew or could not be.
    done: u64,
    /// How many there were to do when it began.
    total: u64,
    /// How many were sealed anew.
    succeeded: u64,
    /// How many could not be.
    failed: u64,
}

/// A record that could not be sealed anew.
#[derive(Debug, Clone, Serialize, ToSchema)]
struct RotationResult {
    /// Always `failed`.
    #[schema(value_type = String, example = "failed")]
    status: &'static str,
    /// The payment method, if the record is one.
    #[schema(value_type = Option<String>, example = "pm_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_method_id: Option<MethodId>,
    /// The connector whose credentials it is, if it is that.
    #[schema(value_type = Option<String>, example = "con_01h2xcejqtf2nbrexx3vqjhp41")]
    connector_id: Option<ConnectorId>,
    /// Why.
    error: String,
}

impl From<&KeyRotation> for RotationJob {
    fn from(rotation: &KeyRotation) -> Self {
        let failed = rotation.failures.len() as u64;
        let results = rotation.failures.iter().map(|failure| RotationResult {
            status: "failed",
            payment_method_id: failure.payment_method_id,
            connector_id: failure.connector_id,
            error: failure.error.clone(),
        });
        Self {
            object: "job",
            id: rotation.id,
            job_id: rotation.id,
            kind: "vault.rotate_keys",
            status: rotation.status().as_str(),
            progress: RotationProgress {
                done: rotation.done + failed,
                total: rotation.total,
                succeeded: rotation.done,
                failed,
            },
            results: results.collect(),
            data_key_id: rotation.to,
            credentials_key_id: rotation.credentials_to,
            created_at: rotation.created_at,
            finished_at: rotation.finished_at,
        }
    }
}

/// 202 with the new job.
pub(super) fn accepted(rotation: &KeyRotation) -> Answer {
    keep(202, &RotationJob::from(rotation))
}

/// Whether the path ends in a job of the vault.
fn is_ours(context: &GuardContext<'_>) -> bool {
    owner_of_job(context) == Some(JobOwner::Vault)
}

/// Reads a job of the vault: how far a rotation of keys is.
#[utoipa::path(
    operation_id = "get_vault_job",
    tag = "jobs",
    path = "/v1/payments/jobs/{job_id}",
    params(("job_id" = String, Path, description = "The job", example = "job_01h2xcejqtf2nbrexx3vqjhp41")),
    responses(
        (status = 200, description = "The job", body = RotationJob),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `vault:read` is missing", body = Problem),
        (status = 404, description = "No such job", body = Problem),
    ),
    security(("bearer" = ["vault:read"])),
)]
#[get("/v1/payments/jobs/{job_id}", guard = "is_ours")]
pub(super) async fn get_job(
    caller: Authorized<scopes::VaultRead>,
    id: web::Path<String>,
    vault: web::Data<VaultService>,
) -> Result<HttpResponse, Problem> {
    let rotation = vault.get_rotation(&caller, parse_id::<JobKind>(&id)?).await?;
    Ok(respond_json(200, &RotationJob::from(&rotation)))
}
