//! `/v1/payments/gateway-callbacks`: what gateways told, for people who look after payments.

use actix_web::{HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tender_domain::intents::{CallbackFilter, CallbackState, GatewayCallback};
use tender_domain::kernel::{CallbackKind, Limits};
use tender_domain::ports::GatewayFact;
use tender_http::{
    Authorized, Command, CreatedRange, ListQuery, Paginated, Problem, keep, parse_id, respond_json, scopes,
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::gateway_callbacks::Callbacks;
use super::intents::answer;
use super::request::{bounds, reference, text};
use crate::callbacks::masked;

/// A callback of a gateway, as it is kept.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = GatewayCallback)]
struct CallbackBody {
    /// Always `gateway_callback`.
    #[schema(value_type = String, example = "gateway_callback")]
    object: &'static str,
    /// Its id.
    #[schema(example = "gcb_01h2xcejqtf2nbrexx3vqjhp41")]
    id: String,
    /// The connector it came from.
    #[schema(example = "simulator")]
    connector: String,
    /// The gateway's id of the event.
    event_id: String,
    /// What the gateway calls this kind of event.
    #[schema(example = "authorize.approved")]
    event_type: String,
    /// What it was understood as: `ended` or `pending` (one of our calls), `captured_outside`, `refunded_outside` or
    /// `outside` (somebody moved money in the gateway's dashboard), `disputed`, `other`.
    #[schema(value_type = String, example = "ended")]
    told: &'static str,
    /// What became of it: `pending`, `applied`, `known`, `contradicted`, `outside`, `unmatched`, `unknown`, `elsewhere`
    /// or `given_up`.
    #[schema(value_type = String, example = "applied")]
    state: &'static str,
    /// What is to be known of that.
    note: Option<String>,
    /// How often acting on it failed, or what it is about had no end yet.
    failures: u32,
    /// When it is acted on next; `null` once it is settled.
    next_try_at: Option<DateTime<Utc>>,
    /// How often a person had it handled again.
    rounds: u32,
    /// When it happened, as the gateway says.
    occurred_at: DateTime<Utc>,
    /// When it came.
    received_at: DateTime<Utc>,
    /// How often what became of it was written.
    #[schema(value_type = i64)]
    version: i64,
    #[serde(skip)]
    #[schema(ignore)]
    uuid: Uuid,
}

/// A callback with the gateway's message.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = GatewayCallbackWithPayload)]
struct WholeBody {
    #[serde(flatten)]
    callback: CallbackBody,
    /// The message as it came: ids, words, amounts and times; `***` in place of everything else, for who paid is nobody's
    /// business here.
    #[schema(value_type = Object)]
    payload: Value,
}

/// Which callbacks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct CallbackQuery {
    /// Those that stand so.
    #[param(inline)]
    state: Option<StateWord>,
    /// Those of a connector.
    connector: Option<String>,
    /// Those that came then: `received[gte]`, `received[lt]`, `received[gt]`, `received[lte]`, RFC 3339 instants.
    #[param(inline, style = DeepObject, explode)]
    received: Option<CreatedRange>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = GatewayCallbackState)]
enum StateWord {
    Pending,
    Applied,
    Known,
    Contradicted,
    Outside,
    Unmatched,
    Unknown,
    Elsewhere,
    GivenUp,
}

/// Why a callback is handled again.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HandleGatewayCallback)]
struct HandleBody {
    /// Why: what was found out, or done, since. Kept for those who ask later.
    #[schema(example = "the capture in question was resolved, ticket 4711")]
    reason: String,
}

/// Lists the callbacks of gateways, newest first.
///
/// In the states `contradicted`, `outside` and `given_up` a person has to look at one. Callbacks that nobody could be found
/// for are no tenant's and not here.
#[utoipa::path(
    operation_id = "list_gateway_callbacks",
    tag = "callbacks",
    path = "/v1/payments/gateway-callbacks",
    params(
        CallbackQuery,
        ("limit" = Option<u32>, Query, description = "1 to 100, 20 when it is not there"),
        ("starting_after" = Option<String>, Query, description = "The id of the last row seen"),
        ("ending_before" = Option<String>, Query, description = "The id of the first row seen"),
        ("cursor" = Option<String>, Query, description = "What `next_cursor` gave"),
    ),
    responses(
        (status = 200, description = "A page of callbacks", body = Paginated<CallbackBody>),
        (status = 400, description = "An unknown or malformed parameter", body = Problem),
    ),
    security(("bearer" = ["diagnostics:read"])),
)]
#[get("/v1/payments/gateway-callbacks")]
pub(super) async fn list(
    caller: Authorized<scopes::DiagnosticsRead>,
    query: ListQuery<CallbackQuery>,
    callbacks: Callbacks,
) -> Result<Paginated<CallbackBody>, Problem> {
    let page = callbacks.page(&caller, &query.filter.into_filter()?, &query.page).await?;
    Ok(Paginated::new(page.map(|callback| CallbackBody::from(&callback)), &query.page, |row| row.uuid))
}

