//! `/adventures/disputes`

use std::sync::Arc;

use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use tender_domain::kernel::{DisputeId, IntentId};
use tender_domain::refunds::RefundRefusal;
use tender_http::storefront::In;
use tender_http::{Authorized, Command, ListQuery, Paginated, ResponseExt, respond, respond_json, scopes};
use uuid::Uuid;

use super::dispute_body::{DisputeBody, DisputesBody, shown};
use super::dispute_request::{DisputesQuery, OpenBody, ResolveBody, UpdateBody};
use super::envelope::{ErrorBody, Refused};
use crate::dialects::annex::minor_of;
use crate::{DisputeAnswered, NamedCharge, OpenGuestDispute, RefundsError, RefundsService};

type Service = web::Data<Arc<RefundsService>>;

/// Opens a dispute of a payment: a guest asks for money back.
///
/// No money moves.
#[utoipa::path(
    operation_id = "adventures_open_dispute",
    tag = "adventures",
    path = "/adventures/disputes",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same when the request is sent again")),
    request_body = OpenBody,
    responses(
        (status = 201, description = "The dispute, with what the refund policy says of it", body = DisputeBody),
        (status = 400, description = "`VALIDATION_ERROR`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`", body = ErrorBody),
        (status = 404, description = "`PAYMENT_NOT_FOUND`: also when it is not the guest's", body = ErrorBody),
        (status = 409, description = "`NOT_REFUNDABLE`, `TOO_MANY_DISPUTES`, `IDEMPOTENCY_CONFLICT`", body = ErrorBody),
        (status = 422, description = "`CARD_NUMBER_DETECTED`", body = ErrorBody),
    ),
    security(("bearer" = ["disputes:write"])),
)]
#[post("/adventures/disputes")]
pub(in crate::dialects) async fn open_dispute(
    caller: In<Refused, Authorized<scopes::DisputesWrite>>,
    command: In<Refused, Command<OpenBody>>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    let Command { body, key, .. } = command.into_inner();
    let (reason, description) = (body.reason()?, body.description()?);
    let amount = body.requested_amount.as_ref();
    let amount = amount.ok_or_else(|| Refused::field("requested_amount", "requested_amount is required"))?;
    let intent = IntentId::from_uuid(body.payment_id);
    let currency = service.charge_to_refund(&caller.tenant, NamedCharge::Intent(intent)).await?.currency();
    let wanted = OpenGuestDispute {
        intent,
        guest_id: body.guest_id.to_string(),
        reason,
        requested_minor: minor_of("requested_amount", amount, currency)?,
        description,
        has_evidence: body.has_evidence,
        cancelled_at: body.cancelled_at,
        starts_at: body.trip_starts_at,
        product_type: body.product_type,
        rate_plan: body.rate_plan,
    };
    Ok(answer(&service.open_guest_dispute(&caller, &wanted, key, shown).await?))
}

/// Lists disputes, newest first: guests' and chargebacks.
#[utoipa::path(
    operation_id = "adventures_list_disputes",
    tag = "adventures",
    path = "/adventures/disputes",
    params(
        ("limit" = Option<u32>, Query, description = "1 to 100, 20 when it is not there"),
        ("cursor" = Option<String>, Query, description = "What `next_cursor` gave"),
        DisputesQuery,
    ),
    responses(
        (status = 200, description = "A page of disputes", body = DisputesBody),
        (status = 400, description = "`VALIDATION_ERROR`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`", body = ErrorBody),
    ),
    security(("bearer" = ["disputes:read"])),
)]
#[get("/adventures/disputes")]
pub(in crate::dialects) async fn list_disputes(
    request: HttpRequest,
    caller: In<Refused, Authorized<scopes::DisputesRead>>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    let ListQuery { page, filter } = ListQuery::<DisputesQuery>::parse(request.query_string())?;
    let found = service.case_files(&caller, filter.filter()?, &page).await?;
    let listed = Paginated::new(found, &page, |file| file.case.id.uuid());
    let (files, has_more, next_cursor) = listed.into_parts();
    let items = files.iter().map(DisputeBody::from).collect();
    Ok(respond_json(200, &DisputesBody { items, next_cursor, has_more }))
}

