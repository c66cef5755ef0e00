//! `/v1/payments/refunds`

use std::sync::Arc;

use actix_web::{HttpResponse, get, post, web};
use tender_domain::kernel::{Caller, Page, PageRequest, RefundKind};
use tender_domain::refunds::Refund;
use tender_http::{
    Authorized, Command, ListQuery, OptionalBody, PageQuery, Paginated, Problem, ResponseExt,
    current_traceparent, parse_id, respond, respond_json, scopes,
};

use super::body::{PRESENTER, RefundBody};
use super::request::{CreateRefundBody, RefundQuery};
use crate::{Answered, RefundsService};

pub(super) type Service = web::Data<Arc<RefundsService>>;

const PATH: &str = "/v1/payments/refunds";

/// Refunds a charge, all or part.
///
/// Answers 201 with the refund when the gateway has answered, whether it `succeeded` or `failed`. When its answer is
/// not known in time: 202 with status `processing`; read the refund, or wait for `refund.processed` or
/// `refund-failed`. When it did nothing for a reason that passes (it cannot be reached, takes no more requests just now, or
/// your balance there does not suffice): 202 with status `pending`; it is asked again at `next_attempt_at`.
#[utoipa::path(
    operation_id = "create_refund",
    tag = "refunds",
    path = "/v1/payments/refunds",
    params(("Idempotency-Key" = String, Header, description = "A text of your own, the same when you send it again")),
    request_body = CreateRefundBody,
    responses(
        (status = 201, description = "The refund", body = RefundBody),
        (status = 202, description = "The refund; the gateway's answer is not known yet, or it is asked again", body = RefundBody),
        (status = 400, description = "Malformed, or without `Idempotency-Key`", body = Problem),
        (status = 404, description = "No such charge or intent", body = Problem),
        (status = 409, description = "`intent_not_captured`, or the first request with the key still runs", body = Problem),
        (status = 422, description = "`refund_exceeds_charge` and other refusals of business", body = Problem),
    ),
    security(("bearer" = ["refunds:write"])),
)]
#[post("/v1/payments/refunds")]
pub(super) async fn create(
    caller: Authorized<scopes::RefundsWrite>,
    command: Command<CreateRefundBody>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let key = command.require_key()?;
    let wanted = command.body.try_into()?;
    let answered = service.create_refund(&caller, wanted, key, PRESENTER).await?;
    Ok(answer(&answered))
}

/// Lists refunds, newest first.
#[utoipa::path(
    operation_id = "list_refunds",
    tag = "refunds",
    path = "/v1/payments/refunds",
    params(
        RefundQuery,
        ("limit" = Option<u32>, Query, description = "1 to 100, 20 when it is not there"),
        ("starting_after" = Option<String>, Query, description = "The id of the last row seen"),
        ("ending_before" = Option<String>, Query, description = "The id of the first row seen"),
        ("cursor" = Option<String>, Query, description = "What `next_cursor` gave"),
    ),
    responses(
        (status = 200, description = "A page of refunds", body = Paginated<RefundBody>),
        (status = 400, description = "An unknown or malformed parameter", body = Problem),
    ),
    security(("bearer" = ["refunds:read"])),
)]
#[get("/v1/payments/refunds")]
pub(super) async fn list(
    caller: Authorized<scopes::RefundsRead>,
    query: ListQuery<RefundQuery>,
    service: Service,
) -> Result<Paginated<RefundBody>, Problem> {
    let page = service.list_refunds(&caller, query.filter.into(), &query.page).await?;
    Ok(paginated(page, &query.page, &caller))
}

/// Reads a refund.
///
/// One that is `processing` is asked for at its gateway first, so that the newest is told.
#[utoipa::path(
    operation_id = "get_refund",
    tag = "refunds",
    path = "/v1/payments/refunds/{refund_id}",
    params(("refund_id" = String, Path, description = "The refund", example = "rf_01h2xcejqtf2nbrexx3vqjhp41")),
    responses(
        (status = 200, description = "The refund", body = RefundBody),
        (status = 404, description = "No such refund", body = Problem),
    ),
    security(("bearer" = ["refunds:read"])),
)]
#[get("/v1/payments/refunds/{refund_id}")]
pub(super) async fn get(
    caller: Authorized<scopes::RefundsRead>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<RefundKind>(&id)?;
    let refund = service.get_refund(&caller, id, current_traceparent()).await?;
    Ok(respond_json(200, &RefundBody::of(&refund, &caller)).etag(refund.version))
}

/// Cancels a refund that is `pending`: one that waits for another try.
#[utoipa::path(
    operation_id = "cancel_refund",
    tag = "refunds",
    path = "/v1/payments/refunds/{refund_id}/cancel",
    params(
        ("refund_id" = String, Path, description = "The refund", example = "rf_01h2xcejqtf2nbrexx3vqjhp41"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    responses(
        (status = 200, description = "The refund, canceled", body = RefundBody),
        (status = 404, description = "No such refund", body = Problem),
        (status = 409, description = "`refund_not_cancelable`: the gateway is being asked, or it has ended", body = Problem),
    ),
    security(("bearer" = ["refunds:write"])),
)]
#[post("/v1/payments/refunds/{refund_id}/cancel")]
pub(super) async fn cancel(
    caller: Authorized<scopes::RefundsWrite>,
    command: Command<OptionalBody<NoBody>>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<RefundKind>(&id)?;
    let answered = service.cancel_refund(&caller, id, command.key, PRESENTER).await?;
    Ok(answer(&answered))
}

/// Lists the refunds of an intent, newest first.
#[utoipa::path(
    operation_id = "list_refunds_of_intent",
    tag = "refunds",
    path = "/v1/payments/intents/{intent_id}/refunds",
    params(
        ("intent_id" = String, Path, description = "The intent", example = "pi_01h2xcejqtf2nbrexx3vqjhp41"),
        ("limit" = Option<u32>, Query, description = "1 to 100, 20 when it is not there"),
        ("starting_after" = Option<String>, Query, description = "The id of the last row seen"),
        ("ending_before" = Option<String>, Query, description = "The id of the first row seen"),
        ("cursor" = Option<String>, Query, description = "What `next_cursor` gave"),
    ),
    responses(
        (status = 200, description = "A page of refunds", body = Paginated<RefundBody>),
        (status = 404, description = "No such intent", body = Problem),
    ),
    security(("bearer" = ["refunds:read"])),
)]
#[get("/v1/payments/intents/{intent_id}/refunds")]
pub(super) async fn list_of_intent(
    caller: Authorized<scopes::RefundsRead>,
    intent: web::Path<String>,
    query: PageQuery,
    service: Service,
) -> Result<Paginated<RefundBody>, Problem> {
    let intent = parse_id(&intent)?;
    let page = service.list_refunds_of_intent(&caller, intent, &query.page).await?;
    Ok(paginated(page, &query.page, &caller))
}

/// A request that says nothing but where it goes.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoBody {}

pub(super) fn answer(answered: &Answered) -> HttpResponse {
    let response = respond(&answered.answer).replayed(answered.replayed);
    match answered.refund {
        Some((id, version)) => response.etag(version).location(format!("{PATH}/{id}")),
        None => response,
    }
}

fn paginated(page: Page<Refund>, request: &PageRequest, caller: &Caller) -> Paginated<RefundBody> {
    Paginated::new(page.map(|refund| RefundBody::of(&refund, caller)), request, RefundBody::uuid)
}
