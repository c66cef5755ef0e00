//! What tests and the sandbox's tools ask of the simulator itself: scripts, events, fresh tokens, its cards.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tender_domain::kernel::TenantId;
use tender_domain::ports::{RaiseEvent, SandboxCard, SandboxEventKind, SandboxGateway};

use super::problem::Problem;
use super::trusted::Trusted;
use crate::calls::is_reference;
use crate::{Misbehaviour, Script, ScriptedCall, SimulatorGateway};

type Gateway = Data<SimulatorGateway>;

/// The longest a raised event may wait.
const DELAY_MILLIS_MAX: u64 = 3_600_000;
/// The longest name of a request.
const REQUEST_CHARS_MAX: usize = 512;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScriptBody {
    tenant: TenantId,
    call: Option<String>,
    reference: Option<String>,
    token: Option<String>,
    amount: Option<i64>,
    times: Option<u32>,
    does: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantBody {
    tenant: TenantId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventRequest {
    tenant: TenantId,
    reference: String,
    event: String,
    #[serde(default)]
    delay_millis: u64,
    /// The same for every repetition of one request.
    #[serde(default)]
    request: Option<String>,
}

#[derive(Serialize)]
pub(crate) struct EventAnswer {
    events: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenRequest {
    tenant: TenantId,
    behaviour: String,
}

#[derive(Serialize)]
pub(crate) struct TokenAnswer {
    token: String,
}

#[derive(Serialize)]
pub(crate) struct CardsAnswer {
    data: Vec<CardRow>,
}

#[derive(Serialize)]
struct CardRow {
    number: String,
    token: String,
    brand: String,
    behaviour: String,
    description: String,
}

fn bad(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "bad_request", detail)
}

impl TryFrom<ScriptBody> for Script {
    type Error = Problem;

    fn try_from(body: ScriptBody) -> Result<Self, Problem> {
        let call = body.call.as_deref().map(|text| {
            let known = ScriptedCall::ALL.iter().map(|call| call.as_str()).collect::<Vec<_>>().join(", ");
            ScriptedCall::find(text)
                .ok_or_else(|| bad(format!("there is no call `{text}`; there are {known}")))
        });
        let does = body.does.iter().map(|text| {
            let known = Misbehaviour::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ");
            let unknown = || bad(format!("there is no misbehaviour `{text}`; there are {known}"));
            Misbehaviour::find(text).ok_or_else(unknown)
        });
        if body.does.is_empty() || body.does.len() > Misbehaviour::ALL.len() || body.times == Some(0) {
            return Err(bad("name in `does` what is to be done wrong, and in `times` at least one call"));
        }
        let call = call.transpose()?;
        if body.token.is_some() && call.is_some_and(|call| call != ScriptedCall::Authorize) {
            return Err(bad("only an authorization has a token; name the others by reference or amount"));
        }
        Ok(Self {
            tenant: body.tenant,
            call,
            reference: body.reference,
            token: body.token,
            amount_minor: body.amount,
            times: body.times,
            does: does.collect::<Result<_, _>>()?,
        })
    }
}

/// Has the next calls that fit do something wrong.
pub(crate) async fn script(
    _: Trusted,
    gateway: Gateway,
    body: Json<ScriptBody>,
) -> Result<HttpResponse, Problem> {
    gateway.script(body.into_inner().try_into()?);
    Ok(HttpResponse::NoContent().finish())
}

/// Forgets a tenant's scripts.
pub(crate) async fn forget_scripts(_: Trusted, gateway: Gateway, body: Json<TenantBody>) -> HttpResponse {
    gateway.forget_scripts(&body.tenant);
    HttpResponse::NoContent().finish()
}

/// Raises an event.
pub(crate) async fn raise(
    _: Trusted,
    gateway: Gateway,
    body: Json<EventRequest>,
) -> Result<Json<EventAnswer>, Problem> {
    let EventRequest { tenant, reference, event, delay_millis, request } = body.into_inner();
    let known = SandboxEventKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
    let kind = SandboxEventKind::find(&event)
        .ok_or_else(|| bad(format!("there is no event `{event}`; there are {known}")))?;
    if !is_reference(&reference) || delay_millis > DELAY_MILLIS_MAX {
        return Err(bad(format!("a reference is printable, and the delay at most {DELAY_MILLIS_MAX} ms")));
    }
    if request.as_ref().is_some_and(|request| request.chars().count() > REQUEST_CHARS_MAX) {
        return Err(bad(format!("a request is named by {REQUEST_CHARS_MAX} characters at most")));
    }
    let delay = Duration::from_millis(delay_millis);
    let events = gateway.raise(&RaiseEvent { tenant, reference, kind, delay, request }).await?;
    Ok(Json(EventAnswer { events }))
}

/// Gives a fresh token.
pub(crate) async fn issue_token(
    _: Trusted,
    gateway: Gateway,
    body: Json<TokenRequest>,
) -> Result<Json<TokenAnswer>, Problem> {
    let token = gateway.issue_token(&body.tenant, &body.behaviour).await?;
    Ok(Json(TokenAnswer { token: token.expose_secret().to_owned() }))
}

/// The published test cards.
pub(crate) async fn cards(_: Trusted, gateway: Gateway) -> Result<Json<CardsAnswer>, Problem> {
    let row = |card: SandboxCard| CardRow {
        number: card.number,
        token: card.token,
        brand: card.brand,
        behaviour: card.behaviour,
        description: card.description,
    };
    Ok(Json(CardsAnswer { data: gateway.cards().await?.into_iter().map(row).collect() }))
}
