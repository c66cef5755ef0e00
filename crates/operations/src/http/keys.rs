//! `/v1/payments/keys`: API keys.

use actix_web::web::Path;
use actix_web::{HttpResponse, delete, get, post};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Answer, KeyId, Scope, ScopeSet, Timestamp};
use tender_domain::operations::{ApiKey, ApiKeyStatus, InvalidLifetime, KeyLifetime};
use tender_http::{
    Authorized, Command, ListQuery, OptionalBody, Paginated, Problem, ResponseExt, keep, parse_id, respond,
    scopes,
};
use utoipa::{IntoParams, ToSchema};

use super::Service;
use crate::{Doer, IssueKey, Issuer, Kept, RevokeKey};

/// An API key to be issued.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyRequest {
    /// How people call it, 1 to 255 characters.
    #[schema(example = "storefront-read")]
    name: String,
    /// What it is to do; only what the caller may do itself.
    #[schema(example = json!(["intents:read", "methods:attach"]))]
    scopes: Vec<String>,
    /// How long it counts: a number and `m`, `h`, `d` or `w`; without it, until it is revoked.
    #[serde(default)]
    #[schema(example = "30d")]
    expires_in: Option<String>,
    /// Whether it is to be in a browser (`pk_`); it can then have the scope `methods:attach` only.
    #[serde(default)]
    publishable: bool,
}

/// The body of a request that needs none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoBody {}

/// Where an API key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyStatusName {
    /// It counts.
    Active,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
}

impl From<ApiKeyStatus> for KeyStatusName {
    fn from(status: ApiKeyStatus) -> Self {
        match status {
            ApiKeyStatus::Active => Self::Active,
            ApiKeyStatus::Expired => Self::Expired,
            ApiKeyStatus::Revoked => Self::Revoked,
        }
    }
}

impl From<KeyStatusName> for ApiKeyStatus {
    fn from(name: KeyStatusName) -> Self {
        match name {
            KeyStatusName::Active => Self::Active,
            KeyStatusName::Expired => Self::Expired,
            KeyStatusName::Revoked => Self::Revoked,
        }
    }
}

/// An API key.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct KeyView {
    /// Always `api_key`.
    #[schema(value_type = String, example = "api_key")]
    object: &'static str,
    /// Its id.
    #[schema(value_type = String, example = "key_01h2xcejqtf2nbrexx3vqjhp41")]
    id: KeyId,
    /// The same.
    #[schema(value_type = String, example = "key_01h2xcejqtf2nbrexx3vqjhp41")]
    key_id: KeyId,
    /// How people call it.
    name: String,
    /// How its text begins.
    #[schema(example = "sk_test_")]
    prefix: String,
    /// How its text ends.
    #[schema(example = "aB3z")]
    last4: String,
    /// Its text: in the first answer to the request that issued it, and never again; not in a replayed answer either.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "sk_test_0a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1")]
    secret: Option<String>,
    /// What it may do.
    #[schema(example = json!(["intents:read", "methods:attach"]))]
    scopes: Vec<&'static str>,
    /// Whether it may be in a browser.
    publishable: bool,
    /// Where it stands.
    status: KeyStatusName,
    /// When it stops to count; null is never.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// When it was taken back; null while it was not.
    #[schema(value_type = Option<String>, format = DateTime)]
    revoked_at: Option<Timestamp>,
    /// Who issued it.
    issued_by: String,
    /// Whether it is for live money.
    livemode: bool,
    /// How often it changed.
    version: i64,
    /// When it was issued.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl KeyView {
    /// The key as it is at `now`, without its text.
    fn of(key: &ApiKey, now: Timestamp) -> Self {
        Self {
            object: "api_key",
            id: key.id,
            key_id: key.id,
            name: key.name.clone(),
            prefix: key.masked.prefix.clone(),
            last4: key.masked.last4.clone(),
            secret: None,
            scopes: key.scopes.iter().map(Scope::as_str).collect(),
            publishable: key.publishable,
            status: key.status(now).into(),
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            issued_by: key.issued_by.to_string(),
            livemode: key.livemode,
            version: key.version.number(),
            created_at: key.created_at,
            updated_at: key.updated_at,
        }
    }
}