/// Reads a callback of a gateway, with its message.
#[utoipa::path(
    operation_id = "get_gateway_callback",
    tag = "callbacks",
    path = "/v1/payments/gateway-callbacks/{callback_id}",
    params(("callback_id" = String, Path, description = "The callback", example = "gcb_01h2xcejqtf2nbrexx3vqjhp41")),
    responses(
        (status = 200, description = "The callback", body = WholeBody),
        (status = 404, description = "No such callback", body = Problem),
    ),
    security(("bearer" = ["diagnostics:read"])),
)]
#[get("/v1/payments/gateway-callbacks/{callback_id}")]
pub(super) async fn get(
    caller: Authorized<scopes::DiagnosticsRead>,
    id: web::Path<String>,
    callbacks: Callbacks,
) -> Result<HttpResponse, Problem> {
    let callback = callbacks.get(&caller, parse_id::<CallbackKind>(&id)?).await?;
    let payload = masked(&callback.body);
    Ok(respond_json(200, &WholeBody { callback: CallbackBody::from(&callback), payload }))
}

/// Has a callback handled again, whatever became of it.
///
/// It is acted on at once, as the payment stands now: what it told and was done is not done a second time. It is told to the
/// audit log.
#[utoipa::path(
    operation_id = "handle_gateway_callback",
    tag = "callbacks",
    path = "/v1/payments/gateway-callbacks/{callback_id}/handle",
    params(
        ("callback_id" = String, Path, description = "The callback", example = "gcb_01h2xcejqtf2nbrexx3vqjhp41"),
        ("Idempotency-Key" = String, Header, description = "A text of your own, the same when you send it again"),
    ),
    request_body = HandleBody,
    responses(
        (status = 202, description = "The callback, which is to be acted on now", body = CallbackBody),
        (status = 400, description = "Malformed, or without `Idempotency-Key`", body = Problem),
        (status = 404, description = "No such callback", body = Problem),
    ),
    security(("bearer" = ["intents:resolve"])),
)]
#[post("/v1/payments/gateway-callbacks/{callback_id}/handle")]
pub(super) async fn handle(
    caller: Authorized<scopes::IntentsResolve>,
    command: Command<HandleBody>,
    id: web::Path<String>,
    callbacks: Callbacks,
) -> Result<HttpResponse, Problem> {
    let id = parse_id::<CallbackKind>(&id)?;
    let key = command.require_key()?;
    let reason = text("/reason", Some(command.body.reason), Limits::TEXT_CHARS)?.unwrap_or_default();
    if reason.trim().is_empty() {
        let detail = "say why: it is kept for those who ask later";
        return Err(Problem::bad_request("reason_required", detail).pointer("/reason", "required"));
    }
    let present = |callback: &GatewayCallback| keep(202, &CallbackBody::from(callback));
    Ok(answer(&callbacks.handle_again(&caller, id, (&reason, &key), present).await?))
}

impl CallbackQuery {
    fn into_filter(self) -> Result<CallbackFilter, Problem> {
        let (received_from, received_to) = bounds(self.received);
        Ok(CallbackFilter {
            state: self.state.map(CallbackState::from),
            connector: reference("/connector", self.connector)?,
            received_from,
            received_to,
        })
    }
}

impl From<&GatewayCallback> for CallbackBody {
    fn from(callback: &GatewayCallback) -> Self {
        Self {
            object: "gateway_callback",
            id: callback.id.to_string(),
            connector: callback.connector.clone(),
            event_id: callback.event_id.clone(),
            event_type: callback.event_type.clone(),
            told: match &callback.fact {
                GatewayFact::Ended { .. } => "ended",
                GatewayFact::Pending { .. } => "pending",
                GatewayFact::Outside { .. } => "outside",
                GatewayFact::CapturedOutside(_) => "captured_outside",
                GatewayFact::RefundedOutside(_) => "refunded_outside",
                GatewayFact::Disputed(_) => "disputed",
                GatewayFact::Other => "other",
            },
            state: callback.state.as_str(),
            note: callback.note.clone(),
            failures: callback.failures,
            next_try_at: callback.next_try_at,
            rounds: callback.round,
            occurred_at: callback.occurred_at,
            received_at: callback.received_at,
            version: callback.version.number(),
            uuid: callback.id.uuid(),
        }
    }
}

impl From<StateWord> for CallbackState {
    fn from(word: StateWord) -> Self {
        match word {
            StateWord::Pending => Self::Pending,
            StateWord::Applied => Self::Applied,
            StateWord::Known => Self::Known,
            StateWord::Contradicted => Self::Contradicted,
            StateWord::Outside => Self::Outside,
            StateWord::Unmatched => Self::Unmatched,
            StateWord::Unknown => Self::Unknown,
            StateWord::Elsewhere => Self::Elsewhere,
            StateWord::GivenUp => Self::GivenUp,
        }
    }
}
