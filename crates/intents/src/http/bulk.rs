//! `POST /v1/payments/intents/bulk`

use actix_web::{HttpResponse, post};
use serde::Deserialize;
use tender_domain::intents::{CaptureMode, JOB_ITEMS_MAX};
use tender_http::{
    Authorized, CalledFrom, Command, JobBody, Problem, ResponseExt, job_answer, job_path, parse_json,
    respond, scopes,
};
use utoipa::ToSchema;

use super::intents::Service;
use super::problems::merchants_say_away;
use super::request::CreateIntentBody;
use crate::payer_seen::seen_of;
use crate::use_cases::CreateIntent;

/// Many intents.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulkCreatePaymentIntents)]
struct BulkBody {
    /// 1 to 1,000 of them; without `request_id`, for each has a key of its own.
    #[schema(min_items = 1, max_items = 1_000)]
    intents: Vec<CreateIntentBody>,
}

/// Creates many payment intents, in a job: one that is refused does not keep the others from being created.
///
/// Each is created once, also when the job is interrupted; with `confirm: true` it is confirmed too.
#[utoipa::path(
    operation_id = "bulk_create_intents",
    tag = "intents",
    path = "/v1/payments/intents/bulk",
    params(("Idempotency-Key" = String, Header, description = "A text of your own, the same when you send it again")),
    request_body = BulkBody,
    responses(
        (status = 202, description = "The job; `Location` has its address", body = JobBody),
        (status = 400, description = "Malformed, or without `Idempotency-Key`", body = Problem),
        (status = 403, description = "`merchants_only`: the customer says that the customer is away (`off_session`)", body = Problem),
        (status = 422, description = "The key belongs to another request", body = Problem),
    ),
    security(("bearer" = ["intents:write"])),
)]
#[post("/v1/payments/intents/bulk")]
pub(super) async fn create(
    caller: Authorized<scopes::IntentsWrite>,
    command: Command<BulkBody>,
    called: CalledFrom,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let key = command.require_key()?;
    let mut intents = command.body.intents;
    if intents.is_empty() || intents.len() > JOB_ITEMS_MAX {
        let detail = format!("must hold 1 to {JOB_ITEMS_MAX} intents");
        return Err(Problem::bad_request("invalid_field", &detail).pointer("/intents", &detail));
    }
    if let Some(place) = intents.iter().position(|intent| intent.request_id.is_some()) {
        let detail = "an item has a key of its own: leave `request_id` out";
        let pointer = format!("/intents/{place}/request_id");
        return Err(Problem::bad_request("invalid_field", detail).pointer(pointer, "leave it out"));
    }
    if let Some(customer) = caller.only_customer() {
        intents.iter_mut().for_each(|intent| intent.customer_id = Some(customer.to_owned()));
    }
    let seen = seen_of(&caller, &called);
    for intent in &mut intents {
        merchants_say_away(&caller, intent.off_session)?;
        intent.see(&seen);
    }
    let default = service.default_capture_mode(&caller.tenant);
    let items = intents.into_iter().map(|intent| checked(intent, default)).collect();
    let answered = service.create_in_bulk(&caller, items, key, job_answer).await?;
    let response = respond(&answered.answer).replayed(answered.replayed);
    Ok(match job_path(&answered.answer) {
        Some(path) => response.location(path),
        None => response,
    })
}

/// What is kept of an item: itself, or why it is refused. Refused text is kept nowhere.
fn checked(intent: CreateIntentBody, default: CaptureMode) -> Result<String, String> {
    let refused = |problem: Problem| problem.to_answer().body.to_string();
    intent.clone().into_command(default).map_err(refused)?;
    serde_json::to_string(&intent).map_err(|error| {
        tracing::error!(%error, "an item cannot be kept");
        refused(Problem::internal())
    })
}

/// The command of an item that was kept.
pub(crate) fn item_command(kept: &str, default: CaptureMode) -> Result<CreateIntent, Problem> {
    parse_json::<CreateIntentBody>(kept.as_bytes())?.into_command(default)
}
