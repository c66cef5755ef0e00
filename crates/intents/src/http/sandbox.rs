//! `/v1/payments/test`: the tools of the sandbox. Production has none of these routes.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpResponse, get, post, web};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{Answer, Caller, Change, CommitError, IntentKind, KeyWrite};
use tender_domain::ports::{RaiseEvent, SandboxCard, SandboxError, SandboxEventKind, SandboxGateway};
use tender_http::{
    Authorized, Command, Problem, RequestKey, ResponseExt, keep, parse_id, replay_or_conflict, respond,
    respond_json, scopes,
};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::intents::Service;
use crate::IntentsService;

type Sandbox = web::Data<Arc<dyn SandboxGateway>>;

const RETRY_SECONDS: u32 = 2;
/// The longest an event may wait: an hour.
const DELAY_MILLIS_MAX: u64 = 3_600_000;
/// The most tokens of one request.
const TOKENS_MAX: u8 = 20;

/// The routes of the sandbox. Its gateway is taken from the application's data, as `web::Data<Arc<dyn SandboxGateway>>`;
/// a process in production declares none of them.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(cards).service(simulate).service(faucet);
}

/// A published test card.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TestCard)]
struct CardBody {
    /// Always `test_card`.
    #[schema(value_type = String, example = "test_card")]
    object: &'static str,
    /// What to save as a method: `{"type": "card", "token": …}`.
    #[schema(example = "tok_visa")]
    token: String,
    /// The card number, for `POST /methods`; good with any future date and any code.
    #[schema(example = "4242424242424242")]
    number: String,
    /// The scheme.
    #[schema(example = "VISA")]
    brand: String,
    /// What becomes of a payment with it, as the faucet takes it.
    #[schema(example = "approve")]
    behaviour: String,
    /// The same for people.
    #[schema(example = "approved")]
    description: String,
}

/// The published test cards.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TestCards)]
struct CardsBody {
    /// Always `list`.
    #[schema(value_type = String, example = "list")]
    object: &'static str,
    /// All of them.
    data: Vec<CardBody>,
    /// Always `false`.
    #[schema(example = false)]
    has_more: bool,
}

/// An event for the simulated gateway to raise.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = SimulateEvent)]
#[serde(deny_unknown_fields)]
struct SimulateBody {
    /// `payment.succeeded` (a challenge is met, or the approval is told again), `payment.failed` (a challenge is failed;
    /// of what was approved a false decline is told), `callback.duplicate`, `callback.late`, `callback.out_of_order`,
    /// `outside.captured`, `outside.refunded` (somebody moves the money in the gateway's dashboard).
    #[serde(rename = "type")]
    #[schema(example = "payment.succeeded")]
    event_type: String,
    /// The intent whose newest attempt it is about.
    #[schema(example = "pi_01h2xcejqtf2nbrexx3vqjhp41")]
    intent_id: String,
    /// How long its callbacks wait, in milliseconds, at most 3 600 000.
    #[serde(default)]
    #[schema(example = 1000)]
    delay_ms: u64,
}

/// What the simulated gateway raises.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SimulatedEvent)]
struct SimulatedBody {
    /// Always `simulated_event`.
    #[schema(value_type = String, example = "simulated_event")]
    object: &'static str,
    /// As asked.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "payment.succeeded")]
    event_type: &'static str,
    /// The intent.
    intent_id: String,
    /// The attempt it is about.
    attempt_id: String,
    /// The gateway's ids of the events, one for each callback that will come.
    event_ids: Vec<String>,
    /// How long they wait, in milliseconds.
    delay_ms: u64,
}

/// Which tokens are wished.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Faucet)]
#[serde(deny_unknown_fields)]
struct FaucetBody {
    /// How payments with it are to behave: a `behaviour` of `GET /test/cards`.
    #[schema(example = "insufficient_funds")]
    behaviour: String,
    /// How many, 1 to 20; 1 when it is not there.
    #[schema(example = 1)]
    count: Option<u8>,
}

/// Fresh tokens, each of a card that nobody has.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TestTokens)]
struct TokensBody {
    /// Always `test_tokens`.
    #[schema(value_type = String, example = "test_tokens")]
    object: &'static str,
    /// As asked.
    behaviour: String,
    /// What to save as methods.
    tokens: Vec<String>,
}

/// Lists the test cards and tokens with what becomes of payments with them.
#[utoipa::path(
    operation_id = "list_test_cards",
    tag = "sandbox",
    path = "/v1/payments/test/cards",
    responses(
        (status = 200, description = "The cards", body = CardsBody),
        (status = 503, description = "The simulated gateway is away", body = Problem),
    ),
    security(("bearer" = ["sandbox:use"])),
)]
#[get("/v1/payments/test/cards")]
async fn cards(_caller: Authorized<scopes::SandboxUse>, sandbox: Sandbox) -> Result<HttpResponse, Problem> {
    let data = sandbox.cards().await.map_err(problem)?.into_iter().map(CardBody::from).collect();
    Ok(respond_json(200, &CardsBody { object: "list", data, has_more: false }))
}

