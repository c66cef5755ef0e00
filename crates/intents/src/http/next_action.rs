//! `/v1/payments/intents/{id}/next-action`

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::intents::{Intent, IntentStatus};
use tender_domain::kernel::IntentKind;
use tender_http::{IntentCaller, ListQuery, Problem, ResponseExt, parse_id, respond_json, scopes};
use utoipa::{IntoParams, ToSchema};

use super::action_body::NextActionBody;
use super::intents::Service;

/// The longest that is waited for: less than a request may take.
const WAIT_SECONDS_MAX: u64 = 25;

/// How long to wait.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct WaitQuery {
    /// Seconds to wait for a change, 0 to 25, while the customer acts or a gateway is awaited.
    #[param(minimum = 0, maximum = 25, example = 20)]
    wait: Option<u64>,
}

/// What is to be done next.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IntentNextAction)]
struct NextAction {
    /// Always `next_action`.
    #[schema(value_type = String, example = "next_action")]
    object: &'static str,
    /// The intent.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: String,
    /// Where the intent stands.
    #[schema(value_type = String, example = "requires_action")]
    status: &'static str,
    /// `redirect_to_url`: send the customer to `url`. `embedded_challenge`: let a form in a frame of your page post `creq`
    /// to `acs_url`. `display_qr_code`: show `qr_code_data` as a QR code. `await_webhook`: a gateway is asked, or its answer
    /// awaited; ask again. `none`: nothing is left to do here.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "redirect_to_url")]
    action_type: &'static str,
    /// Where the customer goes.
    url: Option<String>,
    /// Where the form of an embedded challenge is posted to.
    acs_url: Option<String>,
    /// The only field of that form: the challenge request of EMV 3-D Secure 2.
    creq: Option<String>,
    /// What the code holds.
    qr_code_data: Option<String>,
    /// From when on it can no longer be done; `null` for a challenge.
    expires_at: Option<DateTime<Utc>>,
    /// The intent's version.
    version: i64,
}

/// Tells what the customer has to do next, and waits for a change when asked to.
///
/// Also with the intent's client secret.
#[utoipa::path(
    operation_id = "next_action_of_intent",
    tag = "intents",
    path = "/v1/payments/intents/{intent_id}/next-action",
    params(
        ("intent_id" = String, Path, description = "The intent", example = "pi_01h2xcejqtf2nbrexx3vqjhp41"),
        WaitQuery,
    ),
    responses(
        (status = 200, description = "What is to be done next", body = NextAction),
        (status = 400, description = "An unknown or malformed parameter", body = Problem),
        (status = 404, description = "No such intent", body = Problem),
    ),
    security(("bearer" = ["intents:read"])),
)]
#[get("/v1/payments/intents/{intent_id}/next-action")]
pub(super) async fn next_action(
    caller: IntentCaller<scopes::IntentsRead>,
    id: web::Path<String>,
    request: HttpRequest,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<IntentKind>(&id)?;
    let wait = ListQuery::<WaitQuery>::parse(request.query_string())?.filter.wait.unwrap_or_default();
    if wait > WAIT_SECONDS_MAX {
        let detail = format!("must be from 0 to {WAIT_SECONDS_MAX}");
        return Err(Problem::bad_request("invalid_parameter", &detail).parameter("wait", &detail));
    }
    let intent = service.await_action(&caller, id, Duration::from_secs(wait)).await?;
    Ok(respond_json(200, &NextAction::from(&*intent)).etag(intent.version))
}

impl From<&Intent> for NextAction {
    fn from(intent: &Intent) -> Self {
        let action = NextActionBody::of(intent);
        let action_type = match (&action, intent.status) {
            (Some(action), _) => action.action_type,
            (None, IntentStatus::Processing) => "await_webhook",
            (None, _) => "none",
        };
        Self {
            object: "next_action",
            payment_intent_id: intent.id.to_string(),
            status: intent.status.as_str(),
            action_type,
            url: action.as_ref().and_then(|action| action.url.clone()),
            acs_url: action.as_ref().and_then(|action| action.acs_url.clone()),
            creq: action.as_ref().and_then(|action| action.creq.clone()),
            qr_code_data: action.as_ref().and_then(|action| action.qr_code_data.clone()),
            expires_at: action.and_then(|action| action.expires_at),
            version: intent.version.number(),
        }
    }
}
