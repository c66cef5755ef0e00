//! `/v1/payments/connectors`

use std::time::Duration;

use actix_web::{HttpResponse, delete, get, patch, post, web};
use serde::Deserialize;
use tender_domain::kernel::{Answer, ConnectorKind};
use tender_http::{
    Authorized, Command, IfMatch, OptionalBody, Problem, ResponseExt, keep, parse_id, respond_json, scopes,
};

use super::body::{
    ConnectorBody, ConnectorStatusWord, ConnectorsBody, RegisterBody, RotateBody, UpdateBody, declines,
};
use crate::http::intents::{Service, answer};
use crate::http::request::version;
use crate::use_cases::{Account, PatchWanted, RegisterWanted, RotateWanted, Seen, ShownConnector};

/// The body of a request that needs none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct NoBody {}

fn told(status: u16) -> impl Fn(&ShownConnector) -> Answer {
    move |shown| keep(status, &ConnectorBody::from(shown))
}

/// Lists your connectors and the operator's.
///
/// Health and circuit breaker are as the process that answers sees them.
#[utoipa::path(
    operation_id = "list_connectors",
    tag = "connectors",
    path = "/v1/payments/connectors",
    responses((status = 200, description = "The connectors", body = ConnectorsBody)),
    security(("bearer" = ["connectors:read"])),
)]
#[get("/v1/payments/connectors")]
pub(in crate::http) async fn list(
    caller: Authorized<scopes::ConnectorsRead>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let all = service.list_connectors(&caller).await?;
    Ok(respond_json(200, &ConnectorsBody::from(&*all)))
}

/// Registers a connector: an account of yours at a gateway.
///
/// Its secrets are sealed in the vault and are never shown again. Payments go there within a second or two, in every
/// process.
#[utoipa::path(
    operation_id = "register_connector",
    tag = "connectors",
    path = "/v1/payments/connectors",
    params(("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again")),
    request_body = RegisterBody,
    responses(
        (status = 201, description = "The connector, without its secrets", body = ConnectorBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 409, description = "`connector_name_taken`: there is, or was, one of this name", body = Problem),
        (status = 422, description = "`invalid_connector`, `final_decline`, `card_number_detected`, or `too_many_connectors`", body = Problem),
        (status = 503, description = "The vault cannot be reached; nothing was registered", body = Problem),
    ),
    security(("bearer" = ["connectors:write"])),
)]
#[post("/v1/payments/connectors")]
pub(in crate::http) async fn register(
    caller: Authorized<scopes::ConnectorsWrite>,
    command: Command<RegisterBody>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let body = command.body;
    let wanted = RegisterWanted {
        name: body.name,
        kind: body.kind,
        config: body.config,
        priority: body.priority,
        region: body.region.filter(|region| !region.is_empty()),
        retryable_declines: body.retryable_declines.map(declines).transpose()?,
    };
    Ok(answer(&service.register_connector(&caller, wanted, command.key.as_ref(), told(201)).await?))
}

/// Tells of a connector.
#[utoipa::path(
    operation_id = "get_connector",
    tag = "connectors",
    path = "/v1/payments/connectors/{connector_id}",
    params(("connector_id" = String, Path, description = "The connector", example = "con_01h2xcejqtf2nbrexx3vqjhp41")),
    responses(
        (status = 200, description = "The connector", body = ConnectorBody),
        (status = 404, description = "No such connector", body = Problem),
    ),
    security(("bearer" = ["connectors:read"])),
)]
#[get("/v1/payments/connectors/{connector_id}")]
pub(in crate::http) async fn get(
    caller: Authorized<scopes::ConnectorsRead>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let shown = service.get_connector(&caller, parse_id::<ConnectorKind>(&id)?).await?;
    let response = respond_json(200, &ConnectorBody::from(&shown));
    Ok(match &shown.account {
        Account::Own(connector) => response.etag(connector.version),
        Account::Operator { .. } => response,
    })
}

