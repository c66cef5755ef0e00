//! `/v1/payments/disputes`

use actix_web::{HttpResponse, get, patch, post, web};
use tender_domain::kernel::DisputeKind;
use tender_http::{
    Authorized, Command, IfMatch, ListQuery, OptionalBody, Paginated, Problem, ResponseExt, parse_id,
    respond, respond_json, scopes,
};

use super::dispute_body::{DISPUTES, DisputeBody, DisputeWithHistoryBody};
use super::dispute_request::{
    CloseDisputeBody, CreateDisputeBody, DisputeQuery, ResolveDisputeBody, UpdateDisputeBody,
};
use super::refunds::Service;
use crate::{DisputeAnswered, OpenDispute};

const PATH: &str = "/v1/payments/disputes";

/// Writes a dispute down that you have been told of.
///
/// Its amount counts as taken back from now on: it cannot be refunded, and the ledger holds it. The same
/// `processor_reference` again answers 200 with the same dispute.
#[utoipa::path(
    operation_id = "create_dispute",
    tag = "disputes",
    path = "/v1/payments/disputes",
    params(("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again")),
    request_body = CreateDisputeBody,
    responses(
        (status = 201, description = "The dispute", body = DisputeBody),
        (status = 200, description = "The dispute, which was known by its `processor_reference`", body = DisputeBody),
        (status = 400, description = "Malformed, or without `processor_reference` and `Idempotency-Key`", body = Problem),
        (status = 404, description = "No such charge or intent", body = Problem),
        (status = 409, description = "`dispute_differs`: the reference is known with another amount, fee or charge; or `intent_not_captured`", body = Problem),
        (status = 422, description = "`charge_not_of_intent`, `too_many_disputes`", body = Problem),
    ),
    security(("bearer" = ["disputes:write"])),
)]
#[post("/v1/payments/disputes")]
pub(super) async fn create(
    caller: Authorized<scopes::DisputesWrite>,
    command: Command<CreateDisputeBody>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let key = command.key.clone();
    let no_key = command.require_key();
    let wanted: OpenDispute = command.body.try_into()?;
    if wanted.processor_reference.is_none() {
        no_key?;
    }
    Ok(answer(&service.open_dispute(&caller, &wanted, key, DISPUTES).await?))
}

/// Lists disputes, newest first.
#[utoipa::path(
    operation_id = "list_disputes",
    tag = "disputes",
    path = "/v1/payments/disputes",
    params(
        DisputeQuery,
        ("limit" = Option<u32>, Query, description = "1 to 100, 20 when it is not there"),
        ("starting_after" = Option<String>, Query, description = "The id of the last row seen"),
        ("ending_before" = Option<String>, Query, description = "The id of the first row seen"),
        ("cursor" = Option<String>, Query, description = "What `next_cursor` gave"),
    ),
    responses(
        (status = 200, description = "A page of disputes", body = Paginated<DisputeBody>),
        (status = 400, description = "An unknown or malformed parameter", body = Problem),
    ),
    security(("bearer" = ["disputes:read"])),
)]
#[get("/v1/payments/disputes")]
pub(super) async fn list(
    caller: Authorized<scopes::DisputesRead>,
    query: ListQuery<DisputeQuery>,
    service: Service,
) -> Result<Paginated<DisputeBody>, Problem> {
    let page = service.list_disputes(&caller, query.filter.into(), &query.page).await?;
    let bodies = page.map(|dispute| DisputeBody::from(&dispute));
    Ok(Paginated::new(bodies, &query.page, DisputeBody::uuid))
}

/// Reads a dispute with its history.
#[utoipa::path(
    operation_id = "get_dispute",
    tag = "disputes",
    path = "/v1/payments/disputes/{dispute_id}",
    params(("dispute_id" = String, Path, description = "The dispute", example = "dp_01h2xcejqtf2nbrexx3vqjhp41")),
    responses(
        (status = 200, description = "The dispute", body = DisputeWithHistoryBody),
        (status = 404, description = "No such dispute", body = Problem),
    ),
    security(("bearer" = ["disputes:read"])),
)]
#[get("/v1/payments/disputes/{dispute_id}")]
pub(super) async fn get(
    caller: Authorized<scopes::DisputesRead>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<DisputeKind>(&id)?;
    let (dispute, history) = service.get_dispute(&caller, id).await?;
    Ok(respond_json(200, &DisputeWithHistoryBody::of(&dispute, &history)).etag(dispute.version))
}

