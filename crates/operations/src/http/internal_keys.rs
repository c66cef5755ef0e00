//! `GET /internal/keys/{hash}`: what another service asks when it meets a key that it does not know.

use actix_web::web::Path;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use tender_domain::kernel::{KeyId, Scope, TenantId, Timestamp, Version};
use tender_domain::ports::{ApiKeyAuthority, ApiKeyGrant, ApiKeyLookup};
use tender_http::{Authorized, Problem, respond_json, scopes};
use utoipa::ToSchema;

use super::Service;

/// A key's rights.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct GrantView {
    /// The key.
    #[schema(value_type = String, example = "key_01h2xcejqtf2nbrexx3vqjhp41")]
    key_id: KeyId,
    /// Its tenant.
    #[schema(value_type = String, example = "sandbox")]
    tenant_id: TenantId,
    /// What it may do.
    scopes: Vec<&'static str>,
    /// Whether it may be in a browser.
    publishable: bool,
    /// Whether it is for live money.
    livemode: bool,
    /// When it stops to count.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// When it was taken back.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
    /// How often the key changed.
    version: i64,
}

/// The answer: also that there is no such key is a 200, so that no proxy's 404 is taken for it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct GrantAnswer {
    /// The key's rights; null when there is no such key.
    key: Option<GrantView>,
}

impl GrantView {
    fn of((grant, version): (ApiKeyGrant, Version)) -> Self {
        Self {
            key_id: grant.id,
            tenant_id: grant.tenant,
            scopes: grant.scopes.iter().map(Scope::as_str).collect(),
            publishable: grant.publishable,
            livemode: grant.livemode,
            expires_at: grant.expires_at,
            revoked_at: grant.revoked_at,
            version: version.number(),
        }
    }
}

/// Tells what an API key may do, by the keyed hash of its text.
///
/// For the platform's own services.
#[utoipa::path(
    operation_id = "find_key",
    path = "/internal/keys/{hash}",
    tag = "internal",
    params(("hash" = String, Path, description = "The keyed hash of the key's text, 64 lower-case hexadecimal digits.")),
    responses(
        (status = 200, description = "What is known of it.", body = GrantAnswer),
        (status = 400, description = "Not a hash.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No credential that counts.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Not a service.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = ["service:internal"]))
)]
#[get("/internal/keys/{hash}")]
pub(crate) async fn find(
    _caller: Authorized<scopes::ServiceInternal>,
    hash: Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let lookup = ApiKeyLookup::from_hex(&hash).ok_or_else(|| {
        let detail = "a key's hash is 64 lower-case hexadecimal digits";
        Problem::bad_request("invalid_hash", detail).parameter("hash", detail)
    })?;
    let found = service.ask(&lookup).await?;
    Ok(respond_json(200, &GrantAnswer { key: found.map(GrantView::of) }))
}
