//! `/v1/payments/authorizations/{id}`

use std::sync::Arc;

use actix_web::{HttpResponse, get, post, web};
use tender_domain::intents::{Attempt, Intent};
use tender_domain::kernel::{AttemptId, AuthorizationKind, Caller};
use tender_http::{
    Authorized, Command, IfMatch, OptionalBody, PlainQuery, Problem, ResponseExt, parse_id, respond_json,
    scopes,
};

use super::authorization_body::{AUTHORIZATION_PRESENTER, AuthorizationBody};
use super::body::PRESENTER;
use super::cancel_body::CancelBody;
use super::charge_body::CaptureBody;
use super::expand::{Expand, ToIntent, may_open};
use super::intents::{Service, answer};
use super::money_actions::capture_wanted;
use super::problems::merchants_only;
use super::request::CaptureIntentBody;
use crate::use_cases::{Keyed, Shown};

/// Reads an authorization: what is held, until when, and what became of it.
#[utoipa::path(
    operation_id = "get_authorization",
    tag = "authorizations",
    path = "/v1/payments/authorizations/{authorization_id}",
    params(
        ("authorization_id" = String, Path, description = "The authorization", example = "auth_01h2xcejqtf2nbrexx3vqjhp41"),
        ("expand[]" = inline(Option<Vec<ToIntent>>), Query, description = "What is opened: `payment_intent`"),
    ),
    responses(
        (status = 200, description = "The authorization", body = AuthorizationBody),
        (status = 400, description = "An unknown or malformed parameter", body = Problem),
        (status = 404, description = "No such authorization", body = Problem),
    ),
    security(("bearer" = ["intents:read"])),
)]
#[get("/v1/payments/authorizations/{authorization_id}")]
pub(super) async fn get(
    caller: Authorized<scopes::IntentsRead>,
    id: web::Path<String>,
    PlainQuery(query): PlainQuery<Expand<ToIntent>>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    may_open(&caller, &query.expand)?;
    let (intent, attempt) = find(&service, &caller, &id).await?;
    let mut body = AuthorizationBody::of(&intent, &attempt).ok_or_else(no_such)?;
    if query.expand.contains(&ToIntent::PaymentIntent) {
        body.open_intent(&intent);
    }
    Ok(respond_json(200, &body).etag(intent.version))
}

/// Captures an authorization, all or part.
///
/// A part lets the rest go, unless `final_capture` is `false`.
#[utoipa::path(
    operation_id = "capture_authorization",
    tag = "authorizations",
    path = "/v1/payments/authorizations/{authorization_id}/capture",
    params(
        ("authorization_id" = String, Path, description = "The authorization", example = "auth_01h2xcejqtf2nbrexx3vqjhp41"),
        ("If-Match" = Option<String>, Header, description = "The version you have seen, as `\"3\"`; or `version` in the body"),
        ("Idempotency-Key" = String, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = Option<CaptureIntentBody>,
    responses(
        (status = 200, description = "The capture", body = CaptureBody),
        (status = 202, description = "The capture; the gateway's answer is not known yet", body = CaptureBody),
        (status = 400, description = "Malformed, or without `Idempotency-Key`", body = Problem),
        (status = 403, description = "`merchants_only`: the caller is the customer", body = Problem),
        (status = 404, description = "No such authorization", body = Problem),
        (status = 409, description = "`intent_status`: nothing is held any more", body = Problem),
        (status = 412, description = "It has another version than you have seen", body = Problem),
        (status = 422, description = "`amount_exceeds_capturable`, `partial_capture_unsupported`, `several_captures_unsupported`", body = Problem),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/v1/payments/authorizations/{authorization_id}/capture")]
pub(super) async fn capture(
    caller: Authorized<scopes::IntentsWrite>,
    command: Command<OptionalBody<CaptureIntentBody>>,
    if_match: IfMatch,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let key = command.require_key()?;
    let wanted = capture_wanted(command.body.0, if_match)?;
    let (intent, _) = find(&service, &caller, &id).await?;
    merchants_only(&caller)?;
    Ok(answer(&service.capture_intent(&caller, intent.id, wanted, Some(key), PRESENTER).await?))
}

/// Voids an authorization: what is held is let go, and its intent canceled.
#[utoipa::path(
    operation_id = "void_authorization",
    tag = "authorizations",
    path = "/v1/payments/authorizations/{authorization_id}/void",
    params(
        ("authorization_id" = String, Path, description = "The authorization", example = "auth_01h2xcejqtf2nbrexx3vqjhp41"),
        ("Idempotency-Key" = String, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = Option<CancelBody>,
    responses(
        (status = 200, description = "The authorization, voided", body = AuthorizationBody),
        (status = 202, description = "The authorization; the gateway's answer is not known yet", body = AuthorizationBody),
        (status = 400, description = "Malformed, or without `Idempotency-Key`", body = Problem),
        (status = 403, description = "`merchants_only`: the caller is the customer", body = Problem),
        (status = 404, description = "No such authorization", body = Problem),
        (status = 409, description = "`intent_status`: money was taken, or it is voided already", body = Problem),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/v1/payments/authorizations/{authorization_id}/void")]
pub(super) async fn void(
    caller: Authorized<scopes::IntentsWrite>,
    command: Command<OptionalBody<CancelBody>>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let key = command.require_key()?;
    let keyed = Keyed::new(Some(key), AUTHORIZATION_PRESENTER, Shown::Intent { created: false });
    let reason = command.body.0.reason.unwrap_or_default().as_str();
    let (intent, _) = find(&service, &caller, &id).await?;
    merchants_only(&caller)?;
    Ok(answer(&service.cancel_intent(&caller, intent.id, reason, keyed).await?))
}

fn no_such() -> Problem {
    Problem::not_found("authorization")
}

/// The intent of an authorization, with the attempt that it is.
async fn find(service: &Service, caller: &Caller, id: &str) -> Result<(Arc<Intent>, Attempt), Problem> {
    let attempt = AttemptId::from_uuid(parse_id::<AuthorizationKind>(id)?.uuid());
    let intent = service.get_intent_of_attempt(caller, attempt).await?.ok_or_else(no_such)?;
    let attempt = intent.attempt(attempt).filter(|attempt| attempt.authorization.is_some()).cloned();
    Ok((intent, attempt.ok_or_else(no_such)?))
}
