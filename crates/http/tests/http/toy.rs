//! A toy service: one handler for each thing the kit promises.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::time::Duration;

use actix_web::{HttpResponse, get, patch, post, web};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::{
    Cursor, Direction, IntentId, IntentKind, KeyRecord, KeyScope, KeyState, Page, Timestamp, Version,
};
use tender_http::{
    AnyCaller, Authorized, Command, CreatedRange, IfMatch, ListQuery, MaybeCaller, MetadataFilter,
    OptionalBody, PageQuery, Paginated, Problem, Replay, ResponseExt, ServerTiming, check_version, keep,
    parse_id, replay_or_conflict, respond, respond_json, scopes, to_the_end,
};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToyBody {
    pub(crate) amount: i64,
    #[serde(default)]
    pub(crate) request_id: Option<String>,
    #[serde(default)]
    pub(crate) parts: Vec<Part>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    #[serde(rename = "a/b")]
    pub(crate) size: u8,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Toy {
    id: String,
    amount: i64,
}

/// The keys as a store would have them.
#[derive(Default)]
pub(crate) struct Keys(pub(crate) Mutex<HashMap<KeyScope, KeyRecord>>);

/// Makes a toy.
#[utoipa::path(responses((status = 201, body = Toy)), security(("bearer" = ["intents:write"])))]
#[post("/v1/payments/toys")]
async fn make(
    _caller: Authorized<scopes::IntentsWrite>,
    command: Command<ToyBody>,
    keys: web::Data<Keys>,
) -> Result<HttpResponse, Problem> {
    let key = match command.key_or(command.body.request_id.as_deref())? {
        Some(key) => key,
        None => command.require_key()?,
    };
    let mut kept = keys.0.lock().expect("no test panics with it");
    if let Some(record) = kept.get(&key.scope) {
        let replay =
            replay_or_conflict(record.clone(), key.fingerprint).in_flight_if(|resource| resource == "runs");
        return match replay {
            Replay::Resume(resource) => Ok(respond_json(200, &format!("went on with {resource}"))),
            other => Ok(respond(&other.into_answer()?).replayed(true)),
        };
    }
    let parts: i64 = command.body.parts.iter().map(|part| i64::from(part.size)).sum();
    let answer = if command.body.amount < 0 {
        Problem::unprocessable("negative", "the amount is negative")
            .pointer("/amount", "must be positive")
            .to_answer()
    } else {
        keep(
            201,
            &Toy {
                id: IntentId::from_uuid(Uuid::from_u128(7)).to_string(),
                amount: command.body.amount + parts,
            },
        )
    };
    let record = KeyRecord {
        fingerprint: key.fingerprint,
        resource: "toy".to_owned(),
        state: KeyState::Done(answer.clone()),
        started_at: Timestamp::default(),
    };
    kept.insert(key.scope, record);
    Ok(respond(&answer).location("/v1/payments/toys/7").etag(Version::FIRST))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Poke {
    #[serde(default)]
    hard: bool,
}

/// Pokes a toy; the body may be left out.
#[utoipa::path(responses((status = 200)), security(("bearer" = ["intents:write"])))]
#[post("/v1/payments/toys/{id}/poke")]
async fn poke(
    path: web::Path<String>,
    command: Command<OptionalBody<Poke>>,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<IntentKind>(&path)?;
    let key = command.key.as_ref().map(|key| key.scope.key.to_string());
    let said: BTreeMap<_, _> = [
        ("id", Some(id.to_string())),
        ("hard", Some(command.body.hard.to_string())),
        ("key", key),
        ("route", Some(command.route.to_owned())),
    ]
    .into();
    Ok(respond_json(200, &said))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Rename {
    version: Option<i64>,
}

/// Changes a toy, which is at version 3.
#[utoipa::path(responses((status = 200)), security(("bearer" = ["intents:write"])))]
#[patch("/v1/payments/toys/{id}")]
async fn rename(if_match: IfMatch, command: Command<Rename>) -> Result<HttpResponse, Problem> {
    let current = Version::new(3);
    check_version(&if_match, command.body.version.map(Version::new), current)?;
    Ok(respond_json(200, &"renamed").etag(current.next()))
}

/// Shows a toy.
#[utoipa::path(responses((status = 200)), security(("bearer" = ["intents:read"])))]
#[get("/v1/payments/toys/{id}")]
async fn show(
    caller: Authorized<scopes::IntentsRead>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<IntentKind>(&path)?;
    Ok(respond_json(200, &format!("{id} of {}", caller.tenant)))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Open,
    InUse,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToyFilter {
    pub(crate) status: Option<Status>,
    pub(crate) amount: Option<i64>,
    pub(crate) broken: Option<bool>,
    pub(crate) created: Option<CreatedRange>,
    #[serde(default)]
    pub(crate) metadata: MetadataFilter,
    #[serde(default)]
    pub(crate) expand: Vec<String>,
    pub(crate) intent: Option<IntentId>,
}

/// Lists ten toys, numbered 1 to 10.
#[utoipa::path(responses((status = 200, body = Paginated<u8>)), security(("bearer" = ["intents:read"])))]
#[get("/v1/payments/toys")]
async fn list(query: ListQuery<ToyFilter>) -> Paginated<u8> {
    let wanted = |number: &u8| match (query.page.cursor, query.page.direction) {
        (None, _) => true,
        (Some(Cursor(at)), Direction::Older) => Uuid::from_u128(u128::from(*number)) < at,
        (Some(Cursor(at)), Direction::Newer) => Uuid::from_u128(u128::from(*number)) > at,
    };
    let fetch = query.page.limit() + 1;
    let rows: Vec<u8> = match query.page.direction {
        Direction::Older => (1..=10).rev().filter(wanted).take(fetch).collect(),
        Direction::Newer => (1..=10).filter(wanted).take(fetch).collect(),
    };
    Paginated::new(Page::from_fetched(&query.page, rows), &query.page, |number| {
        Uuid::from_u128(u128::from(*number))
    })
}

/// A list without a filter.
#[utoipa::path(responses((status = 200)))]
#[get("/v1/payments/plain-list")]
async fn plain_list(query: PageQuery) -> HttpResponse {
    respond_json(200, &query.page.limit())
}

/// Who am I.
#[utoipa::path(responses((status = 200)))]
#[get("/v1/payments/whoami")]
async fn whoami(caller: AnyCaller) -> HttpResponse {
    respond_json(200, &described(&caller))
}

/// Who am I, if anybody.
#[utoipa::path(responses((status = 200)))]
#[get("/v1/payments/maybe")]
async fn maybe(caller: MaybeCaller) -> HttpResponse {
    respond_json(200, &caller.0.map(|caller| described(&caller)))
}

fn described(caller: &tender_domain::kernel::Caller) -> BTreeMap<&'static str, String> {
    [
        ("tenant", caller.tenant.to_string()),
        ("subject", caller.subject.to_string()),
        ("credential", format!("{:?}", caller.credential)),
        ("scopes", caller.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")),
        ("actor", caller.actor.as_deref().unwrap_or_default().to_owned()),
        ("livemode", caller.livemode.to_string()),
    ]
    .into()
}

/// What only services may.
#[utoipa::path(responses((status = 200)), security(("bearer" = ["service:internal"])))]
#[post("/internal/toys")]
async fn internal(caller: Authorized<scopes::ServiceInternal>) -> HttpResponse {
    respond_json(200, &described(&caller))
}

/// Waits for a gateway.
#[utoipa::path(responses((status = 200)))]
#[get("/v1/payments/gateway")]
async fn gateway(timing: ServerTiming) -> HttpResponse {
    timing.add_gateway(Duration::from_micros(1_500));
    ServerTiming::current().add_gateway(Duration::from_micros(500));
    respond_json(200, &tender_http::current_traceparent())
}

/// Takes a number in its path.
#[utoipa::path(responses((status = 200)))]
#[get("/v1/payments/numbers/{number}")]
async fn in_path(path: web::Path<u32>) -> HttpResponse {
    respond_json(200, &path.into_inner())
}

/// Panics.
#[utoipa::path(responses((status = 200)))]
#[get("/v1/payments/panic")]
async fn panics() -> HttpResponse {
    panic!("the toy broke")
}

/// The calls of [`slow`] that have begun, by how long they take.
pub(crate) static BEGUN: Mutex<Vec<u64>> = Mutex::new(Vec::new());

/// Takes long: as many milliseconds as it is told.
#[utoipa::path(responses((status = 200)))]
#[get("/v1/payments/slow/{millis}")]
async fn slow(path: web::Path<u64>) -> HttpResponse {
    BEGUN.lock().expect("no test panics with it").push(*path);
    tokio::time::sleep(Duration::from_millis(*path)).await;
    respond_json(200, &"at last")
}

/// The work of [`lasting`] that has ended, by how long it took.
pub(crate) static ENDED: Mutex<Vec<u64>> = Mutex::new(Vec::new());

/// Begins work that takes as many milliseconds as it is told, and waits for it.
#[utoipa::path(responses((status = 200)))]
#[get("/v1/payments/lasting/{millis}")]
async fn lasting(path: web::Path<u64>) -> Result<HttpResponse, Problem> {
    let millis = *path;
    to_the_end(async move {
        tokio::time::sleep(Duration::from_millis(millis)).await;
        ENDED.lock().expect("no test panics with it").push(millis);
    })
    .await?;
    Ok(respond_json(200, &"at last"))
}

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(make).service(poke).service(rename).service(show).service(list).service(plain_list);
    config.service(whoami).service(maybe).service(internal).service(gateway).service(in_path).service(panics);
    config.service(slow).service(lasting);
}
