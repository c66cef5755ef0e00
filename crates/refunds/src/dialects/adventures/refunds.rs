//! `POST /adventures/payments/{payment_id}/refund`

use std::sync::Arc;

use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::{HttpResponse, post, web};
use serde::Deserialize;
use serde_json::Value;
use tender_domain::kernel::{Caller, Currency, IntentId, InvalidMetadata, Metadata, Money};
use tender_domain::refunds::{RefundMethod, RefundReason};
use tender_http::storefront::In;
use tender_http::{Authorized, Command, Problem, RequestKey, ResponseExt, respond, scopes};
use utoipa::ToSchema;
use uuid::Uuid;

use super::envelope::{ErrorBody, PRESENTER, REASON, RefundBody, Refused};
use crate::{CreateRefund, NamedCharge, RefundsError, RefundsService};

/// The largest number text that is looked at: the digits of an amount, with room for places.
const AMOUNT_TEXT_MAX: usize = 40;

/// What to give back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = AdventuresRefundRequest)]
pub(super) struct RefundRequest {
    /// In major units; all that is left when it is not there.
    #[schema(value_type = Option<f64>, example = 100.00)]
    amount: Option<Value>,
    /// Why; at most 500 characters.
    #[schema(value_type = String)]
    reason: Option<String>,
}

/// Refunds a payment, all or part.
#[utoipa::path(
    operation_id = "adventures_refund",
    tag = "adventures",
    path = "/adventures/payments/{payment_id}/refund",
    params(
        ("payment_id" = Uuid, Path, description = "The payment"),
        ("Idempotency-Key" = Option<String>, Header, description = "The same when the request is sent again; without it every request is a refund of its own"),
    ),
    request_body = RefundRequest,
    responses(
        (status = 201, description = "The refund; also one that failed", body = RefundBody),
        (status = 202, description = "The refund; its outcome is not known yet", body = RefundBody),
        (status = 400, description = "`VALIDATION_ERROR`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`", body = ErrorBody),
        (status = 404, description = "`PAYMENT_NOT_FOUND`", body = ErrorBody),
        (status = 409, description = "`NOT_REFUNDABLE`, `IDEMPOTENCY_CONFLICT`", body = ErrorBody),
        (status = 422, description = "`REFUND_EXCEEDS_PAYMENT`", body = ErrorBody),
    ),
    security(("bearer" = ["refunds:write"])),
)]
#[post("/adventures/payments/{payment_id}/refund")]
pub(in crate::dialects) async fn refund(
    caller: In<Refused, Authorized<scopes::RefundsWrite>>,
    command: In<Refused, Command<RefundRequest>>,
    id: web::Path<String>,
    service: web::Data<Arc<RefundsService>>,
) -> Result<HttpResponse, Refused> {
    refunded(&caller, command.into_inner(), &id, &service).await
}

async fn refunded(
    caller: &Caller,
    command: Command<RefundRequest>,
    id: &str,
    service: &Arc<RefundsService>,
) -> Result<HttpResponse, Refused> {
    let id = Uuid::try_parse(id).map_err(|_| Refused::from(RefundsError::NoSuchCharge))?;
    let charge = NamedCharge::Intent(IntentId::from_uuid(id));
    let key = match &command.key {
        Some(key) => key.clone(),
        // Each request without a key is one of its own.
        None => {
            let own = service.ids.uuid().to_string();
            RequestKey::from_body(command.route, &own, command.fingerprint)?
        }
    };
    let metadata = reason(command.body.reason)?;
    let currency = service.charge_to_refund(&caller.tenant, charge).await?.currency();
    let wanted = CreateRefund {
        charge,
        amount: command.body.amount.map(|amount| minor(&amount, currency)).transpose()?,
        currency: None,
        reason: RefundReason::Other,
        method: RefundMethod::OriginalPaymentMethod,
        metadata,
    };
    let answered = service.create_refund(caller, wanted, key, PRESENTER).await?;
    let mut response = respond(&answered.answer).replayed(answered.replayed);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

fn minor(amount: &Value, currency: Currency) -> Result<i64, Refused> {
    let refuse = |why: String| Refused::field("amount", why);
    let Value::Number(number) = amount else { return Err(refuse("amount must be a number".to_owned())) };
    let text = number.to_string();
    if text.len() > AMOUNT_TEXT_MAX {
        return Err(refuse("amount has too many digits".to_owned()));
    }
    let amount = Money::from_decimal_text(&text, currency).map_err(|error| refuse(error.to_string()))?;
    let positive = Money::positive(amount.minor(), currency).map_err(|error| refuse(error.to_string()))?;
    Ok(positive.minor())
}

fn reason(text: Option<String>) -> Result<Metadata, Refused> {
    let refuse = |why: &str| Refused::field("reason", why);
    let text = text.filter(|text| !text.trim().is_empty()).ok_or_else(|| refuse("reason is required"))?;
    Metadata::new([(REASON.to_owned(), text)].into()).map_err(|error| match error {
        InvalidMetadata::CardNumber(found) => {
            let problem = Problem::unprocessable("card_number_detected", found.to_string());
            Refused::from(problem.pointer("/reason", "must not hold a card number"))
        }
        InvalidMetadata::ValueTooLong(_) => refuse("reason has at most 500 characters"),
        other => refuse(&other.to_string()),
    })
}
