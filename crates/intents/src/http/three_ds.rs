//! `/v1/payments/intents/{id}/3ds/start`

use actix_web::{HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use tender_domain::intents::Intent;
use tender_domain::kernel::IntentKind;
use tender_http::{
    CalledFrom, Command, IfMatch, IntentCaller, OptionalBody, Problem, keep, parse_id, scopes,
};
use utoipa::ToSchema;

use super::action_body::NextActionBody;
use super::body::PRESENTER;
use super::fraud::DeviceBody;
use super::intents::{Service, THE_INTENT, answer};
use super::payer_body::told;
use super::request::version;
use super::strong_body::ThreeDsResult;
use crate::payer_seen::{seen_of, seen_over_said};
use crate::use_cases::{Confirm, Keyed, Presenter, Seen};

/// The start of an authentication.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StartThreeDs)]
pub(super) struct StartThreeDsBody {
    /// The customer's device, for the fraud rules.
    device: Option<DeviceBody>,
    /// The version you have seen; instead of `If-Match`.
    version: Option<i64>,
}

/// An authentication that was begun.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ThreeDs)]
struct ThreeDsBody {
    /// Always `three_ds`.
    #[schema(value_type = String, example = "three_ds")]
    object: &'static str,
    /// The intent.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: String,
    /// Where the intent stands: `requires_action` with a challenge, else what the payment came to without one.
    #[schema(value_type = String, example = "requires_action")]
    status: &'static str,
    /// Where the customer meets the challenge; `null` without one.
    acs_url: Option<String>,
    /// What a form in a frame of your page posts there, of an embedded challenge; `null` where the customer goes there.
    creq: Option<String>,
    /// What the customer has to do.
    next_action: Option<NextActionBody>,
    /// What the authentication came to; `null` while a challenge is open, or where the gateway does not tell.
    three_ds_result: Option<ThreeDsResult>,
    /// The intent's version.
    version: i64,
}

const STARTED: Presenter =
    Presenter { intent: |intent, _| keep(200, &ThreeDsBody::from(intent)), ..PRESENTER };

impl From<&Intent> for ThreeDsBody {
    fn from(intent: &Intent) -> Self {
        let next_action = NextActionBody::of(intent);
        Self {
            object: "three_ds",
            payment_intent_id: intent.id.to_string(),
            status: intent.status.as_str(),
            acs_url: next_action
                .as_ref()
                .and_then(|action| action.acs_url.clone().or_else(|| action.url.clone())),
            creq: next_action.as_ref().and_then(|action| action.creq.clone()),
            next_action,
            three_ds_result: intent.attempts.last().and_then(ThreeDsResult::of),
            version: intent.version.number(),
        }
    }
}

/// Begins the payment with authentication: as `confirm` does, and the customer must authenticate.
///
/// Gateways authenticate and authorize in one, so an authentication without a challenge (frictionless) is the payment:
/// `status` says what it came to. With a challenge, go on at `3ds/complete`. Again while a challenge is open it tells the
/// same challenge. Also with the intent's client secret.
#[utoipa::path(
    tag = "intents",
    path = "/v1/payments/intents/{intent_id}/3ds/start",
    params(
        ("intent_id" = String, Path, description = "The intent", example = "pi_01h2xcejqtf2nbrexx3vqjhp41"),
        ("If-Match" = Option<String>, Header, description = "The version you have seen, as `\"3\"`; or `version` in the body"),
        ("Idempotency-Key" = String, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = Option<StartThreeDsBody>,
    responses(
        (status = 200, description = "The challenge, or what the payment came to without one", body = ThreeDsBody),
        (status = 400, description = "Malformed, or without `Idempotency-Key`", body = Problem),
        (status = 404, description = "No such intent", body = Problem),
        (status = 409, description = "`intent_status`, or the first request with the key still runs", body = Problem),
        (status = 412, description = "It has another version than you have seen", body = Problem),
        (status = 422, description = "A refusal of business", body = Problem),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/v1/payments/intents/{intent_id}/3ds/start")]
pub(super) async fn start_three_ds(
    caller: IntentCaller<scopes::IntentsWrite>,
    command: Command<OptionalBody<StartThreeDsBody>>,
    (if_match, called): (IfMatch, CalledFrom),
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<IntentKind>(&id)?;
    let key = command.require_key()?;
    let body = command.body.0;
    let said = told(body.device, None, None)?;
    let (signals, payer) = seen_over_said(seen_of(&caller, &called), said);
    let confirm = Confirm {
        instrument: None,
        off_session: false,
        forces_three_ds: true,
        signals,
        payer,
        seen: Seen { if_match, version: version(body.version) },
    };
    let keyed = Keyed::new(Some(key), STARTED, THE_INTENT);
    Ok(answer(&service.start_three_ds(&caller, id, confirm, keyed).await?))
}
