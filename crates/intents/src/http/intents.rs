//! `/v1/payments/intents`

use std::sync::Arc;

use actix_web::{HttpResponse, get, post, web};
use tender_domain::intents::{Instrument, Intent};
use tender_domain::kernel::{Caller, IntentKind, Limits};
use tender_http::{
    Authorized, CalledFrom, Command, IfMatch, IntentCaller, ListQuery, OptionalBody, Paginated, PlainQuery,
    Problem, ResponseExt, keep, parse_id, respond, scopes,
};

use super::body::{IntentBody, PRESENTER};
use super::expand::{Expand, OfIntent, Opened, may_open};
use super::payer_body::told;
use super::problems::merchants_say_away;
use super::request::{
    AttachMethodBody, CompleteChallengeBody, ConfirmBody, CreateIntentBody, IntentQuery, method_id, text,
    version,
};
use super::secret::with_secret;
use crate::IntentsService;
use crate::payer_seen::{seen_of, seen_over_said};
use crate::use_cases::{Answered, Confirm, Keyed, Seen, Shown};

pub(crate) type Service = web::Data<Arc<IntentsService>>;

const PATH: &str = "/v1/payments/intents";
pub(super) const THE_INTENT: Shown = Shown::Intent { created: false };

pub(super) fn answer(answered: &Answered) -> HttpResponse {
    let response = respond(&answered.answer).replayed(answered.replayed);
    match answered.intent {
        Some((id, version)) => response.etag(version).location(format!("{PATH}/{id}")),
        None => response,
    }
}

/// The answer, with the intent's client secret for those who may have it.
fn answer_with_secret(service: &IntentsService, caller: &Caller, answered: Answered) -> HttpResponse {
    let answer_so = with_secret(service, caller, &answered.answer);
    answer(&Answered { answer: answer_so, ..answered })
}

/// Creates a payment intent, and with `confirm: true` asks the gateway for the money in the same call.
#[utoipa::path(
    operation_id = "create_intent",
    tag = "intents",
    path = "/v1/payments/intents",
    params(("Idempotency-Key" = String, Header, description = "A text of your own, the same when you send it again")),
    request_body = CreateIntentBody,
    responses(
        (status = 201, description = "The intent. A decline is in `last_payment_error`", body = IntentBody),
        (status = 202, description = "The intent; the gateway's answer is not known yet", body = IntentBody),
        (status = 400, description = "Malformed, or without `Idempotency-Key`", body = Problem),
        (status = 403, description = "`merchants_only`: the customer says that the customer is away (`off_session`)", body = Problem),
        (status = 409, description = "The first request with the key still runs", body = Problem),
        (status = 422, description = "A refusal of business", body = Problem),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/v1/payments/intents")]
pub(super) async fn create(
    caller: Authorized<scopes::IntentsWrite>,
    command: Command<CreateIntentBody>,
    called: CalledFrom,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let key = match command.key_or(command.body.request_id.as_deref())? {
        Some(key) => key,
        None => command.require_key()?,
    };
    let mut wanted = command.body.into_command(service.default_capture_mode(&caller.tenant))?;
    if let Some(customer) = caller.only_customer() {
        wanted.customer_id = Some(customer.to_owned());
    }
    merchants_say_away(&caller, wanted.off_session)?;
    let said = (wanted.signals, wanted.options.payer);
    (wanted.signals, wanted.options.payer) = seen_over_said(seen_of(&caller, &called), said);
    let keyed = Keyed::new(Some(key), PRESENTER, Shown::Intent { created: true });
    let created = service.create_intent(&caller, wanted, keyed).await?;
    Ok(answer_with_secret(&service, &caller, created))
}

/// Lists payment intents, newest first.
#[utoipa::path(
    operation_id = "list_intents",
    tag = "intents",
    path = "/v1/payments/intents",
    params(
        IntentQuery,
        ("expand[]" = inline(Option<Vec<OfIntent>>), Query, description = "What is opened of each: `latest_charge`, `fraud.decision` (`fraud:read`), `order` (`orders:read`)"),
        ("limit" = Option<u32>, Query, description = "1 to 100, 20 when it is not there"),
        ("starting_after" = Option<String>, Query, description = "The id of the last row seen"),
        ("ending_before" = Option<String>, Query, description = "The id of the first row seen"),
        ("cursor" = Option<String>, Query, description = "What `next_cursor` gave"),
    ),
    responses(
        (status = 200, description = "A page of intents", body = Paginated<IntentBody>),
        (status = 400, description = "An unknown or malformed parameter", body = Problem),
    ),
    security(("bearer" = ["intents:read"])),
)]
#[get("/v1/payments/intents")]
pub(super) async fn list(
    caller: Authorized<scopes::IntentsRead>,
    query: ListQuery<IntentQuery>,
    service: Service,
) -> Result<Paginated<IntentBody>, Problem> {
    let (filter, expand) = query.filter.into_parts();
    may_open(&caller, &expand)?;
    let page = service.list_intents(&caller, filter, &query.page).await?;
    let found: Vec<&Intent> = page.data.iter().collect();
    let opened = Opened::of(&service, &caller, &found, &expand).await?;
    let page = page.map(|intent| opened.body(&intent));
    Ok(Paginated::new(page, &query.page, IntentBody::uuid))
}

