//! `POST /hotels/refunds`: the hotels document (seed `002_…`) in the shapes of its annex.

use std::sync::Arc;

use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::{HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tender_domain::kernel::{Answer, Caller, IntentId, Limits, Metadata, find_card_number};
use tender_domain::refunds::{Refund, RefundChannel, RefundMethod, RefundReason, RefundStatus};
use tender_http::storefront::In;
use tender_http::storefront::adventures::{ErrorBody, Refused};
use tender_http::{Authorized, Command, RequestKey, ResponseExt, keep, respond, scopes};
use utoipa::ToSchema;
use uuid::Uuid;

use super::adventures::refused;
use super::annex::{REASON, minor, reason};
use crate::use_cases::Allowed;
use crate::{CreateRefund, NamedCharge, Presenter, RefundsService};

/// Who asks for a refund is named by no more characters than this, as in the hotel's settings.
const AGENT_CHARS: usize = Limits::REFERENCE_CHARS;

/// How the dialect shows outcomes.
pub(crate) const PRESENTER: Presenter =
    Presenter { refund: shown, refusal: |refusal| refused(refusal).to_answer() };

/// What to give back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = HotelRefundRequest)]
struct RefundRequest {
    /// The payment, a UUID.
    #[schema(value_type = String, format = Uuid)]
    payment_id: Option<String>,
    /// In major units; all that is left when it is not there.
    #[schema(value_type = Option<f64>, example = 100.00)]
    amount: Option<Value>,
    /// Why; at most 500 characters.
    #[schema(value_type = String, example = "The room was not ready")]
    reason: Option<String>,
    /// `AGENT` or `AUTOMATIC`.
    #[schema(value_type = String, example = "AGENT")]
    channel: Option<String>,
    /// Of `AGENT`: who asks for it, as the hotel's settings name its agents, at most 255 characters. They are told by e-mail
    /// when it is done. Without it who calls.
    #[schema(example = "usr_4711")]
    agent_id: Option<String>,
}

/// A refund that was begun.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HotelRefundInitiation)]
struct RefundBody {
    /// The refund's UUID.
    refund_id: Uuid,
    /// `INITIATED` while the gateway has not confirmed it (also while it is tried again), `COMPLETED` or `FAILED`.
    #[schema(value_type = String, example = "INITIATED")]
    status: &'static str,
}

/// 201; 202 while the outcome of a call is not known, as in every dialect.
fn shown(made: &Refund) -> Answer {
    let (code, status) = match made.status() {
        // Taken on, and known not to be done yet.
        RefundStatus::Pending | RefundStatus::RequiresAction => (201, "INITIATED"),
        RefundStatus::Processing => (202, "INITIATED"),
        RefundStatus::Succeeded => (201, "COMPLETED"),
        RefundStatus::Failed | RefundStatus::Canceled => (201, "FAILED"),
    };
    keep(code, &RefundBody { refund_id: made.id.uuid(), status })
}

/// Refunds a payment of a stay, all or part.
#[utoipa::path(
    operation_id = "hotels_refund",
    tag = "hotels",
    path = "/hotels/refunds",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same when the request is sent again; without it every request is a refund of its own")),
    request_body = RefundRequest,
    responses(
        (status = 201, description = "The refund, as far as it is; also one that failed", body = RefundBody),
        (status = 202, description = "The refund; its outcome is not known yet", body = RefundBody),
        (status = 400, description = "`VALIDATION_ERROR`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`", body = ErrorBody),
        (status = 404, description = "`PAYMENT_NOT_FOUND`", body = ErrorBody),
        (status = 409, description = "`NOT_REFUNDABLE`, `IDEMPOTENCY_CONFLICT`", body = ErrorBody),
        (status = 422, description = "`REFUND_EXCEEDS_PAYMENT`, `CARD_NUMBER_DETECTED`", body = ErrorBody),
    ),
    security(("bearer" = ["refunds:write"])),
)]
#[post("/hotels/refunds")]
pub(in crate::dialects) async fn refund(
    caller: In<Refused, Authorized<scopes::RefundsWrite>>,
    command: In<Refused, Command<RefundRequest>>,
    service: web::Data<Arc<RefundsService>>,
) -> Result<HttpResponse, Refused> {
    refunded(&caller, command.into_inner(), &service).await
}

