//! `/v1/payments/vault/keys`: the tenant's data keys and their rotation.

use actix_web::http::header::{HeaderValue, LOCATION};
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{DataKeyId, Timestamp};
use tender_domain::vault::DataKey;
use tender_http::{
    Authorized, Command, OptionalBody, PageQuery, Paginated, Problem, ResponseExt, job_path, respond, scopes,
};
use utoipa::ToSchema;

use super::jobs::{RotationJob, accepted};
use crate::VaultService;

/// The body of a request that needs none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoBody {}

/// A version of the tenant's data key for a purpose. Never the key itself.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct DataKeyResource {
    /// Its id.
    #[schema(value_type = String, example = "dk_01h2xcejqtf2nbrexx3vqjhp41")]
    id: DataKeyId,
    /// Always `data_key`.
    #[schema(value_type = String, example = "data_key")]
    object: &'static str,
    /// Its id again.
    #[schema(value_type = String, example = "dk_01h2xcejqtf2nbrexx3vqjhp41")]
    data_key_id: DataKeyId,
    /// What it seals: `payment_methods`, their tokens; `connector_credentials`.
    #[schema(value_type = String, example = "payment_methods")]
    purpose: &'static str,
    /// Which version of the tenant's key for this purpose it is, from 1.
    #[schema(example = 2)]
    key_version: u32,
    /// `current`: it seals. `retiring`: it opens what it sealed, until a rotation has sealed that anew. `retired`: nothing
    /// is sealed under it any more, and it was destroyed.
    #[schema(value_type = String, example = "current")]
    status: &'static str,
    /// By which key-encryption key it is wrapped, or was wrapped at last.
    #[schema(example = "local:1")]
    wrapped_by: String,
    /// When it was last wrapped.
    #[schema(value_type = String, format = DateTime)]
    wrapped_at: Timestamp,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it was destroyed.
    #[schema(value_type = Option<String>, format = DateTime)]
    retired_at: Option<Timestamp>,
}

impl DataKeyResource {
    fn of(key: &DataKey, current: &[DataKeyId]) -> Self {
        let status = match key.retired_at() {
            Some(_) => "retired",
            None if current.contains(&key.id) => "current",
            None => "retiring",
        };
        Self {
            id: key.id,
            object: "data_key",
            data_key_id: key.id,
            purpose: key.purpose.as_str(),
            key_version: key.number,
            status,
            wrapped_by: key.wrapped_by().to_owned(),
            wrapped_at: key.wrapped_at,
            created_at: key.created_at,
            retired_at: key.retired_at(),
        }
    }
}

/// Lists the tenant's data keys, newest first.
///
/// Ages and states; never a key, wrapped or not.
#[utoipa::path(
    operation_id = "list_vault_keys",
    tag = "vault",
    security(("bearer" = ["vault:read"])),
    params(
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 20 if left out"),
        ("starting_after" = Option<String>, Query, description = "Rows older than this one"),
        ("ending_before" = Option<String>, Query, description = "Rows newer than this one"),
        ("cursor" = Option<String>, Query, description = "What `next_cursor` gave"),
    ),
    responses(
        (status = 200, description = "One page", body = Paginated<DataKeyResource>),
        (status = 400, description = "A query parameter is unknown or malformed", body = Problem),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `vault:read` is missing", body = Problem),
    )
)]
#[get("/v1/payments/vault/keys")]
pub(super) async fn list_keys(
    caller: Authorized<scopes::VaultRead>,
    query: PageQuery,
    vault: web::Data<VaultService>,
) -> Result<Paginated<DataKeyResource>, Problem> {
    let (page, current) = vault.list_keys(&caller, &query.page).await?;
    let rows = page.map(|key| DataKeyResource::of(&key, &current));
    Ok(Paginated::new(rows, &query.page, |row| row.id.uuid()))
}

/// Rotates the tenant's keys.
///
/// Makes a new version of each of its data keys, seals everything under them while reads and writes go on, and destroys the
/// older versions when nothing is sealed under them any more. A job, which goes on after a crash where it stood.
#[utoipa::path(
    operation_id = "rotate_vault_keys",
    tag = "vault",
    security(("bearer" = ["vault:write"])),
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a retry safe")),
    responses(
        (status = 202, description = "It has begun; `Location` is the job", body = RotationJob),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `vault:write` is missing", body = Problem),
        (status = 409, description = "`rotation_running`: the last one has not ended yet", body = Problem),
        (status = 422, description = "`idempotency_key_reused`", body = Problem),
        (status = 503, description = "The key-encryption key cannot be reached", body = Problem),
    )
)]
#[post("/v1/payments/vault/keys/rotate")]
pub(super) async fn rotate_keys(
    caller: Authorized<scopes::VaultWrite>,
    command: Command<OptionalBody<NoBody>>,
    vault: web::Data<VaultService>,
) -> Result<HttpResponse, Problem> {
    let reply = vault.rotate_keys(&caller, command.key, accepted).await?;
    let mut response = respond(&reply.answer).replayed(reply.replayed);
    if let Some(path) = job_path(&reply.answer).and_then(|path| HeaderValue::from_str(&path).ok()) {
        response.headers_mut().insert(LOCATION, path);
    }
    Ok(response)
}
