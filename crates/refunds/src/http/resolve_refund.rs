//! `/v1/payments/refunds/{id}/resolve`: what a person found out.

use actix_web::{HttpResponse, post, web};
use serde::Deserialize;
use tender_domain::kernel::{RefundKind, Version};
use tender_http::{Authorized, Command, IfMatch, Problem, parse_id, scopes};
use utoipa::ToSchema;

use super::body::{PRESENTER, RefundBody};
use super::refunds::{Service, answer};
use super::texts::{reference, text};
use crate::{Seen, SettleRefund};

/// What a person found a refund to have come to.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResolveRefund)]
pub(super) struct ResolveBody {
    /// What it came to.
    outcome: OutcomeWord,
    /// What the gateway calls it; required for one that succeeded.
    #[schema(example = "re_1")]
    gateway_reference: Option<String>,
    /// How much was given back, in minor units; what was asked for when it is not there, and never more.
    #[schema(minimum = 1)]
    amount: Option<i64>,
    /// Why: who was asked, what they said.
    #[schema(example = "the gateway's support confirms it, ticket 4711")]
    reason: String,
    /// The version you have seen; instead of `If-Match`.
    version: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ResolvedRefundOutcome)]
enum OutcomeWord {
    Succeeded,
    Failed,
}

impl ResolveBody {
    fn into_wanted(self, if_match: IfMatch) -> Result<SettleRefund, Problem> {
        let reason = text("/reason", self.reason)?;
        if reason.trim().is_empty() {
            let detail = "say why: it is kept for those who ask later";
            return Err(Problem::bad_request("reason_required", detail).pointer("/reason", "required"));
        }
        if self.amount.is_some_and(|amount| amount <= 0) {
            let detail = "the amount must be greater than zero; leave it out when it is what was asked for";
            return Err(
                Problem::bad_request("invalid_amount", detail).pointer("/amount", "must be at least 1")
            );
        }
        let named = self.gateway_reference.map(|name| reference("/gateway_reference", name)).transpose()?;
        let succeeded = self.outcome == OutcomeWord::Succeeded;
        if succeeded && named.is_none() {
            let detail = "say what the gateway calls the refund";
            return Err(Problem::unprocessable("gateway_reference_required", detail)
                .pointer("/gateway_reference", "required"));
        }
        Ok(SettleRefund {
            succeeded,
            gateway_reference: named.unwrap_or_default(),
            amount: self.amount,
            reason,
            seen: Seen { if_match, version: self.version.map(Version::new) },
        })
    }
}

/// Settles what no gateway tells: a refund whose outcome is unknown or in conflict.
///
/// It has the effect that the gateway's answer would have had, once, and is kept in the audit log.
#[utoipa::path(
    operation_id = "resolve_refund",
    tag = "refunds",
    path = "/v1/payments/refunds/{refund_id}/resolve",
    params(
        ("refund_id" = String, Path, description = "The refund", example = "rf_01h2xcejqtf2nbrexx3vqjhp41"),
        ("If-Match" = Option<String>, Header, description = "The version you have seen, as `\"3\"`; or `version` in the body"),
        ("Idempotency-Key" = String, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = ResolveBody,
    responses(
        (status = 200, description = "The refund as it is now", body = RefundBody),
        (status = 400, description = "Malformed, or without `Idempotency-Key`", body = Problem),
        (status = 404, description = "No such refund", body = Problem),
        (status = 409, description = "`nothing_to_resolve`: its outcome is known, or its call is on its way", body = Problem),
        (status = 412, description = "It has another version than you have seen", body = Problem),
        (status = 422, description = "`amount_exceeds_asked`, `gateway_reference_required`", body = Problem),
    ),
    security(("bearer" = ["refunds:resolve"])),
)]
#[post("/v1/payments/refunds/{refund_id}/resolve")]
pub(super) async fn resolve(
    caller: Authorized<scopes::RefundsResolve>,
    command: Command<ResolveBody>,
    if_match: IfMatch,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<RefundKind>(&id)?;
    let key = command.require_key()?;
    let wanted = command.body.into_wanted(if_match)?;
    Ok(answer(&service.settle_refund(&caller, id, &wanted, key, PRESENTER).await?))
}
