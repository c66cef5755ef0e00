//! `PATCH /v1/payments/intents/{id}`

use std::collections::BTreeMap;

use actix_web::{HttpResponse, patch, web};
use serde::Deserialize;
use tender_domain::intents::CaptureMode;
use tender_domain::kernel::{IntentKind, Limits, Money};
use tender_http::{Authorized, Command, IfMatch, Problem, parse_id, scopes};
use utoipa::ToSchema;

use super::body::{IntentBody, PRESENTER};
use super::capture_request::CaptureModeWord;
use super::intents::{Service, answer};
use super::problems::merchants_change;
use super::request::{text, version};
use crate::use_cases::{Keyed, Seen, Shown, UpdateIntent};

/// What is to change; what is not there stays.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdatePaymentIntent)]
struct UpdateIntentBody {
    /// How much is asked for, in minor units: before an attempt, or after all have failed.
    #[schema(minimum = 1)]
    amount: Option<i64>,
    /// When the money is taken: before an attempt, or after all have failed. `manual` drops a delay.
    capture_mode: Option<CaptureModeWord>,
    /// What it is for; an empty text takes it away.
    description: Option<String>,
    /// Laid over the metadata; an empty value removes its key.
    metadata: Option<BTreeMap<String, String>>,
    /// The version you have seen; or send `If-Match`.
    version: Option<i64>,
}

impl UpdateIntentBody {
    fn into_wanted(self, if_match: IfMatch) -> Result<UpdateIntent, Problem> {
        if self.amount.is_some_and(|amount| !(1..=Money::MAX_MINOR).contains(&amount)) {
            let detail = format!("the amount must be from 1 to {}", Money::MAX_MINOR);
            return Err(Problem::bad_request("invalid_amount", &detail).pointer("/amount", &detail));
        }
        Ok(UpdateIntent {
            amount: self.amount,
            capture_mode: self.capture_mode.map(CaptureMode::from),
            description: text("/description", self.description, Limits::TEXT_CHARS)?,
            metadata: self.metadata,
            seen: Seen { if_match, version: version(self.version) },
        })
    }
}

/// Changes a payment intent.
///
/// Description and metadata at any time; what is asked for only before an attempt, or after all have failed.
#[utoipa::path(
    operation_id = "update_intent",
    tag = "intents",
    path = "/v1/payments/intents/{intent_id}",
    params(
        ("intent_id" = String, Path, description = "The intent", example = "pi_01h2xcejqtf2nbrexx3vqjhp41"),
        ("If-Match" = Option<String>, Header, description = "The version you have seen, as `\"3\"`; or `version` in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = UpdateIntentBody,
    responses(
        (status = 200, description = "The intent", body = IntentBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 403, description = "`merchants_only`: the caller is the customer", body = Problem),
        (status = 404, description = "No such intent", body = Problem),
        (status = 409, description = "`intent_status`: what is asked for cannot change any more", body = Problem),
        (status = 412, description = "It has another version than you have seen", body = Problem),
        (status = 428, description = "No version was named", body = Problem),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[patch("/v1/payments/intents/{intent_id}")]
pub(super) async fn update(
    caller: Authorized<scopes::IntentsWrite>,
    command: Command<UpdateIntentBody>,
    if_match: IfMatch,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<IntentKind>(&id)?;
    if caller.only_customer().is_some() {
        // Another's is not there.
        let _ = service.load(&caller, id).await?;
        merchants_change(&caller)?;
    }
    let wanted = command.body.into_wanted(if_match)?;
    let keyed = Keyed::new(command.key, PRESENTER, Shown::Intent { created: false });
    Ok(answer(&service.update_intent(&caller, id, wanted, keyed).await?))
}
