//! `/v1/payments/intents/{id}/capture` and `/cancel`

use actix_web::{HttpResponse, post, web};
use tender_domain::kernel::IntentKind;
use tender_http::{Authorized, Command, IfMatch, OptionalBody, Problem, parse_id, scopes};

use super::body::{IntentBody, PRESENTER};
use super::cancel_body::CancelBody;
use super::charge_body::CaptureBody;
use super::intents::{Service, answer};
use super::problems::merchants_only;
use super::request::{CaptureIntentBody, version};
use crate::use_cases::{CaptureWanted, Keyed, Seen, Shown};

/// Takes what is held, all or part.
///
/// A part lets the rest go, unless `final_capture` is `false`.
#[utoipa::path(
    operation_id = "capture_intent",
    tag = "intents",
    path = "/v1/payments/intents/{intent_id}/capture",
    params(
        ("intent_id" = String, Path, description = "The intent", example = "pi_01h2xcejqtf2nbrexx3vqjhp41"),
        ("If-Match" = Option<String>, Header, description = "The version you have seen, as `\"3\"`; or `version` in the body"),
        ("Idempotency-Key" = String, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = Option<CaptureIntentBody>,
    responses(
        (status = 200, description = "The capture", body = CaptureBody),
        (status = 202, description = "The capture; the gateway's answer is not known yet", body = CaptureBody),
        (status = 400, description = "Malformed, or without `Idempotency-Key`", body = Problem),
        (status = 403, description = "`merchants_only`: the caller is the customer", body = Problem),
        (status = 404, description = "No such intent", body = Problem),
        (status = 409, description = "`intent_status`: nothing is held", body = Problem),
        (status = 412, description = "It has another version than you have seen", body = Problem),
        (status = 422, description = "`amount_exceeds_capturable`, `partial_capture_unsupported`, `several_captures_unsupported`", body = Problem),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/v1/payments/intents/{intent_id}/capture")]
pub(super) async fn capture(
    caller: Authorized<scopes::IntentsWrite>,
    command: Command<OptionalBody<CaptureIntentBody>>,
    if_match: IfMatch,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<IntentKind>(&id)?;
    let key = command.require_key()?;
    if caller.only_customer().is_some() {
        // Another's is not there.
        let _ = service.load(&caller, id).await?;
        merchants_only(&caller)?;
    }
    let wanted = capture_wanted(command.body.0, if_match)?;
    Ok(answer(&service.capture_intent(&caller, id, wanted, Some(key), PRESENTER).await?))
}

/// The command, checked.
pub(super) fn capture_wanted(body: CaptureIntentBody, if_match: IfMatch) -> Result<CaptureWanted, Problem> {
    if body.amount.is_some_and(|amount| amount <= 0) {
        let detail = "the amount must be greater than zero; leave it out to capture all that is left";
        return Err(Problem::bad_request("invalid_amount", detail).pointer("/amount", "must be at least 1"));
    }
    Ok(CaptureWanted {
        amount: body.amount,
        is_final: body.final_capture.unwrap_or(true),
        seen: Seen { if_match, version: version(body.version) },
    })
}

/// Cancels a payment intent; what is held is let go.
///
/// While its outcome is not known the wish is kept (`cancel_requested`).
#[utoipa::path(
    operation_id = "cancel_intent",
    tag = "intents",
    path = "/v1/payments/intents/{intent_id}/cancel",
    params(
        ("intent_id" = String, Path, description = "The intent", example = "pi_01h2xcejqtf2nbrexx3vqjhp41"),
        ("Idempotency-Key" = String, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = Option<CancelBody>,
    responses(
        (status = 200, description = "The intent, canceled", body = IntentBody),
        (status = 202, description = "The intent; it is canceled as soon as its outcome is known", body = IntentBody),
        (status = 400, description = "Malformed, or without `Idempotency-Key`", body = Problem),
        (status = 403, description = "`merchants_only`: the caller is the customer, and money is held", body = Problem),
        (status = 404, description = "No such intent", body = Problem),
        (status = 409, description = "`intent_status`: money was taken", body = Problem),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/v1/payments/intents/{intent_id}/cancel")]
pub(super) async fn cancel(
    caller: Authorized<scopes::IntentsWrite>,
    command: Command<OptionalBody<CancelBody>>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<IntentKind>(&id)?;
    let keyed = Keyed::new(Some(command.require_key()?), PRESENTER, Shown::Intent { created: false });
    if caller.only_customer().is_some() && service.load(&caller, id).await?.approved_attempt().is_some() {
        merchants_only(&caller)?;
    }
    let reason = command.body.0.reason.unwrap_or_default().as_str();
    Ok(answer(&service.cancel_intent(&caller, id, reason, keyed).await?))
}
