//! `/internal/connectors/{id}/credentials`: the secrets of tenants' own connectors. For services of the platform only.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use actix_web::{HttpResponse, delete, post, put, web};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, Serializer};
use tender_domain::connectors::{
    ConnectorCredentials, ConnectorSecrets, ConnectorSecretsError, Credentials, NewCredentials,
};
use tender_domain::kernel::{ConnectorKind, Timestamp};
use tender_domain::vault::Reader;
use tender_http::{Authorized, Command, OptionalBody, Problem, parse_id, respond_json, scopes};
use utoipa::ToSchema;

use crate::VaultService;

const UNAVAILABLE_RETRY_SECONDS: u32 = 1;

/// Credentials to be kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeepCredentials {
    /// Which of the connector they are, from 1.
    generation: u32,
    /// Their fields.
    #[schema(value_type = BTreeMap<String, String>)]
    fields: BTreeMap<String, SecretString>,
    /// Until when those before are kept beside.
    #[schema(value_type = Option<String>, format = DateTime)]
    previous_until: Option<Timestamp>,
}

/// Credentials, in the clear.
#[derive(Serialize, ToSchema)]
struct ReadCredentials {
    /// Which of the connector they are.
    generation: u32,
    /// Their fields.
    #[serde(serialize_with = "in_the_clear")]
    #[schema(value_type = BTreeMap<String, String>)]
    fields: Credentials,
    /// Those before, while they overlap.
    previous: Option<PreviousCredentials>,
}

/// Credentials that were rotated, while they overlap.
#[derive(Serialize, ToSchema)]
struct PreviousCredentials {
    /// Their fields.
    #[serde(serialize_with = "in_the_clear")]
    #[schema(value_type = BTreeMap<String, String>)]
    fields: Credentials,
    /// Until when they count.
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
}

/// The body of a request that needs none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoBody {}

/// What became of it.
#[derive(Serialize, ToSchema)]
struct CredentialsKept {
    /// Always true.
    done: bool,
}

/// Said here and nowhere else: this answer carries the secrets.
fn in_the_clear<S: Serializer>(fields: &Credentials, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(fields.iter().map(|(name, value)| (name, value.expose_secret())))
}

impl From<ConnectorCredentials> for ReadCredentials {
    fn from(kept: ConnectorCredentials) -> Self {
        let previous = kept.previous.map(|(fields, until)| PreviousCredentials { fields, until });
        Self { generation: kept.generation, fields: kept.fields, previous }
    }
}

/// Keeps the credentials of a connector.
///
/// For services of the platform, by their signed token; the tenant is the token's.
#[utoipa::path(
    operation_id = "keep_connector_credentials",
    tag = "internal",
    security(("bearer" = ["service:internal"])),
    params(("connector_id" = String, Path, description = "The connector's id (`con_…`)")),
    request_body = KeepCredentials,
    responses(
        (status = 200, description = "They are kept", body = CredentialsKept),
        (status = 400, description = "Malformed", body = Problem),
        (status = 404, description = "Not a connector's id", body = Problem),
        (status = 409, description = "`credentials_stale`: later ones are kept already", body = Problem),
        (status = 503, description = "They cannot be kept now", body = Problem),
    )
)]
#[put("/internal/connectors/{connector_id}/credentials")]
pub(super) async fn keep(
    caller: Authorized<scopes::ServiceInternal>,
    command: Command<KeepCredentials>,
    id: web::Path<String>,
    vault: web::Data<VaultService>,
) -> Result<HttpResponse, Problem> {
    let KeepCredentials { generation, fields, previous_until } = command.body;
    let new = NewCredentials { generation, fields, previous_until };
    vault.keep(&caller.tenant, parse_id::<ConnectorKind>(&id)?, new).await.map_err(problem)?;
    Ok(respond_json(200, &CredentialsKept { done: true }))
}

/// Reads the credentials of a connector.
///
/// For services of the platform, by their signed token; the tenant is the token's. Every call is a line of the log of secret
/// reads.
#[utoipa::path(
    operation_id = "read_connector_credentials",
    tag = "internal",
    security(("bearer" = ["service:internal"])),
    params(("connector_id" = String, Path, description = "The connector's id (`con_…`)")),
    responses(
        (status = 200, description = "The credentials", body = ReadCredentials),
        (status = 404, description = "`credentials_not_found`: there are none", body = Problem),
        (status = 503, description = "They cannot be read now", body = Problem),
    )
)]
#[post("/internal/connectors/{connector_id}/credentials/read")]
pub(super) async fn read(
    caller: Authorized<scopes::ServiceInternal>,
    _command: Command<OptionalBody<NoBody>>,
    id: web::Path<String>,
    vault: web::Data<VaultService>,
) -> Result<HttpResponse, Problem> {
    let reader = Reader::Service(Arc::clone(&caller.subject));
    let found = vault.read_credentials(reader, &caller.tenant, parse_id::<ConnectorKind>(&id)?).await;
    // A code of its own: a caller must not take a wrong address for credentials that are not there.
    let none = || Problem::new(404, "credentials_not_found", "there are no such credentials");
    let kept = found.map_err(problem)?.ok_or_else(none)?;
    let mut response = respond_json(200, &ReadCredentials::from(kept));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Destroys the credentials of a connector.
///
/// For services of the platform, by their signed token; the tenant is the token's.
#[utoipa::path(
    operation_id = "erase_connector_credentials",
    tag = "internal",
    security(("bearer" = ["service:internal"])),
    params(("connector_id" = String, Path, description = "The connector's id (`con_…`)")),
    responses(
        (status = 200, description = "They are destroyed, or there were none", body = CredentialsKept),
        (status = 404, description = "Not a connector's id", body = Problem),
        (status = 503, description = "They cannot be destroyed now", body = Problem),
    )
)]
#[delete("/internal/connectors/{connector_id}/credentials")]
pub(super) async fn erase(
    caller: Authorized<scopes::ServiceInternal>,
    id: web::Path<String>,
    vault: web::Data<VaultService>,
) -> Result<HttpResponse, Problem> {
    vault.erase(&caller.tenant, parse_id::<ConnectorKind>(&id)?).await.map_err(problem)?;
    Ok(respond_json(200, &CredentialsKept { done: true }))
}

fn problem(error: ConnectorSecretsError) -> Problem {
    match error {
        ConnectorSecretsError::Stale => Problem::conflict("credentials_stale", error.to_string()),
        ConnectorSecretsError::Unavailable(why) => {
            tracing::warn!(why, "credentials of a connector could not be kept or read");
            Problem::service_unavailable(UNAVAILABLE_RETRY_SECONDS)
        }
    }
}
