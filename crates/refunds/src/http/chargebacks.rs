//! `/v1/payments/chargebacks`

use actix_web::{HttpResponse, post};
use tender_domain::disputes::ToldChargeback;
use tender_domain::kernel::{Answer, Lane};
use tender_http::{Authorized, Command, Problem, respond, scopes};

use super::dispute_body::{DisputeBody, WaitingBody};
use super::dispute_request::{CreateChargebackBody, ToldDisputeBody};
use super::disputes::answer;
use super::refunds::Service;
use crate::Taken;

/// Takes in a chargeback that a processor tells of, once by its reference.
///
/// What it takes counts at once, whatever was refunded before. A chargeback of a charge that is not known is kept and
/// becomes a dispute when the charge is; you may send it again at any time.
#[utoipa::path(
    operation_id = "create_chargeback",
    tag = "disputes",
    path = "/v1/payments/chargebacks",
    params(("Idempotency-Key" = Option<String>, Header, description = "A text of your own, the same when you send it again")),
    request_body = CreateChargebackBody,
    responses(
        (status = 201, description = "The dispute", body = DisputeBody),
        (status = 200, description = "The dispute, which was known", body = DisputeBody),
        (status = 202, description = "Its charge is not known yet", body = WaitingBody),
        (status = 204, description = "With `only_if_known`: no such dispute is known, and nothing was opened"),
        (status = 400, description = "Malformed", body = Problem),
        (status = 409, description = "`dispute_differs`, `chargeback_waits`: the reference is known with another amount, fee or charge", body = Problem),
        (status = 422, description = "`too_many_disputes`, `card_number_detected`", body = Problem),
    ),
    security(("bearer" = ["disputes:write"])),
)]
#[post("/v1/payments/chargebacks")]
pub(super) async fn create(
    caller: Authorized<scopes::DisputesWrite>,
    command: Command<CreateChargebackBody>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let told: ToldChargeback = command.body.try_into()?;
    Ok(answer(&service.receive_chargeback(&caller, &told, command.key, show).await?))
}

/// Takes in what a gateway told of a dispute by a callback.
#[utoipa::path(
    operation_id = "take_told_dispute",
    tag = "internal",
    path = "/internal/disputes",
    request_body = ToldDisputeBody,
    responses(
        (status = 200, description = "The dispute, which was known", body = DisputeBody),
        (status = 201, description = "The dispute", body = DisputeBody),
        (status = 202, description = "Its charge is not known yet", body = WaitingBody),
        (status = 400, description = "Malformed", body = Problem),
        (status = 409, description = "It contradicts what is known", body = Problem),
    ),
    security(("bearer" = ["service:internal"])),
)]
#[post("/internal/disputes")]
pub(super) async fn take_told(
    caller: Authorized<scopes::ServiceInternal>,
    command: Command<ToldDisputeBody>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let told: ToldChargeback = command.body.try_into()?;
    let taken = service.take_told(&caller.tenant, &told, Lane::Background).await?;
    Ok(taken.map_or_else(|| HttpResponse::NoContent().finish(), |taken| respond(&show(&taken))))
}

/// 201 new, 200 known, 202 waiting.
fn show(taken: &Taken) -> Answer {
    match taken {
        Taken::Dispute { dispute, is_new } => {
            tender_http::keep(if *is_new { 201 } else { 200 }, &DisputeBody::from(&**dispute))
        }
        Taken::Waiting(id) => tender_http::keep(202, &WaitingBody::of(*id)),
    }
}
