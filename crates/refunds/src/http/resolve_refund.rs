//! `/v1/payments/refunds/{id}/resolve`: what a person found out.

use actix_web::{HttpResponse, post, web};
use serde::Deserialize;
use tender_domain::kernel::{RefundKind, Version};
use tender_http::{Authorized, Command, FoundOut, IfMatch, Problem, parse_id, scopes};
use utoipa::ToSchema;

use super::body::{PRESENTER, RefundBody};
use super::refunds::{Service, answer};
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
        let Self { outcome, gateway_reference, amount, reason, version } = self;
        let found = FoundOut { gateway_reference, amount, reason }.checked()?;
        let succeeded = outcome == OutcomeWord::Succeeded;
        if succeeded && found.gateway_reference.is_none() {
            let detail = "say what the gateway calls the refund";
            return Err(Problem::unprocessable("gateway_reference_required", detail)
                .pointer("/gateway_reference", "required"));
        }
        Ok(SettleRefund {
            succeeded,
            gateway_reference: found.gateway_reference.unwrap_or_default(),
            amount: found.amount,
            reason: found.reason,
            seen: Seen { if_match, version: version.map(Version::new) },
        })
    }
}

/// Settles what no gateway tells: a refund that is unknown, in conflict, or failed and was done after all.
///
/// It has the effect that the gateway's answer would have had, once, and is kept with the refund (`resolution`) and in the
/// audit log. A refund that `failed` or was `canceled` counts from then on, where its charge still covers it; one that the
/// gateway took back stays so.
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
        (status = 409, description = "`nothing_to_resolve`: its outcome is known, or its call is on its way; `refund_not_covered`: others took its money meanwhile, and it waits in the queue; `refund_named_already`", body = Problem),
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
