//! `/v1/payments/intents/{id}/charges` and `/v1/payments/charges/{id}`

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use tender_domain::kernel::{AttemptId, ChargeKind, IntentKind};
use tender_http::{Authorized, PlainQuery, Problem, ResponseExt, parse_id, respond_json, scopes};
use utoipa::ToSchema;

use super::charge_body::ChargeBody;
use super::expand::{Expand, ToIntent, may_open};
use super::intents::Service;

/// All attempts of an intent: an intent has few, so they come at once.
#[derive(Debug, Serialize, ToSchema)]
struct Charges {
    /// Always `list`.
    #[schema(value_type = String, example = "list")]
    object: &'static str,
    /// Newest first.
    data: Vec<ChargeBody>,
    /// Always `false`.
    has_more: bool,
}

/// Lists what became of each attempt: authorizations, charges and their captures, newest first.
#[utoipa::path(
    operation_id = "list_charges_of_intent",
    tag = "intents",
    path = "/v1/payments/intents/{intent_id}/charges",
    params(("intent_id" = String, Path, description = "The intent", example = "pi_01h2xcejqtf2nbrexx3vqjhp41")),
    responses(
        (status = 200, description = "The attempts, with what they became", body = Charges),
        (status = 404, description = "No such intent", body = Problem),
    ),
    security(("bearer" = ["intents:read"])),
)]
#[get("/v1/payments/intents/{intent_id}/charges")]
pub(super) async fn list_of_intent(
    caller: Authorized<scopes::IntentsRead>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let intent = service.get_intent(&caller, parse_id::<IntentKind>(&id)?).await?;
    let data = intent.attempts.iter().rev().map(|attempt| ChargeBody::of(&intent, attempt)).collect();
    Ok(respond_json(200, &Charges { object: "list", data, has_more: false }))
}

/// Reads a charge: an authorization of which something was captured.
#[utoipa::path(
    operation_id = "get_charge",
    tag = "intents",
    path = "/v1/payments/charges/{charge_id}",
    params(
        ("charge_id" = String, Path, description = "The charge", example = "ch_01h2xcejqtf2nbrexx3vqjhp41"),
        ("expand[]" = inline(Option<Vec<ToIntent>>), Query, description = "What is opened: `payment_intent`"),
    ),
    responses(
        (status = 200, description = "The charge", body = ChargeBody),
        (status = 400, description = "An unknown or malformed parameter", body = Problem),
        (status = 404, description = "No such charge", body = Problem),
    ),
    security(("bearer" = ["intents:read"])),
)]
#[get("/v1/payments/charges/{charge_id}")]
pub(super) async fn get_charge(
    caller: Authorized<scopes::IntentsRead>,
    id: web::Path<String>,
    PlainQuery(query): PlainQuery<Expand<ToIntent>>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    may_open(&caller, &query.expand)?;
    let no_such = || Problem::not_found("charge");
    let attempt = AttemptId::from_uuid(parse_id::<ChargeKind>(&id)?.uuid());
    let intent = service.get_intent_of_attempt(&caller, attempt).await?.ok_or_else(no_such)?;
    let charge = intent.attempt(attempt).map(|attempt| ChargeBody::of(&intent, attempt));
    let mut charge = charge.filter(ChargeBody::is_charge).ok_or_else(no_such)?;
    if query.expand.contains(&ToIntent::PaymentIntent) {
        charge.open_intent(&intent);
    }
    Ok(respond_json(200, &charge).etag(intent.version))
}