/// Changes what people may change of a dispute.
///
/// Puts it under review, writes something into its history, or sets the day until which evidence must be handed in.
#[utoipa::path(
    operation_id = "update_dispute",
    tag = "disputes",
    path = "/v1/payments/disputes/{dispute_id}",
    params(
        ("dispute_id" = String, Path, description = "The dispute", example = "dp_01h2xcejqtf2nbrexx3vqjhp41"),
        ("If-Match" = Option<String>, Header, description = "The version you have seen, as `\"3\"`; or `version` in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = UpdateDisputeBody,
    responses(
        (status = 200, description = "The dispute", body = DisputeBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 403, description = "`tier_forbidden`: it takes a higher role; `insufficient_scope`", body = Problem),
        (status = 404, description = "No such dispute", body = Problem),
        (status = 409, description = "`dispute_status`: it is decided", body = Problem),
        (status = 412, description = "It has another version than you have seen", body = Problem),
        (status = 422, description = "`card_number_detected`, `too_many_notes`", body = Problem),
        (status = 428, description = "Neither `If-Match` nor `version`", body = Problem),
    ),
    security(("bearer" = ["disputes:write"])),
)]
#[patch("/v1/payments/disputes/{dispute_id}")]
pub(super) async fn update(
    caller: Authorized<scopes::DisputesWrite>,
    command: Command<UpdateDisputeBody>,
    if_match: IfMatch,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<DisputeKind>(&id)?;
    let wanted = command.body.into_wanted(if_match)?;
    Ok(answer(&service.update_dispute(&caller, id, &wanted, command.key, DISPUTES).await?))
}

/// Gives in: the money stays taken, and billing is asked for a credit note.
///
/// Closing one that is `accepted` shows it. The processor is told where it can be (`processor_reply`); where it cannot, its
/// time to be answered runs out.
#[utoipa::path(
    operation_id = "close_dispute",
    tag = "disputes",
    path = "/v1/payments/disputes/{dispute_id}/close",
    params(
        ("dispute_id" = String, Path, description = "The dispute", example = "dp_01h2xcejqtf2nbrexx3vqjhp41"),
        ("If-Match" = Option<String>, Header, description = "The version you have seen, as `\"3\"`; or `version` in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = Option<CloseDisputeBody>,
    responses(
        (status = 200, description = "The dispute, `accepted`", body = DisputeBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 403, description = "`tier_forbidden`: it takes a higher role; `insufficient_scope`", body = Problem),
        (status = 404, description = "No such dispute", body = Problem),
        (status = 409, description = "`dispute_status`: it is decided", body = Problem),
        (status = 412, description = "It has another version than you have seen", body = Problem),
        (status = 422, description = "`card_number_detected`", body = Problem),
    ),
    security(("bearer" = ["disputes:resolve"])),
)]
#[post("/v1/payments/disputes/{dispute_id}/close")]
pub(super) async fn close(
    caller: Authorized<scopes::DisputesResolve>,
    command: Command<OptionalBody<CloseDisputeBody>>,
    if_match: IfMatch,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<DisputeKind>(&id)?;
    let wanted = command.body.0.into_wanted(if_match)?;
    Ok(answer(&service.decide_dispute(&caller, id, &wanted, command.key, DISPUTES).await?))
}

/// Says how a dispute was decided, where the processor does not tell it by itself.
#[utoipa::path(
    operation_id = "resolve_dispute",
    tag = "disputes",
    path = "/v1/payments/disputes/{dispute_id}/resolve",
    params(
        ("dispute_id" = String, Path, description = "The dispute", example = "dp_01h2xcejqtf2nbrexx3vqjhp41"),
        ("If-Match" = Option<String>, Header, description = "The version you have seen, as `\"3\"`; or `version` in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = ResolveDisputeBody,
    responses(
        (status = 200, description = "The dispute, `won` or `lost`", body = DisputeBody),
        (status = 400, description = "Malformed, or without a reason", body = Problem),
        (status = 403, description = "`tier_forbidden`: it takes a higher role; `insufficient_scope`", body = Problem),
        (status = 404, description = "No such dispute", body = Problem),
        (status = 409, description = "`dispute_decided`: it is decided the other way, and `overturn` is not true; `dispute_status`", body = Problem),
        (status = 412, description = "It has another version than you have seen", body = Problem),
        (status = 422, description = "`card_number_detected`", body = Problem),
    ),
    security(("bearer" = ["disputes:resolve"])),
)]
#[post("/v1/payments/disputes/{dispute_id}/resolve")]
pub(super) async fn resolve(
    caller: Authorized<scopes::DisputesResolve>,
    command: Command<ResolveDisputeBody>,
    if_match: IfMatch,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<DisputeKind>(&id)?;
    let wanted = command.body.into_wanted(if_match)?;
    Ok(answer(&service.decide_dispute(&caller, id, &wanted, command.key, DISPUTES).await?))
}

pub(super) fn answer(answered: &DisputeAnswered) -> HttpResponse {
    let response = respond(&answered.answer).replayed(answered.replayed);
    match answered.dispute {
        Some((id, version)) => response.etag(version).location(format!("{PATH}/{id}")),
        None => response,
    }
}