/// Reads a payment intent.
///
/// One with an outcome that is not known is looked up at its gateway when that is due. Also with the intent's client
/// secret, which opens no references; that itself is in answers to servers alone.
#[utoipa::path(
    operation_id = "get_intent",
    tag = "intents",
    path = "/v1/payments/intents/{intent_id}",
    params(
        ("intent_id" = String, Path, description = "The intent", example = "pi_01h2xcejqtf2nbrexx3vqjhp41"),
        ("expand[]" = inline(Option<Vec<OfIntent>>), Query, description = "What is opened: `latest_charge`, `fraud.decision` (`fraud:read`), `order` (`orders:read`)"),
    ),
    responses(
        (status = 200, description = "The intent", body = IntentBody),
        (status = 400, description = "An unknown or malformed parameter", body = Problem),
        (status = 404, description = "No such intent", body = Problem),
    ),
    security(("bearer" = ["intents:read"])),
)]
#[get("/v1/payments/intents/{intent_id}")]
pub(super) async fn get(
    caller: IntentCaller<scopes::IntentsRead>,
    id: web::Path<String>,
    PlainQuery(query): PlainQuery<Expand<OfIntent>>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    may_open(&caller, &query.expand)?;
    let intent = service.get_intent(&caller, parse_id::<IntentKind>(&id)?).await?;
    let opened = Opened::of(&service, &caller, &[&intent], &query.expand).await?;
    let shown = with_secret(&service, &caller, &keep(200, &opened.body(&intent)));
    Ok(respond(&shown).etag(intent.version))
}

