//! `/v1/payments/connectors/{id}/decline-table`

use actix_web::{HttpResponse, get, put, web};
use serde::{Deserialize, Serialize};
use tender_domain::connectors::{DeclineTable, FAIL_OVER_DECLINES};
use tender_domain::kernel::{Answer, ConnectorKind, Timestamp, Version};
use tender_domain::ports::DeclineCode;
use tender_http::{Authorized, Command, IfMatch, Problem, ResponseExt, keep, parse_id, respond_json, scopes};
use utoipa::ToSchema;

use super::body::{codes, declines};
use crate::http::intents::{Service, answer};
use crate::http::request::version;
use crate::use_cases::{Account, Seen, ShownConnector};

/// The table that replaces what is there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutDeclineTable)]
struct PutBody {
    /// After which `decline_code`s the next connector is tried; an empty list: after none. Left out or null: the usual
    /// ones.
    #[schema(example = json!(["do_not_honor", "issuer_unavailable", "insufficient_funds"]))]
    retryable_declines: Option<Vec<String>>,
    /// The version you have seen; or send `If-Match`.
    version: Option<i64>,
}

/// What follows a decline.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DeclineTableEntry)]
struct EntryBody {
    /// The decline.
    #[schema(value_type = String, example = "do_not_honor")]
    decline_code: &'static str,
    /// `next_connector`: the payment is tried at the next one; `authentication`: once more at the same, with the
    /// customer's authentication; `none`: it is declined.
    #[schema(value_type = String, example = "next_connector")]
    then: &'static str,
    /// What follows it where nobody edited the table.
    #[schema(value_type = String, example = "next_connector")]
    usually: &'static str,
    /// Whether the table can say so of it at all. Of no final decline, as of a stolen card.
    editable: bool,
}

/// After which declines the next connector is tried. What is not known (`unknown`) never is.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = DeclineTable)]
struct TableBody {
    /// Always `decline_table`.
    #[schema(value_type = String, example = "decline_table")]
    object: &'static str,
    /// The connector.
    #[schema(example = "con_01h2xcejqtf2nbrexx3vqjhp41")]
    connector_id: String,
    /// Its name.
    #[schema(example = "adyen-eu")]
    connector: String,
    /// The gateway's type.
    #[schema(example = "adyen")]
    gateway: String,
    /// Whether it was edited.
    edited: bool,
    /// After which declines the next connector is tried.
    #[schema(value_type = Vec<String>)]
    retryable_declines: Vec<&'static str>,
    /// Every decline there is.
    declines: Vec<EntryBody>,
    /// How often the table was replaced: what `If-Match` must name to replace it. Not the connector's own version.
    version: i64,
    /// When the connector last changed; none of the operator's.
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<Timestamp>,
}

impl From<&ShownConnector> for TableBody {
    fn from(shown: &ShownConnector) -> Self {
        let (id, name, gateway, table) = match &shown.account {
            Account::Own(own) => (own.id, &own.name, &own.kind, &own.declines),
            Account::Operator { id, name, declines, .. } => (*id, name, name, declines),
        };
        let updated_at = match &shown.account {
            Account::Own(own) => Some(own.updated_at),
            Account::Operator { .. } => None,
        };
        Self {
            object: "decline_table",
            connector_id: id.to_string(),
            connector: name.clone(),
            gateway: gateway.clone(),
            edited: table.set().is_some(),
            retryable_declines: codes(table.codes()),
            declines: DeclineCode::ALL.iter().map(|code| entry(*code, table)).collect(),
            version: table.version().number(),
            updated_at,
        }
    }
}

const fn version_of(shown: &ShownConnector) -> Version {
    match &shown.account {
        Account::Own(own) => own.declines.version(),
        Account::Operator { declines, .. } => declines.version(),
    }
}

fn entry(code: DeclineCode, table: &DeclineTable) -> EntryBody {
    let then = |fails_over: bool| match code {
        _ if fails_over => "next_connector",
        DeclineCode::AuthenticationRequired => "authentication",
        _ => "none",
    };
    EntryBody {
        decline_code: code.as_str(),
        then: then(table.has(code)),
        usually: then(FAIL_OVER_DECLINES.contains(&code)),
        editable: code.may_fail_over(),
    }
}

/// Tells after which declines of a connector the next one is tried.
#[utoipa::path(
    operation_id = "get_decline_table",
    tag = "connectors",
    path = "/v1/payments/connectors/{connector_id}/decline-table",
    params(("connector_id" = String, Path, description = "The connector, your own or the operator's", example = "con_01h2xcejqtf2nbrexx3vqjhp41")),
    responses(
        (status = 200, description = "The table", body = TableBody),
        (status = 404, description = "No such connector", body = Problem),
    ),
    security(("bearer" = ["connectors:read"])),
)]
#[get("/v1/payments/connectors/{connector_id}/decline-table")]
pub(in crate::http) async fn get(
    caller: Authorized<scopes::ConnectorsRead>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let shown = service.get_connector(&caller, parse_id::<ConnectorKind>(&id)?).await?;
    Ok(respond_json(200, &TableBody::from(&shown)).etag(version_of(&shown)))
}

/// Replaces the table that says after which declines of a connector the next one is tried.
///
/// It holds for your payments alone, also of the operator's connectors, from the next decline on.
#[utoipa::path(
    operation_id = "put_decline_table",
    tag = "connectors",
    path = "/v1/payments/connectors/{connector_id}/decline-table",
    params(
        ("connector_id" = String, Path, description = "The connector, your own or the operator's", example = "con_01h2xcejqtf2nbrexx3vqjhp41"),
        ("If-Match" = Option<String>, Header, description = "The version you have seen, as `\"3\"`; or `version` in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = PutBody,
    responses(
        (status = 200, description = "The table", body = TableBody),
        (status = 400, description = "Malformed, or `invalid_decline_code`", body = Problem),
        (status = 404, description = "No such connector", body = Problem),
        (status = 412, description = "It has another version than you have seen", body = Problem),
        (status = 422, description = "`final_decline`: no other connector may be tried after it", body = Problem),
        (status = 428, description = "No version was named", body = Problem),
    ),
    security(("bearer" = ["connectors:write"])),
)]
#[put("/v1/payments/connectors/{connector_id}/decline-table")]
pub(in crate::http) async fn put(
    caller: Authorized<scopes::ConnectorsWrite>,
    command: Command<PutBody>,
    if_match: IfMatch,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let (id, body) = (parse_id::<ConnectorKind>(&id)?, command.body);
    let codes = body.retryable_declines.map(declines).transpose()?;
    let seen = Seen { if_match, version: version(body.version) };
    let present = |shown: &ShownConnector| -> Answer { keep(200, &TableBody::from(shown)) };
    Ok(answer(&service.put_decline_table(&caller, id, (codes, seen), command.key.as_ref(), present).await?))
}
