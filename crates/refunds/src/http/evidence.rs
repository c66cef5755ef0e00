//! `/v1/payments/disputes/{dispute_id}/submit-evidence` and `…/evidence`

use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::disputes::{DisputeReply, Evidence, EvidenceKind, EvidenceText};
use tender_domain::kernel::DisputeKind;
use tender_http::{Authorized, Command, IfMatch, Problem, parse_id, respond_json, scopes};
use utoipa::ToSchema;

use super::dispute_body::{DISPUTES, DisputeBody};
use super::dispute_request::seen;
use super::disputes::answer;
use super::refunds::Service;
use super::texts::{plain_text, text};
use crate::SubmitEvidence;

/// What you answer a dispute with. A processor takes it once.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SubmitEvidence)]
pub(super) struct SubmitEvidenceBody {
    /// The texts, each of another kind; 40,000 characters together at most.
    #[schema(min_items = 1, max_items = 17)]
    evidence: Vec<EvidenceTextBody>,
    /// Something to write into the dispute's history beside it. The processor is not told.
    notes: Option<String>,
    /// The version you have seen; instead of `If-Match`.
    version: Option<i64>,
}

/// A text of evidence.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EvidenceText)]
pub(super) struct EvidenceTextBody {
    /// What it is about: `product_description`, `customer_name`, `customer_email`, `customer_purchase_ip`,
    /// `billing_address`, `service_date`, `shipping_address`, `shipping_carrier`, `shipping_date`,
    /// `shipping_tracking_number`, `activity_log`, `cancellation_policy_disclosure`, `cancellation_rebuttal`,
    /// `refund_policy_disclosure`, `refund_refusal_explanation`, `duplicate_explanation` or `other`.
    #[schema(example = "shipping_tracking_number")]
    kind: String,
    /// The text.
    #[schema(min_length = 1, max_length = 20000, example = "RB123456785GB")]
    text: String,
}

/// What was replied to a dispute.
#[derive(Serialize, ToSchema)]
#[schema(as = DisputeReplies)]
pub(super) struct RepliesBody {
    /// The dispute.
    #[schema(example = "dp_01h2xcejqtf2nbrexx3vqjhp41")]
    dispute_id: String,
    /// The last 20, newest first.
    replies: Vec<ReplyBody>,
}

/// One reply to a dispute.
#[derive(Serialize, ToSchema)]
#[schema(as = DisputeReply)]
pub(super) struct ReplyBody {
    /// The number of the entry of the dispute's history that it began with.
    #[schema(example = 2)]
    number: u32,
    /// `evidence` or `acceptance`.
    #[schema(value_type = String, example = "evidence")]
    kind: &'static str,
    /// `telling` while the processor is being told, `told`, `refused`, or `by_hand`: then hand it in yourself, at the
    /// processor's own portal.
    #[schema(value_type = String, example = "told")]
    status: &'static str,
    /// Why it was refused, has to be handed in by hand, or has no answer yet.
    detail: Option<String>,
    /// The evidence; empty of an acceptance.
    evidence: Vec<EvidenceTextBody>,
    /// Who replied.
    replied_by: String,
    /// How often it was sent without an answer.
    #[schema(example = 0)]
    tries: u32,
    /// When it is sent next; there while it is `telling`.
    next_try_at: Option<DateTime<Utc>>,
    /// When it was written down.
    created_at: DateTime<Utc>,
    /// When it changed last.
    updated_at: DateTime<Utc>,
}

/// Answers a dispute with evidence.
///
/// Where the processor can be told, `processor_reply.status` is `telling` until it has the evidence, and then the dispute is
/// `under_review`. Where it cannot, it is `by_hand`: hand the evidence in at the processor's own portal, and say so by
/// `PATCH`. After evidence that was `refused` another may be submitted.
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
        (status = 409, description = "`dispute_status`: it is decided; `evidence_submitted`: it was answered before", body = Problem),
        (status = 412, description = "It has another version than you have seen", body = Problem),
        (status = 422, description = "`card_number_detected`, `too_many_notes`", body = Problem),
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
    let SubmitEvidenceBody { evidence, notes, version } = command.body;
    let note = notes.map(|notes| text("/notes", notes)).transpose()?;
    let wanted = SubmitEvidence { evidence: read(evidence)?, note, seen: seen(if_match, version) };
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
    caller: Authorized<scopes::DisputesRead>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<DisputeKind>(&id)?;
    let replies = service.dispute_replies(&caller, id).await?;
    let replies = replies.iter().map(ReplyBody::from).collect();
    Ok(respond_json(200, &RepliesBody { dispute_id: id.to_string(), replies }))
}

fn read(texts: Vec<EvidenceTextBody>) -> Result<Evidence, Problem> {
    let read = |(place, one): (usize, EvidenceTextBody)| {
        let kind = EvidenceKind::find(&one.kind).ok_or_else(|| {
            let words: Vec<&str> = EvidenceKind::ALL.iter().map(|word| word.as_str()).collect();
            let detail = format!("evidence is of a kind: one of {}", words.join(", "));
            Problem::bad_request("invalid_evidence", detail)
                .pointer(format!("/evidence/{place}/kind"), "not known")
        })?;
        Ok(EvidenceText { kind, text: plain_text(&format!("/evidence/{place}/text"), one.text)? })
    };
    let texts = texts.into_iter().enumerate().map(read).collect::<Result<Vec<_>, Problem>>()?;
    Evidence::new(texts).map_err(|why| {
        Problem::bad_request("invalid_evidence", why.to_string()).pointer("/evidence", why.to_string())
    })
}

impl From<&DisputeReply> for ReplyBody {
    fn from(reply: &DisputeReply) -> Self {
        let shown = |one: &EvidenceText| EvidenceTextBody {
            kind: one.kind.as_str().to_owned(),
            text: one.text.clone(),
        };
        Self {
            number: reply.number,
            kind: reply.kind.as_str(),
            status: reply.status.as_str(),
            detail: reply.detail.clone(),
            evidence: reply.evidence.texts().iter().map(shown).collect(),
            replied_by: reply.by.clone(),
            tries: reply.tries,
            next_try_at: reply.next_try_at,
            created_at: reply.created_at,
            updated_at: reply.updated_at,
        }
    }
}