/// Attaches a saved method, also another one after a decline.
///
/// Also with the intent's client secret.
#[utoipa::path(
    operation_id = "attach_method_to_intent",
    tag = "intents",
    path = "/v1/payments/intents/{intent_id}/attach-method",
    params(
        ("intent_id" = String, Path, description = "The intent", example = "pi_01h2xcejqtf2nbrexx3vqjhp41"),
        ("If-Match" = Option<String>, Header, description = "The version you have seen, as `\"3\"`; or `version` in the body"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = AttachMethodBody,
    responses(
        (status = 200, description = "The intent", body = IntentBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 404, description = "No such intent", body = Problem),
        (status = 409, description = "`intent_status`: it is past that", body = Problem),
        (status = 412, description = "It has another version than you have seen", body = Problem),
        (status = 422, description = "The method cannot be charged", body = Problem),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/v1/payments/intents/{intent_id}/attach-method")]
pub(super) async fn attach_method(
    caller: IntentCaller<scopes::IntentsWrite>,
    command: Command<AttachMethodBody>,
    if_match: IfMatch,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<IntentKind>(&id)?;
    let instrument = Instrument::Saved(method_id(&command.body.payment_method_id)?);
    let seen = Seen { if_match, version: version(command.body.version) };
    let keyed = Keyed::new(command.key, PRESENTER, THE_INTENT);
    Ok(answer(&service.attach_method(&caller, id, instrument, seen, keyed).await?))
}

/// Confirms a payment intent: asks a gateway for the money.
///
/// Also with the intent's client secret.
#[utoipa::path(
    operation_id = "confirm_intent",
    tag = "intents",
    path = "/v1/payments/intents/{intent_id}/confirm",
    params(
        ("intent_id" = String, Path, description = "The intent", example = "pi_01h2xcejqtf2nbrexx3vqjhp41"),
        ("If-Match" = Option<String>, Header, description = "The version you have seen, as `\"3\"`; or `version` in the body"),
        ("Idempotency-Key" = String, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = Option<ConfirmBody>,
    responses(
        (status = 200, description = "The intent. A decline is in `last_payment_error`", body = IntentBody),
        (status = 202, description = "The intent; the gateway's answer is not known yet", body = IntentBody),
        (status = 400, description = "Malformed, or without `Idempotency-Key`", body = Problem),
        (status = 403, description = "`merchants_only`: the customer says that the customer is away (`off_session`)", body = Problem),
        (status = 404, description = "No such intent", body = Problem),
        (status = 409, description = "`intent_status`, or the first request with the key still runs", body = Problem),
        (status = 412, description = "It has another version than you have seen", body = Problem),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/v1/payments/intents/{intent_id}/confirm")]
pub(super) async fn confirm(
    caller: IntentCaller<scopes::IntentsWrite>,
    command: Command<OptionalBody<ConfirmBody>>,
    (if_match, called): (IfMatch, CalledFrom),
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<IntentKind>(&id)?;
    let key = command.require_key()?;
    let body = command.body.0;
    merchants_say_away(&caller, body.off_session)?;
    let said = told(body.device, body.billing_details, body.shipping)?;
    let (signals, payer) = seen_over_said(seen_of(&caller, &called), said);
    let confirm = Confirm {
        instrument: body.payment_method_id.as_deref().map(method_id).transpose()?.map(Instrument::Saved),
        off_session: body.off_session,
        forces_three_ds: false,
        signals,
        payer,
        seen: Seen { if_match, version: version(body.version) },
    };
    let keyed = Keyed::new(Some(key), PRESENTER, THE_INTENT);
    Ok(answer(&service.confirm_intent(&caller, id, confirm, keyed).await?))
}

/// Goes on after the customer met a challenge.
///
/// Also with the intent's client secret.
#[utoipa::path(
    tag = "intents",
    path = "/v1/payments/intents/{intent_id}/3ds/complete",
    params(
        ("intent_id" = String, Path, description = "The intent", example = "pi_01h2xcejqtf2nbrexx3vqjhp41"),
        ("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = CompleteChallengeBody,
    responses(
        (status = 200, description = "The intent. A failed challenge is in `last_payment_error`", body = IntentBody),
        (status = 202, description = "The intent; the gateway's answer is not known yet", body = IntentBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 404, description = "No such intent", body = Problem),
        (status = 409, description = "`intent_status`: no challenge is open", body = Problem),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/v1/payments/intents/{intent_id}/3ds/complete")]
pub(super) async fn complete_challenge(
    caller: IntentCaller<scopes::IntentsWrite>,
    command: Command<CompleteChallengeBody>,
    id: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<IntentKind>(&id)?;
    let result = text("/result", Some(command.body.result), Limits::TEXT_CHARS)?.unwrap_or_default();
    let keyed = Keyed::new(command.key, PRESENTER, THE_INTENT);
    Ok(answer(&service.complete_challenge(&caller, id, result, keyed).await?))
}