/// Has the simulated gateway raise an event of an intent, as a callback for real.
#[utoipa::path(
    operation_id = "simulate_gateway_event",
    tag = "sandbox",
    path = "/v1/payments/test/simulate",
    params(("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again")),
    request_body = SimulateBody,
    responses(
        (status = 202, description = "The events that will come as callbacks", body = SimulatedBody),
        (status = 400, description = "Malformed, or a type that is not known", body = Problem),
        (status = 404, description = "No such intent", body = Problem),
        (status = 409, description = "`nothing_to_simulate`: the intent has no attempt yet", body = Problem),
        (status = 422, description = "`simulation_refused`: it makes no sense of this payment", body = Problem),
        (status = 503, description = "The simulated gateway is away", body = Problem),
    ),
    security(("bearer" = ["sandbox:use"])),
)]
#[post("/v1/payments/test/simulate")]
async fn simulate(
    caller: Authorized<scopes::SandboxUse>,
    command: Command<SimulateBody>,
    sandbox: Sandbox,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let Command { body, key, .. } = command;
    let kind = SandboxEventKind::find(&body.event_type).ok_or_else(|| {
        let known: Vec<_> = SandboxEventKind::ALL.iter().map(|kind| kind.as_str()).collect();
        Problem::bad_request("unknown_event_type", "there is no event of this type")
            .pointer("/type", format!("must be one of {}", known.join(", ")))
    })?;
    if body.delay_ms > DELAY_MILLIS_MAX {
        return Err(Problem::bad_request("invalid_delay", "the delay is too long")
            .pointer("/delay_ms", format!("must be at most {DELAY_MILLIS_MAX}")));
    }
    if let Some(kept) = kept(&service, &caller, key.as_ref()).await? {
        return Ok(respond(&kept).replayed(true));
    }
    let intent = service.get_intent(&caller, parse_id::<IntentKind>(&body.intent_id)?).await?;
    let attempt = intent.attempts.last().ok_or_else(|| {
        Problem::conflict("nothing_to_simulate", "the payment intent was not confirmed: no gateway knows it")
    })?;
    let event = RaiseEvent {
        tenant: caller.tenant.clone(),
        reference: attempt.id.to_string(),
        kind,
        delay: Duration::from_millis(body.delay_ms),
        // Raised, and then kept: what was raised before a crash is told again by a retry, and not raised once more.
        request: key.as_ref().map(|key| format!("{}/{}", key.scope.route, key.scope.key)),
    };
    let answer = keep(
        202,
        &SimulatedBody {
            object: "simulated_event",
            event_type: kind.as_str(),
            intent_id: intent.id.to_string(),
            attempt_id: attempt.id.to_string(),
            event_ids: sandbox.raise(&event).await.map_err(problem)?,
            delay_ms: body.delay_ms,
        },
    );
    remember(&service, &caller, key, answer).await
}

/// Gives fresh test tokens that behave as wished.
#[utoipa::path(
    operation_id = "issue_test_tokens",
    tag = "sandbox",
    path = "/v1/payments/test/faucet",
    params(("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again")),
    request_body = FaucetBody,
    responses(
        (status = 201, description = "The tokens; save them by `POST /methods`", body = TokensBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 422, description = "`simulation_refused`: there is no such behaviour", body = Problem),
        (status = 503, description = "The simulated gateway is away", body = Problem),
    ),
    security(("bearer" = ["sandbox:use"])),
)]
#[post("/v1/payments/test/faucet")]
async fn faucet(
    caller: Authorized<scopes::SandboxUse>,
    command: Command<FaucetBody>,
    sandbox: Sandbox,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let Command { body, key, .. } = command;
    let count = body.count.unwrap_or(1);
    if !(1..=TOKENS_MAX).contains(&count) {
        return Err(Problem::bad_request("invalid_count", "so many tokens are not given at once")
            .pointer("/count", format!("must be from 1 to {TOKENS_MAX}")));
    }
    if let Some(kept) = kept(&service, &caller, key.as_ref()).await? {
        return Ok(respond(&kept).replayed(true));
    }
    let mut tokens = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let token = sandbox.issue_token(&caller.tenant, &body.behaviour).await.map_err(problem)?;
        tokens.push(token.expose_secret().to_owned());
    }
    let answer = keep(201, &TokensBody { object: "test_tokens", behaviour: body.behaviour, tokens });
    // Nothing else is kept of a token: those that a crash lost were nobody's.
    remember(&service, &caller, key, answer).await
}

/// The answer that is kept under the request's key.
async fn kept(
    service: &Arc<IntentsService>,
    caller: &Caller,
    key: Option<&RequestKey>,
) -> Result<Option<Answer>, Problem> {
    let Some(key) = key else { return Ok(None) };
    let record = service.store.key(&caller.tenant, &key.scope).await?;
    record.map(|record| replay_or_conflict(record, key.fingerprint).into_answer()).transpose()
}

/// Keeps the answer under the request's key, and gives it. Of two requests with one key the first answer is both's.
async fn remember(
    service: &Arc<IntentsService>,
    caller: &Caller,
    key: Option<RequestKey>,
    answer: Answer,
) -> Result<HttpResponse, Problem> {
    let Some(RequestKey { scope, fingerprint }) = key else { return Ok(respond(&answer)) };
    let (resource, at) = ("sandbox".to_owned(), service.clock.now());
    let record = KeyWrite::Record { scope, fingerprint, resource, answer: answer.clone(), at };
    match service.store.commit(Change::of(caller.tenant.clone()).keyed(record)).await {
        Ok(_) => Ok(respond(&answer)),
        Err(CommitError::KeyTaken(record)) => {
            Ok(respond(&replay_or_conflict(*record, fingerprint).into_answer()?).replayed(true))
        }
        Err(error) => Err(error.into()),
    }
}

impl From<SandboxCard> for CardBody {
    fn from(card: SandboxCard) -> Self {
        Self {
            object: "test_card",
            token: card.token,
            number: card.number,
            brand: card.brand,
            behaviour: card.behaviour,
            description: card.description,
        }
    }
}

fn problem(error: SandboxError) -> Problem {
    match error {
        SandboxError::Refused(why) => Problem::unprocessable("simulation_refused", why),
        SandboxError::Unavailable(why) => {
            tracing::warn!(why, "the simulated gateway could not be asked");
            Problem::service_unavailable(RETRY_SECONDS)
        }
    }
}
