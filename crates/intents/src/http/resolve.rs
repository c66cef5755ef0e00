//! `/v1/payments/intents/{id}/resolve`: what a person found out.

use actix_web::{HttpResponse, post, web};
use serde::Deserialize;
use tender_domain::intents::{ResolveCall, ResolvedAs};
use tender_domain::kernel::{AttemptKind, CaptureKind, IntentKind};
use tender_http::{Authorized, Command, FoundOut, IfMatch, Problem, parse_id, scopes};
use utoipa::ToSchema;

use super::body::{IntentBody, PRESENTER};
use super::intents::{Service, answer};
use super::request::version;
use crate::use_cases::{Keyed, ResolveWanted, Seen, Shown};

/// What a person found a call to have come to.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResolvePaymentIntent)]
struct ResolveBody {
    /// The attempt; of one that holds money, its void. Either this or `capture_id`.
    #[schema(example = "att_01h2xcejqtf2nbrexx3vqjhp41")]
    attempt_id: Option<String>,
    /// The capture.
    capture_id: Option<String>,
    /// What it came to. Of a void: `approved` it was let go, `not_done` it is to be sent again, `declined` it cannot be
    /// let go, so that it can be captured.
    outcome: OutcomeWord,
    /// What the gateway calls it; required for what was approved, but for a void.
    #[schema(example = "sim_1")]
    gateway_reference: Option<String>,
    /// How much was approved, in minor units; what was asked for when it is not there, and never more.
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
#[schema(as = ResolvedOutcome)]
enum OutcomeWord {
    Approved,
    Declined,
    NotDone,
}

impl From<OutcomeWord> for ResolvedAs {
    fn from(word: OutcomeWord) -> Self {
        match word {
            OutcomeWord::Approved => Self::Approved,
            OutcomeWord::Declined => Self::Declined,
            OutcomeWord::NotDone => Self::NotDone,
        }
    }
}

impl ResolveBody {
    fn into_wanted(self, if_match: IfMatch) -> Result<ResolveWanted, Problem> {
        let call = match (&self.attempt_id, &self.capture_id) {
            (Some(id), None) => ResolveCall::Attempt(
                parse_id::<AttemptKind>(id).map_err(|problem| problem.pointer("/attempt_id", "is no id"))?,
            ),
            (None, Some(id)) => ResolveCall::Capture(
                parse_id::<CaptureKind>(id).map_err(|problem| problem.pointer("/capture_id", "is no id"))?,
            ),
            _ => {
                let detail = "name what is resolved: either `attempt_id` or `capture_id`";
                return Err(Problem::bad_request("call_required", detail)
                    .pointer("/attempt_id", "this or capture_id, not both"));
            }
        };
        let Self { gateway_reference, amount, reason, .. } = self;
        let found = FoundOut { gateway_reference, amount, reason }.checked()?;
        Ok(ResolveWanted {
            call,
            outcome: self.outcome.into(),
            gateway_reference: found.gateway_reference.unwrap_or_default(),
            amount: found.amount,
            reason: found.reason,
            seen: Seen { if_match, version: version(self.version) },
        })
    }
}

/// Settles what no gateway tells: an attempt that is unknown or in conflict, a capture, or a void that is stuck.
///
/// It has the effect that the gateway's answer would have had, once, and is kept in the audit log.
#[utoipa::path(
    operation_id = "resolve_intent",
    tag = "intents",
    path = "/v1/payments/intents/{intent_id}/resolve",
    params(
        ("intent_id" = String, Path, description = "The intent", example = "pi_01h2xcejqtf2nbrexx3vqjhp41"),
        ("If-Match" = Option<String>, Header, description = "The version you have seen, as `\"3\"`; or `version` in the body"),
        ("Idempotency-Key" = String, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = ResolveBody,
    responses(
        (status = 200, description = "The intent as it is now", body = IntentBody),
        (status = 202, description = "The intent; a void is on its way", body = IntentBody),
        (status = 400, description = "Malformed, or without `Idempotency-Key`", body = Problem),
        (status = 404, description = "No such intent", body = Problem),
        (status = 409, description = "`nothing_to_resolve`: its outcome is known; `intent_went_on`", body = Problem),
        (status = 412, description = "It has another version than you have seen", body = Problem),
        (status = 422, description = "`amount_exceeds_asked`, `gateway_reference_required`", body = Problem),
    ),
    security(("bearer" = ["intents:resolve"])),
)]
#[post("/v1/payments/intents/{intent_id}/resolve")]
pub(super) async fn resolve(
    caller: Authorized<scopes::IntentsResolve>,
    command: Command<ResolveBody>,
    if_match: IfMatch,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<IntentKind>(&id)?;
    let keyed = Keyed::new(Some(command.require_key()?), PRESENTER, Shown::Intent { created: false });
    let wanted = command.body.into_wanted(if_match)?;
    Ok(answer(&service.resolve_call(&caller, id, wanted, keyed).await?))
}