/// Issues an API key.
///
/// Its text is in this answer only.
#[utoipa::path(
    operation_id = "issue_key",
    path = "/v1/payments/keys",
    tag = "keys",
    request_body = KeyRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "At most 255 characters. A replayed answer has no `secret`: that is shown once.")),
    responses(
        (status = 201, description = "Issued; `secret` is shown now and never again.", body = KeyView),
        (status = 400, description = "Malformed.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No credential that counts.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Without `keys:write`, or a scope that the caller does not have itself.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The first call with this Idempotency-Key still runs.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "A scope that does not exist, or one that no such key can have.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = ["keys:write"]))
)]
#[post("/v1/payments/keys")]
pub(crate) async fn issue(
    caller: Authorized<scopes::KeysWrite>,
    command: Command<KeyRequest>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let KeyRequest { name, scopes, expires_in, publishable } = command.body;
    let issue = IssueKey {
        tenant: caller.tenant.clone(),
        name,
        scopes: read_scopes(&scopes)?,
        publishable,
        livemode: caller.livemode,
        lifetime: expires_in.as_deref().map(read_lifetime).transpose()?,
        issuer: Issuer::caller(&caller),
    };
    let present = |key: &ApiKey| keep(201, &KeyView::of(key, key.created_at));
    match service.issue_key(issue, command.key.as_ref(), present).await? {
        Kept::Replayed(answer) => Ok(respond(&answer).replayed(true)),
        Kept::Fresh(issued) => {
            let secret = Some(issued.secret.expose().to_owned());
            let view = KeyView { secret, ..KeyView::of(&issued.key, issued.key.created_at) };
            Ok(respond(&keep(201, &view)).etag(issued.key.version))
        }
    }
}

fn read_scopes(texts: &[String]) -> Result<ScopeSet, Problem> {
    let mut scopes = Vec::with_capacity(texts.len());
    for (place, text) in texts.iter().enumerate() {
        let scope: Scope = text.parse().map_err(|error: tender_domain::kernel::UnknownScope| {
            let detail = error.to_string();
            Problem::unprocessable("unknown_scope", detail.clone())
                .pointer(format!("/scopes/{place}"), detail)
        })?;
        scopes.push(scope);
    }
    Ok(scopes.into_iter().collect())
}

fn read_lifetime(text: &str) -> Result<KeyLifetime, Problem> {
    text.parse().map_err(|error: InvalidLifetime| {
        let detail = error.to_string();
        let status = if error == InvalidLifetime::Malformed { 400 } else { 422 };
        Problem::new(status, "invalid_lifetime", detail.clone()).pointer("/expires_in", detail)
    })
}

/// Which keys to list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct KeyFilter {
    /// Only those that stand so now.
    status: Option<KeyStatusName>,
}

/// Lists the tenant's API keys, newest first, without their texts.
#[utoipa::path(
    operation_id = "list_keys",
    path = "/v1/payments/keys",
    tag = "keys",
    params(
        ("limit" = Option<u32>, Query, description = "1 to 100, 20 by default."),
        ("starting_after" = Option<String>, Query, description = "The id of the last row of the page before."),
        ("ending_before" = Option<String>, Query, description = "The id of the first row of the page after."),
        ("cursor" = Option<String>, Query, description = "What `next_cursor` gave."),
        KeyFilter,
    ),
    responses(
        (status = 200, description = "One page.", body = Paginated<KeyView>),
        (status = 400, description = "A parameter that is unknown or malformed.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "No credential that counts.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Without `keys:read`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = ["keys:read"]))
)]
#[get("/v1/payments/keys")]
pub(crate) async fn list(
    caller: Authorized<scopes::KeysRead>,
    query: ListQuery<KeyFilter>,
    service: Service,
) -> Result<Paginated<KeyView>, Problem> {
    let status = query.filter.status.map(ApiKeyStatus::from);
    let page = service.list_keys(&caller.tenant, status, &query.page).await?;
    let now = service.now();
    Ok(Paginated::new(page.map(|key| KeyView::of(&key, now)), &query.page, |view| view.id.uuid()))
}

/// Takes an API key back, for ever.
///
/// Taking it back again changes nothing.
#[utoipa::path(
    operation_id = "revoke_key",
    path = "/v1/payments/keys/{id}",
    tag = "keys",
    params(
        ("id" = String, Path, description = "The key's id.", example = "key_01h2xcejqtf2nbrexx3vqjhp41"),
        ("Idempotency-Key" = Option<String>, Header, description = "At most 255 characters."),
    ),
    responses(
        (status = 200, description = "It is revoked.", body = KeyView),
        (status = 401, description = "No credential that counts.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Without `keys:write`.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The tenant has no such key.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = ["keys:write"]))
)]
#[delete("/v1/payments/keys/{id}")]
pub(crate) async fn revoke(
    caller: Authorized<scopes::KeysWrite>,
    id: Path<String>,
    command: Command<OptionalBody<NoBody>>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let revoke = RevokeKey { tenant: caller.tenant.clone(), id: parse_id(&id)?, by: Doer::caller(&caller) };
    let present = |key: &ApiKey| -> Answer { keep(200, &KeyView::of(key, key.updated_at)) };
    match service.revoke_key(&revoke, command.key.as_ref(), present).await? {
        Kept::Replayed(answer) => Ok(respond(&answer).replayed(true)),
        Kept::Fresh(key) => Ok(respond(&present(&key)).etag(key.version)),
    }
}