/// Reads a dispute.
#[utoipa::path(
    operation_id = "adventures_get_dispute",
    tag = "adventures",
    path = "/adventures/disputes/{dispute_id}",
    params(("dispute_id" = Uuid, Path, description = "The dispute")),
    responses(
        (status = 200, description = "The dispute", body = DisputeBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`", body = ErrorBody),
        (status = 404, description = "`DISPUTE_NOT_FOUND`", body = ErrorBody),
    ),
    security(("bearer" = ["disputes:read"])),
)]
#[get("/adventures/disputes/{dispute_id}")]
pub(in crate::dialects) async fn dispute(
    caller: In<Refused, Authorized<scopes::DisputesRead>>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    let file = service.case_file(&caller, dispute_id(&id)?).await?;
    Ok(respond_json(200, &DisputeBody::from(&file)))
}

/// Assigns a dispute, writes a note, or escalates it to the next tier.
#[utoipa::path(
    operation_id = "adventures_update_dispute",
    tag = "adventures",
    path = "/adventures/disputes/{dispute_id}",
    params(
        ("dispute_id" = Uuid, Path, description = "The dispute"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same when the request is sent again"),
    ),
    request_body = UpdateBody,
    responses(
        (status = 200, description = "The dispute", body = DisputeBody),
        (status = 400, description = "`VALIDATION_ERROR`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`TIER_FORBIDDEN`: it takes a higher role; `FORBIDDEN`", body = ErrorBody),
        (status = 404, description = "`DISPUTE_NOT_FOUND`", body = ErrorBody),
        (status = 409, description = "`VERSION_CONFLICT`, `DISPUTE_RESOLVED`, `IDEMPOTENCY_CONFLICT`", body = ErrorBody),
        (status = 422, description = "`CARD_NUMBER_DETECTED`, `TOO_MANY_NOTES`", body = ErrorBody),
    ),
    security(("bearer" = ["disputes:write"])),
)]
#[patch("/adventures/disputes/{dispute_id}")]
pub(in crate::dialects) async fn update_dispute(
    caller: In<Refused, Authorized<scopes::DisputesWrite>>,
    command: In<Refused, Command<UpdateBody>>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    let id = dispute_id(&id)?;
    let Command { body, key, .. } = command.into_inner();
    Ok(answer(&service.update_case(&caller, id, &body.into_command()?, key, shown).await?))
}

/// Decides a dispute, and refunds what is decided.
///
/// Of a chargeback `FULL_REFUND` gives in; the bank has the money already, and nothing more is refunded.
#[utoipa::path(
    operation_id = "adventures_resolve_dispute",
    tag = "adventures",
    path = "/adventures/disputes/{dispute_id}/resolve",
    params(
        ("dispute_id" = Uuid, Path, description = "The dispute"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same when the request is sent again"),
    ),
    request_body = ResolveBody,
    responses(
        (status = 200, description = "The dispute, `RESOLVED`, with its refund", body = DisputeBody),
        (status = 400, description = "`VALIDATION_ERROR`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`TIER_FORBIDDEN`: it takes a higher role; `FORBIDDEN`", body = ErrorBody),
        (status = 404, description = "`DISPUTE_NOT_FOUND`", body = ErrorBody),
        (status = 409, description = "`VERSION_CONFLICT`, `DISPUTE_RESOLVED`, `IDEMPOTENCY_CONFLICT`; `PROCESSOR_DECIDES`: of a chargeback only `FULL_REFUND` can be decided here", body = ErrorBody),
        (status = 422, description = "`AMOUNT_REQUIRED`, `REFUND_EXCEEDS_PAYMENT`, `CARD_NUMBER_DETECTED`", body = ErrorBody),
    ),
    security(("bearer" = ["disputes:resolve"])),
)]
#[post("/adventures/disputes/{dispute_id}/resolve")]
pub(in crate::dialects) async fn resolve_dispute(
    caller: In<Refused, Authorized<scopes::DisputesResolve>>,
    command: In<Refused, Command<ResolveBody>>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Refused> {
    let id = dispute_id(&id)?;
    let Command { body, key, .. } = command.into_inner();
    let currency = service.case_file(&caller, id).await?.case.requested.currency();
    let wanted = body.into_command(currency)?;
    Ok(answer(&service.resolve_case(&caller, id, &wanted, key, (shown, exceeds)).await?))
}

fn exceeds(refusal: &RefundRefusal) -> tender_domain::kernel::Answer {
    Refused::of(422, "REFUND_EXCEEDS_PAYMENT", refusal.to_string()).at("amount").to_answer()
}

fn dispute_id(id: &str) -> Result<DisputeId, Refused> {
    let id = Uuid::try_parse(id).map_err(|_| Refused::from(RefundsError::NoSuchDispute))?;
    Ok(DisputeId::from_uuid(id))
}

pub(super) fn answer(answered: &DisputeAnswered) -> HttpResponse {
    let mut response = respond(&answered.answer).replayed(answered.replayed);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