/// Changes a connector: also disables it, and enables it again.
#[utoipa::path(
    operation_id = "update_connector",
    tag = "connectors",
    path = "/v1/payments/connectors/{connector_id}",
    params(
        ("connector_id" = String, Path, description = "The connector", example = "con_01h2xcejqtf2nbrexx3vqjhp41"),
        ("If-Match" = Option<String>, Header, description = "The version you have seen, as `\"3\"`; or `version` in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = UpdateBody,
    responses(
        (status = 200, description = "The connector", body = ConnectorBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 404, description = "No such connector", body = Problem),
        (status = 409, description = "`operator_connector`: it is changed in the settings of the installation", body = Problem),
        (status = 412, description = "It has another version than you have seen", body = Problem),
        (status = 422, description = "`invalid_connector`, `final_decline`, or `card_number_detected`", body = Problem),
        (status = 428, description = "No version was named", body = Problem),
    ),
    security(("bearer" = ["connectors:write"])),
)]
#[patch("/v1/payments/connectors/{connector_id}")]
pub(in crate::http) async fn update(
    caller: Authorized<scopes::ConnectorsWrite>,
    command: Command<UpdateBody>,
    if_match: IfMatch,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let (id, body) = (parse_id::<ConnectorKind>(&id)?, command.body);
    let wanted = PatchWanted {
        enabled: body.status.map(|status| status == ConnectorStatusWord::Enabled),
        priority: body.priority,
        region: body.region,
        config: body.config,
        retryable_declines: body.retryable_declines.map(declines).transpose()?,
        seen: Seen { if_match, version: version(body.version) },
    };
    Ok(answer(&service.patch_connector(&caller, id, wanted, command.key.as_ref(), told(200)).await?))
}

/// Gives a connector new credentials.
///
/// Calls are made with them at once; callbacks signed by the ones before count for `overlap_seconds` more.
#[utoipa::path(
    operation_id = "rotate_connector_credentials",
    tag = "connectors",
    path = "/v1/payments/connectors/{connector_id}/rotate-credentials",
    params(
        ("connector_id" = String, Path, description = "The connector", example = "con_01h2xcejqtf2nbrexx3vqjhp41"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = RotateBody,
    responses(
        (status = 200, description = "The connector, without its secrets", body = ConnectorBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 404, description = "No such connector", body = Problem),
        (status = 409, description = "`operator_connector`", body = Problem),
        (status = 422, description = "`invalid_connector`", body = Problem),
        (status = 503, description = "The vault cannot be reached; nothing was rotated", body = Problem),
    ),
    security(("bearer" = ["connectors:write"])),
)]
#[post("/v1/payments/connectors/{connector_id}/rotate-credentials")]
pub(in crate::http) async fn rotate(
    caller: Authorized<scopes::ConnectorsWrite>,
    command: Command<RotateBody>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let (id, body) = (parse_id::<ConnectorKind>(&id)?, command.body);
    let overlap = Duration::from_secs(u64::from(body.overlap_seconds));
    let wanted = RotateWanted { secrets: body.config, overlap };
    Ok(answer(&service.rotate_credentials(&caller, id, wanted, command.key.as_ref(), told(200)).await?))
}

/// Deletes a connector and destroys its credentials.
///
/// Only one that was disabled, that no routing rule names, and at which nothing is open. What was paid there can no longer
/// be refunded through it: keep it disabled while that may be wanted.
#[utoipa::path(
    operation_id = "delete_connector",
    tag = "connectors",
    path = "/v1/payments/connectors/{connector_id}",
    params(
        ("connector_id" = String, Path, description = "The connector", example = "con_01h2xcejqtf2nbrexx3vqjhp41"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    responses(
        (status = 200, description = "The connector as it was, `deleted`", body = ConnectorBody),
        (status = 404, description = "No such connector", body = Problem),
        (status = 409, description = "`connector_in_use`: it is enabled, a rule names it, or payments at it are open; `operator_connector`", body = Problem),
    ),
    security(("bearer" = ["connectors:write"])),
)]
#[delete("/v1/payments/connectors/{connector_id}")]
pub(in crate::http) async fn delete(
    caller: Authorized<scopes::ConnectorsWrite>,
    command: Command<OptionalBody<NoBody>>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<ConnectorKind>(&id)?;
    Ok(answer(&service.delete_connector(&caller, id, command.key.as_ref(), told(200)).await?))
}
