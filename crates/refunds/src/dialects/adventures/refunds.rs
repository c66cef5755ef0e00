//! `POST /adventures/payments/{payment_id}/refund`

use std::sync::Arc;

use actix_web::http::header::{CONTENT_TYPE, HeaderValue};
use actix_web::{HttpResponse, post, web};
use serde::Deserialize;
use serde_json::Value;
use tender_domain::kernel::{Caller, IntentId};
use tender_domain::refunds::{RefundMethod, RefundReason};
use tender_http::storefront::In;
use tender_http::{Authorized, Command, RequestKey, ResponseExt, respond, scopes};
use utoipa::ToSchema;
use uuid::Uuid;

use super::envelope::{ErrorBody, PRESENTER, RefundBody, Refused};
use crate::dialects::annex::{minor, reason};
use crate::{CreateRefund, NamedCharge, RefundsError, RefundsService};

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
    let metadata = reason(command.body.reason, &[])?;
    let currency = service.charge_to_refund(&caller.tenant, charge).await?.currency();
    let wanted = CreateRefund {
        charge,
        amount: command.body.amount.map(|amount| minor(&amount, currency)).transpose()?,
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
