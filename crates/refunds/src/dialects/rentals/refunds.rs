//! `POST /rentals/payments/refund`

use std::sync::Arc;

use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::{HttpResponse, post, web};
use serde::Deserialize;
use serde_json::Value;
use tender_domain::kernel::{Caller, Currency, IntentId, InvalidMetadata, Metadata, Money};
use tender_domain::ports::NumberKind;
use tender_domain::refunds::{RefundMethod, RefundReason};
use tender_http::storefront::In;
use tender_http::storefront::rentals::{self, Envelope, ErrorBody, Named, Refused, Route};
use tender_http::{Authorized, Command, Problem, RequestKey, ResponseExt, respond, respond_json, scopes};
use utoipa::ToSchema;

use super::envelope::{PRESENTER, REASON, RefundData, fault, unknown};
use crate::{Answered, CreateRefund, NamedCharge, RefundsService};

type Service = web::Data<Arc<RefundsService>>;

const ROUTE: Route = Route::new("REFUND_FAILED");

/// The largest number text that is looked at: the digits of an amount, with room for places.
const AMOUNT_TEXT_MAX: usize = 40;

/// What to give back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = RentalsRefundRequest)]
pub(super) struct RefundRequest {
    /// The payment's number.
    #[schema(value_type = i64, example = 789)]
    payment_id: Option<Value>,
    /// In major units: greater than zero and at most what is left of the payment.
    #[schema(value_type = f64, example = 349.99)]
    amount: Option<Value>,
    /// Why; at most 500 characters.
    #[schema(value_type = String, example = "Booking cancellation")]
    reason: Option<Value>,
}

/// Refunds a payment; for administrators.
#[utoipa::path(
    operation_id = "rentals_refund",
    tag = "rentals",
    path = "/rentals/payments/refund",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same when the request is sent again; without it every request is a refund of its own")),
    request_body = RefundRequest,
    responses(
        (status = 200, description = "Refunded", body = Envelope<RefundData>),
        (status = 202, description = "The outcome is not known yet", body = Envelope<RefundData>),
        (status = 400, description = "`VALIDATION_ERROR`, `REFUND_AMOUNT_EXCESSIVE`, `PAYMENT_NOT_REFUNDABLE`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`PERMISSION_DENIED`: no administrator", body = ErrorBody),
        (status = 404, description = "`PAYMENT_NOT_FOUND`", body = ErrorBody),
        (status = 429, description = "`TOO_MANY_REQUESTS`", body = ErrorBody),
        (status = 500, description = "`REFUND_FAILED`: refused by the gateway, or it could not be processed", body = ErrorBody),
    ),
    security(("bearer" = ["refunds:write"])),
)]
#[post("/rentals/payments/refund")]
pub(in crate::dialects) async fn refund(
    caller: In<Refused, Authorized<scopes::RefundsWrite>>,
    command: In<Refused, Command<RefundRequest>>,
    service: Service,
) -> HttpResponse {
    let caller = caller.into_inner().into_caller();
    rentals::serve(&service.storefront.gate, caller, ROUTE, async |caller: Caller| {
        if !rentals::is_admin(&caller) {
            return Err(Refused::of(403, "PERMISSION_DENIED", "refunds are made by administrators"));
        }
        refunded(&caller, command.into_inner(), &service).await
    })
    .await
}

async fn refunded(
    caller: &Caller,
    command: Command<RefundRequest>,
    service: &Service,
) -> Result<HttpResponse, Refused> {
    let RefundRequest { payment_id, amount, reason } = command.body;
    let number = payment_id.ok_or_else(|| Refused::invalid("payment_id is required"))?.as_i64();
    let number = number.ok_or_else(|| Refused::invalid("payment_id must be a whole number"))?;
    let (amount, metadata) = (decimal(amount)?, words(reason)?);
    let found = service.storefront.payments.find(&caller.tenant, NumberKind::Payment, number).await?;
    let charge = NamedCharge::Intent(IntentId::from_uuid(found.ok_or_else(unknown)?));
    let key = match command.key {
        Some(key) => key,
        // Each request without a key is one of its own.
        None => RequestKey::from_body(command.route, &service.ids.uuid().to_string(), command.fingerprint)?,
    };
    let currency = service.charge_to_refund(&caller.tenant, charge).await.map_err(fault)?.currency();
    let wanted = CreateRefund {
        charge,
        amount: Some(minor(&amount, currency)?),
        currency: None,
        reason: RefundReason::Other,
        method: RefundMethod::OriginalPaymentMethod,
        metadata,
        ignores_window: false,
    };
    let answered = service.create_refund(caller, wanted, key, PRESENTER).await.map_err(fault)?;
    shown(service, caller, number, answered).await
}

/// The answer, its refund and its payment under their numbers.
async fn shown(
    service: &Service,
    caller: &Caller,
    payment: i64,
    answered: Answered,
) -> Result<HttpResponse, Refused> {
    let status = answered.answer.status;
    if status >= 400 {
        let mut response = respond(&answered.answer).replayed(answered.replayed);
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        return Ok(response);
    }
    let mut envelope: Envelope<RefundData> =
        serde_json::from_str(&answered.answer.body).map_err(|error| {
            tracing::error!(%error, "a kept answer cannot be read");
            Refused::from(Problem::internal())
        })?;
    let made = &mut envelope.data.refund;
    if let Some(id) = made.id.id() {
        let numbers = service.storefront.refunds.numbers(&caller.tenant, NumberKind::Refund, &[id]).await?;
        let number = numbers.first().ok_or_else(|| Refused::from(Problem::internal()))?;
        (made.id, made.payment_id) = (Named::Number(*number), Named::Number(payment));
    }
    Ok(respond_json(status, &envelope).replayed(answered.replayed))
}

/// The text of a number.
fn decimal(amount: Option<Value>) -> Result<String, Refused> {
    let text = match amount {
        Some(Value::Number(number)) => number.to_string(),
        None | Some(Value::Null) => return Err(Refused::invalid("amount is required")),
        Some(_) => return Err(Refused::invalid("amount must be a number")),
    };
    if text.len() > AMOUNT_TEXT_MAX {
        return Err(Refused::invalid("amount has too many digits"));
    }
    Ok(text)
}

fn minor(text: &str, currency: Currency) -> Result<i64, Refused> {
    let refuse = |why: String| Refused::invalid(format!("amount: {why}"));
    let amount = Money::from_decimal_text(text, currency).map_err(|error| refuse(error.to_string()))?;
    let positive = Money::positive(amount.minor(), currency).map_err(|error| refuse(error.to_string()))?;
    Ok(positive.minor())
}

fn words(reason: Option<Value>) -> Result<Metadata, Refused> {
    let text = match reason {
        Some(Value::String(text)) if !text.trim().is_empty() => text,
        _ => return Err(Refused::invalid("reason is required: a text that is not empty")),
    };
    Metadata::new([(REASON.to_owned(), text)].into()).map_err(|error| match error {
        InvalidMetadata::CardNumber(found) => {
            Problem::unprocessable("card_number_detected", found.to_string()).into()
        }
        InvalidMetadata::ValueTooLong(_) => Refused::invalid("reason has at most 500 characters"),
        other => Refused::invalid(other.to_string()),
    })
}
