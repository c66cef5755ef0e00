//! `/v1/payments/apm/{apmId}`: sessions of alternative payment methods.

use actix_web::{HttpResponse, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tender_domain::intents::{Attempt, AttemptStatus, Intent};
use tender_domain::kernel::{Answer, IntentId, Limits, ParseIdError, SessionKind};
use tender_domain::ports::SessionFlow;
use tender_http::{Authorized, Command, OptionalBody, Problem, ResponseExt, keep, parse_id, respond, scopes};
use utoipa::ToSchema;

use super::action_body::NextActionBody;
use super::body::PRESENTER;
use super::intents::{Service, THE_INTENT, answer};
use super::request::text;
use super::strong_body::return_url;
use crate::use_cases::{Keyed, Presenter, Returned, Shown, WantedSession};

const METHOD_CHARS: usize = 40;

/// How the customer gets to the method's page.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SessionFlow)]
enum FlowWord {
    /// The browser goes there.
    #[default]
    Redirect,
    /// A telephone scans a code.
    Qr,
}

/// A session that is wanted.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InitiateSession)]
pub(super) struct InitiateBody {
    /// The intent that is to be paid.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: String,
    /// `redirect`, or `qr` for a code on the screen.
    #[serde(default)]
    flow: FlowWord,
    /// Where the customer's browser comes back to: `https`, or `http` for a developer's machine.
    #[schema(example = "https://shop.example/return")]
    return_url: Option<String>,
}

/// What the customer came back with.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConfirmSession)]
pub(super) struct ConfirmSessionBody {
    /// What the method's page handed to the browser (the query of the return), where the gateway wants it.
    result: Option<String>,
}

/// A session of an alternative payment method.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
struct SessionBody {
    /// Always `apm_session`.
    #[schema(value_type = String, example = "apm_session")]
    object: &'static str,
    /// The session; what `confirm` takes.
    #[schema(example = "apm_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// The same.
    #[schema(example = "apm_01h2xcejqtf2nbrexx3vqjhp41")]
    apm_id: String,
    /// The intent.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    payment_intent_id: String,
    /// The attempt that it is.
    #[schema(example = "att_01h2xcejqtf2nbrexx3vqjhp41")]
    attempt_id: String,
    /// The method.
    #[schema(example = "ideal")]
    method: String,
    /// `pending` while the customer may pay; `processing` while a gateway's answer is not known; `succeeded` or `failed`.
    #[schema(value_type = String, example = "pending")]
    status: &'static str,
    /// Where the intent stands.
    #[schema(value_type = String, example = "requires_action")]
    payment_intent_status: &'static str,
    /// Where the browser goes.
    redirect_url: Option<String>,
    /// What the QR code holds.
    qr_payload: Option<String>,
    /// What the customer has to do.
    next_action: Option<NextActionBody>,
    /// Why it failed.
    #[schema(value_type = Option<String>)]
    decline_code: Option<&'static str>,
    /// From when on it can no longer be paid.
    expires_at: DateTime<Utc>,
}

/// Shows the newest session of an intent: of one that a request was about, there is no newer one.
const SESSION: Presenter = Presenter {
    intent: |intent, created| {
        let newest = intent.attempts.iter().rev().find(|attempt| attempt.session.is_some());
        newest
            .and_then(|attempt| shown(intent, attempt, created))
            .unwrap_or_else(|| (PRESENTER.intent)(intent, created))
    },
    ..PRESENTER
};

fn shown(intent: &Intent, attempt: &Attempt, created: bool) -> Option<Answer> {
    let body = SessionBody::of(intent, attempt)?;
    let status = match (body.status, created) {
        ("processing", _) => 202,
        (_, true) => 201,
        (_, false) => 200,
    };
    Some(keep(status, &body))
}

impl SessionBody {
    fn of(intent: &Intent, attempt: &Attempt) -> Option<Self> {
        let session = attempt.session.as_ref()?;
        let next_action = NextActionBody::of_attempt(attempt);
        let id = attempt.id.session().to_string();
        Some(Self {
            object: "apm_session",
            id: id.clone(),
            apm_id: id,
            payment_intent_id: intent.id.to_string(),
            attempt_id: attempt.id.to_string(),
            method: session.method.clone(),
            status: match attempt.status {
                AttemptStatus::Challenge => "pending",
                AttemptStatus::Approved => "succeeded",
                AttemptStatus::Declined | AttemptStatus::Error => "failed",
                AttemptStatus::Started | AttemptStatus::Unknown | AttemptStatus::Conflict => "processing",
            },
            payment_intent_status: intent.status.as_str(),
            redirect_url: next_action.as_ref().and_then(|action| action.url.clone()),
            qr_payload: next_action.as_ref().and_then(|action| action.qr_code_data.clone()),
            next_action,
            decline_code: attempt.decline.as_ref().map(|decline| decline.code.as_str()),
            expires_at: session.expires_at,
        })
    }
}

/// Begins a session of an alternative payment method (PayPal, iDEAL, Klarna) for an intent.
///
/// It is an attempt of the intent. The customer pays on the method's own page; what came of it is told by the gateway's
/// callback, by `confirm` when the customer is back, or found out when the session's time is over.
#[utoipa::path(
    tag = "apm",
    path = "/v1/payments/apm/{apm_id}/initiate",
    params(
        ("apm_id" = String, Path, description = "The method's name", example = "ideal"),
        ("Idempotency-Key" = String, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = InitiateBody,
    responses(
        (status = 201, description = "The session", body = SessionBody),
        (status = 202, description = "The session; the gateway's answer is not known yet", body = SessionBody),
        (status = 400, description = "Malformed, or without `Idempotency-Key`", body = Problem),
        (status = 404, description = "No such intent", body = Problem),
        (status = 409, description = "`intent_status`, or the first request with the key still runs", body = Problem),
        (status = 422, description = "No connector has the method, or the settings do not permit it", body = Problem),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/v1/payments/apm/{apm_id}/initiate")]
pub(super) async fn initiate(
    caller: Authorized<scopes::IntentsWrite>,
    command: Command<InitiateBody>,
    method: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let key = command.require_key()?;
    let body = command.body;
    let intent = body.payment_intent_id.parse::<IntentId>().map_err(|error: ParseIdError| {
        Problem::bad_request("invalid_id", error.to_string())
            .pointer("/payment_intent_id", "must be an id of the form pi_…")
    })?;
    let wanted = WantedSession {
        method: method_name(&method)?,
        flow: match body.flow {
            FlowWord::Redirect => SessionFlow::Redirect,
            FlowWord::Qr => SessionFlow::Qr,
        },
        return_url: body.return_url.map(return_url).transpose()?,
        connector: None,
        page: None,
    };
    let keyed = Keyed::new(Some(key), SESSION, Shown::Intent { created: true });
    Ok(answer(&service.initiate_session(&caller, intent, wanted, keyed).await?))
}

/// Asks what came of a session when the customer is back, or your own webhook says so.
///
/// It decides nothing: the gateway is asked. Harmless at any time and twice.
#[utoipa::path(
    tag = "apm",
    path = "/v1/payments/apm/{apm_id}/confirm",
    params(
        ("apm_id" = String, Path, description = "The session", example = "apm_01h2xcejqtf2nbrexx3vqjhp41"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = Option<ConfirmSessionBody>,
    responses(
        (status = 200, description = "The session: `pending` while the customer may still pay", body = SessionBody),
        (status = 202, description = "The session; the gateway's answer is not known yet", body = SessionBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 404, description = "No such session", body = Problem),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/v1/payments/apm/{apm_id}/confirm")]
pub(super) async fn confirm(
    caller: Authorized<scopes::IntentsWrite>,
    command: Command<OptionalBody<ConfirmSessionBody>>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<SessionKind>(&id)?;
    let result = text("/result", command.body.0.result, Limits::TEXT_CHARS)?.unwrap_or_default();
    let keyed = Keyed::new(command.key, SESSION, THE_INTENT);
    match service.confirm_session(&caller, id, result, keyed).await? {
        Returned::Asked(answered) => Ok(answer(&answered)),
        Returned::Known(intent) => {
            let known = intent.attempt(id.attempt()).and_then(|attempt| shown(&intent, attempt, false));
            let known = known.ok_or_else(|| Problem::not_found("session"))?;
            Ok(respond(&known).etag(intent.version))
        }
    }
}

fn method_name(name: &str) -> Result<String, Problem> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !(1..=METHOD_CHARS).contains(&name.len()) || !name.bytes().all(plain) {
        return Err(Problem::not_found("payment method"));
    }
    Ok(name.to_owned())
}
