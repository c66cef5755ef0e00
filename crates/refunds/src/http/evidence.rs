//! `/v1/payments/disputes/{dispute_id}/submit-evidence` and `…/evidence`

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use tender_domain::kernel::DisputeKind;
use tender_http::{Authorized, Command, IfMatch, Problem, parse_id, respond_json, scopes};

use super::dispute_body::{DISPUTES, DisputeBody};
use super::disputes::answer;
use super::evidence_body::{RepliesBody, SubmitEvidenceBody};
use super::refunds::Service;
use super::uploads::base_of;

/// Answers a dispute with evidence.
///
/// Where the processor can be told, `processor_reply.status` is `telling` until it has the evidence, and then the dispute is
/// `under_review`. Where it cannot, it is `by_hand`: hand the evidence in at the processor's own portal, and say so by
/// `PATCH`. After evidence that was `refused` another may be submitted. Evidence with texts or files that the processor does
/// not all take is handed in by hand.
#[utoipa::path(
    operation_id = "submit_evidence",
    tag = "disputes",
    path = "/v1/payments/disputes/{dispute_id}/submit-evidence",
    params(
        ("dispute_id" = String, Path, description = "The dispute", example = "dp_01h2xcejqtf2nbrexx3vqjhp41"),
        ("If-Match" = Option<String>, Header, description = "The version you have seen, as `\"3\"`; or `version` in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = SubmitEvidenceBody,
    responses(
        (status = 200, description = "The dispute, with what became of the reply", body = DisputeBody),
        (status = 400, description = "Malformed, or no evidence", body = Problem),
        (status = 403, description = "`tier_forbidden`: it takes a higher role; `insufficient_scope`", body = Problem),
        (status = 404, description = "No such dispute", body = Problem),
        (status = 409, description = "`dispute_status`: it is decided; `evidence_submitted`: it was answered before; `upload_used`, `upload_missing`: a file was used before, or never put", body = Problem),
        (status = 412, description = "It has another version than you have seen", body = Problem),
        (status = 422, description = "`card_number_detected`, `too_many_notes`, `upload_differs`", body = Problem),
    ),
    security(("bearer" = ["disputes:write"])),
)]
#[post("/v1/payments/disputes/{dispute_id}/submit-evidence")]
pub(super) async fn submit(
    caller: Authorized<scopes::DisputesWrite>,
    command: Command<SubmitEvidenceBody>,
    if_match: IfMatch,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<DisputeKind>(&id)?;
    let wanted = command.body.into_wanted(if_match)?;
    Ok(answer(&service.submit_evidence(&caller, id, &wanted, command.key, DISPUTES).await?))
}

/// Reads what was replied to a dispute, and what its processor made of it.
#[utoipa::path(
    operation_id = "list_evidence",
    tag = "disputes",
    path = "/v1/payments/disputes/{dispute_id}/evidence",
    params(("dispute_id" = String, Path, description = "The dispute", example = "dp_01h2xcejqtf2nbrexx3vqjhp41")),
    responses(
        (status = 200, description = "The replies", body = RepliesBody),
        (status = 404, description = "No such dispute", body = Problem),
    ),
    security(("bearer" = ["disputes:read"])),
)]
#[get("/v1/payments/disputes/{dispute_id}/evidence")]
pub(super) async fn list(
    request: HttpRequest,
    caller: Authorized<scopes::DisputesRead>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<DisputeKind>(&id)?;
    let shown = service.dispute_replies(&caller, id, &base_of(&request, &service)).await?;
    Ok(respond_json(200, &RepliesBody::of(id, &shown)))
}
