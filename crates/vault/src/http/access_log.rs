//! `/v1/payments/vault/access-log`: who read which secret.

use actix_web::{get, web};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{ConnectorId, MethodId, SecretReadId, Timestamp};
use tender_domain::vault::{AccessFilter, ReadPurpose, SecretRead};
use tender_http::{Authorized, CreatedRange, ListQuery, Paginated, Problem, scopes};
use utoipa::{IntoParams, ToSchema};

use crate::VaultService;

/// What a secret was read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ReadPurposeName {
    /// To charge a payment method.
    Charge,
    /// To seal it under another key.
    KeyRotation,
    /// To verify a payment method, or to look up what its issuer takes part in.
    Verification,
    /// To make calls at a connector, or to know its callbacks.
    ConnectorCall,
}

impl From<ReadPurposeName> for ReadPurpose {
    fn from(name: ReadPurposeName) -> Self {
        match name {
            ReadPurposeName::Charge => Self::Charge,
            ReadPurposeName::KeyRotation => Self::KeyRotation,
            ReadPurposeName::Verification => Self::Verification,
            ReadPurposeName::ConnectorCall => Self::ConnectorCall,
        }
    }
}

/// Which lines a list shows.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(super) struct AccessLogFilter {
    /// Of this payment method.
    #[param(value_type = Option<String>, example = "pm_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_method_id: Option<MethodId>,
    /// Of this connector.
    #[param(value_type = Option<String>, example = "con_01h2xcejqtf2nbrexx3vqjhp41")]
    connector_id: Option<ConnectorId>,
    /// By the service or the API key of this name.
    reader: Option<String>,
    /// For this purpose.
    #[param(inline)]
    purpose: Option<ReadPurposeName>,
    /// In this range, as in `created[gte]=2026-01-01T00:00:00Z`.
    #[param(style = DeepObject, explode, required = false, value_type = Object)]
    created: CreatedRange,
}

impl From<AccessLogFilter> for AccessFilter {
    fn from(filter: AccessLogFilter) -> Self {
        let (from, until) = super::method_filter::range(filter.created);
        Self {
            method: filter.payment_method_id,
            connector: filter.connector_id,
            reader: filter.reader,
            purpose: filter.purpose.map(ReadPurpose::from),
            from,
            until,
        }
    }
}

/// One read of a secret. Never the secret.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct SecretReadResource {
    /// Its id.
    #[schema(value_type = String, example = "sr_01h2xcejqtf2nbrexx3vqjhp41")]
    id: SecretReadId,
    /// Always `secret_read`.
    #[schema(value_type = String, example = "secret_read")]
    object: &'static str,
    /// Of which payment method it is, if of one.
    #[schema(value_type = Option<String>, example = "pm_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_method_id: Option<MethodId>,
    /// Of which connector it is, if of one.
    #[schema(value_type = Option<String>, example = "con_01h2xcejqtf2nbrexx3vqjhp41")]
    connector_id: Option<ConnectorId>,
    /// `service` or `key`.
    #[schema(value_type = String, example = "service")]
    reader_type: &'static str,
    /// The service's name, the key's id.
    #[schema(example = "intents")]
    reader: String,
    /// For what: `charge`, `key_rotation`, `verification` or `connector_call`.
    #[schema(value_type = String, example = "charge")]
    purpose: &'static str,
    /// `opened` or `not_opened`.
    #[schema(value_type = String, example = "opened")]
    outcome: &'static str,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<SecretRead> for SecretReadResource {
    fn from(read: SecretRead) -> Self {
        Self {
            id: read.id,
            object: "secret_read",
            payment_method_id: read.of.method(),
            connector_id: read.of.connector(),
            reader_type: read.reader.kind(),
            reader: read.reader.name().to_owned(),
            purpose: read.purpose.as_str(),
            outcome: if read.opened { "opened" } else { "not_opened" },
            created_at: read.at,
        }
    }
}

/// Lists the reads of the tenant's secrets, newest first.
///
/// Lines are only ever added. A line is there some fifty milliseconds after its read.
#[utoipa::path(
    operation_id = "list_secret_reads",
    tag = "vault",
    security(("bearer" = ["audit:read"])),
    params(
        AccessLogFilter,
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 20 if left out"),
        ("starting_after" = Option<String>, Query, description = "Rows older than this one"),
        ("ending_before" = Option<String>, Query, description = "Rows newer than this one"),
        ("cursor" = Option<String>, Query, description = "What `next_cursor` gave"),
    ),
    responses(
        (status = 200, description = "One page", body = Paginated<SecretReadResource>),
        (status = 400, description = "A query parameter is unknown or malformed", body = Problem),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `audit:read` is missing", body = Problem),
    )
)]
#[get("/v1/payments/vault/access-log")]
pub(super) async fn list_access(
    caller: Authorized<scopes::AuditRead>,
    query: ListQuery<AccessLogFilter>,
    vault: web::Data<VaultService>,
) -> Result<Paginated<SecretReadResource>, Problem> {
    let page = vault.list_access(&caller, &query.filter.into(), &query.page).await?;
    Ok(Paginated::new(page.map(SecretReadResource::from), &query.page, |row| row.id.uuid()))
}
