//! `POST /adventures/chargebacks`

use std::sync::Arc;

use actix_web::{HttpResponse, post, web};
use tender_http::storefront::In;
use tender_http::{Authorized, Command, scopes};

use super::dispute_body::{DisputeBody, UnmatchedBody, shown, waiting};
use super::dispute_request::ChargebackBody;
use super::disputes::answer;
use super::envelope::{ErrorBody, Refused};
use crate::RefundsService;

/// Takes in a chargeback that a processor tells of, once by its reference.
#[utoipa::path(
    operation_id = "adventures_chargeback",
    tag = "adventures",
    path = "/adventures/chargebacks",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same when the request is sent again")),
    request_body = ChargebackBody,
    responses(
        (status = 201, description = "The dispute", body = DisputeBody),
        (status = 200, description = "The dispute, which was known", body = DisputeBody),
        (status = 202, description = "Its payment is not known yet: it is kept, and matched when the payment is", body = UnmatchedBody),
        (status = 400, description = "`VALIDATION_ERROR`", body = ErrorBody),
        (status = 401, description = "`UNAUTHORIZED`", body = ErrorBody),
        (status = 403, description = "`FORBIDDEN`", body = ErrorBody),
        (status = 409, description = "`CONFLICT`: the reference is known with another amount or payment; `IDEMPOTENCY_CONFLICT`", body = ErrorBody),
        (status = 422, description = "`CARD_NUMBER_DETECTED`", body = ErrorBody),
    ),
    security(("bearer" = ["disputes:write"])),
)]
#[post("/adventures/chargebacks")]
pub(in crate::dialects) async fn chargeback(
    caller: In<Refused, Authorized<scopes::DisputesWrite>>,
    command: In<Refused, Command<ChargebackBody>>,
    service: web::Data<Arc<RefundsService>>,
) -> Result<HttpResponse, Refused> {
    let Command { body, key, .. } = command.into_inner();
    let told = body.into_command(service.clock.now())?;
    Ok(answer(&service.receive_chargeback_case(&caller, &told, key, (shown, waiting)).await?))
}