async fn refunded(
    caller: &Caller,
    command: Command<RefundRequest>,
    service: &Arc<RefundsService>,
) -> Result<HttpResponse, Refused> {
    let RefundRequest { payment_id, amount, reason: why, channel, agent_id } = command.body;
    let missing = |field: &str| Refused::field(field, format!("{field} is required"));
    let id = payment_id.ok_or_else(|| missing("payment_id"))?;
    let id = Uuid::try_parse(&id).map_err(|_| Refused::field("payment_id", "payment_id must be a UUID"))?;
    let channel = channel.ok_or_else(|| missing(RefundChannel::KEY))?;
    let channel = RefundChannel::find(&channel)
        .ok_or_else(|| Refused::field(RefundChannel::KEY, "channel must be AGENT or AUTOMATIC"))?;
    let agent = agent_of(caller, (channel, agent_id))?;
    let named = agent.as_deref().map(|agent| (RefundChannel::AGENT_KEY, agent));
    let beside: Vec<_> = [(RefundChannel::KEY, channel.as_str())].into_iter().chain(named).collect();
    let metadata = reason(why, &beside)?;
    let charge = NamedCharge::Intent(IntentId::from_uuid(id));
    let key = match command.key {
        Some(key) => key,
        // Each request without a key is one of its own.
        None => RequestKey::from_body(command.route, &service.ids.uuid().to_string(), command.fingerprint)?,
    };
    let currency = service.charge_to_refund(&caller.tenant, charge).await?.currency();
    let wanted = CreateRefund {
        charge,
        amount: amount.map(|amount| minor(&amount, currency)).transpose()?,
        currency: None,
        reason: RefundReason::Other,
        method: RefundMethod::OriginalPaymentMethod,
        metadata,
        ignores_window: false,
    };
    let answered = service.create_refund(caller, wanted, key, PRESENTER).await?;
    let mut response = respond(&answered.answer).replayed(answered.replayed);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// Who asks for a refund: who is named, else who calls, or really acts. None of what nobody asks for by hand.
fn agent_of(
    caller: &Caller,
    (channel, named): (RefundChannel, Option<String>),
) -> Result<Option<String>, Refused> {
    let field = RefundChannel::AGENT_KEY;
    if channel == RefundChannel::Automatic {
        let is_named = named.is_some();
        return if is_named { Err(Refused::field(field, "agent_id is of AGENT only")) } else { Ok(None) };
    }
    let Some(named) = named else {
        let calls = caller.actor.as_deref().unwrap_or(&caller.subject).to_owned();
        // A name that cannot be kept is in no hotel's settings either.
        return Ok(Some(calls).filter(|calls| is_name(calls)));
    };
    if find_card_number(&named).is_err() {
        let why = "agent_id must not hold a card number";
        return Err(Refused::of(422, "CARD_NUMBER_DETECTED", why).at(field));
    }
    if !is_name(&named) {
        return Err(Refused::field(field, "agent_id has 1 to 255 characters, and no control characters"));
    }
    Ok(Some(named))
}

fn is_name(agent: &str) -> bool {
    let chars = agent.chars().count();
    (1..=AGENT_CHARS).contains(&chars)
        && !agent.chars().any(char::is_control)
        && find_card_number(agent).is_ok()
}

/// What is allowed of a payment, because what it was for was given up: with the evaluation, its rule and its arithmetic.
pub(crate) fn of_cancellation(payment: IntentId, allowed: &Allowed) -> CreateRefund {
    let arithmetic: String = allowed.steps.join("; ").chars().take(Limits::METADATA_VALUE_CHARS).collect();
    let entries = [
        (REASON, "the reservation was given up".to_owned()),
        (RefundChannel::KEY, RefundChannel::Automatic.as_str().to_owned()),
        ("policy_evaluation_id", allowed.evaluation.to_string()),
        ("policy_rule", allowed.rule.clone()),
        ("policy_arithmetic", arithmetic),
    ];
    let entries = entries.map(|(name, value)| (name.to_owned(), value));
    CreateRefund {
        charge: NamedCharge::Intent(payment),
        amount: None,
        currency: None,
        reason: RefundReason::Other,
        method: RefundMethod::OriginalPaymentMethod,
        metadata: Metadata::new(entries.into()).unwrap_or_default(),
        ignores_window: true,
    }
}
