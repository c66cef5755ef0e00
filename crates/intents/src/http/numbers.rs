//! `/internal/payments/numbers/{number}`: the payment that a storefront knows by number. For services of the platform
//! only.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use tender_domain::ports::NumberKind;
use tender_http::{Authorized, Problem, respond_json, scopes};
use utoipa::ToSchema;
use uuid::Uuid;

use super::intents::Service;

/// What a number names.
#[derive(Serialize, ToSchema)]
struct PaymentOfNumber {
    /// The UUID of the payment's intent.
    id: Uuid,
}

/// Tells which payment a storefront knows by a number.
#[utoipa::path(
    tag = "internal",
    path = "/internal/payments/numbers/{number}",
    params(("number" = i64, Path, description = "The payment's number")),
    responses(
        (status = 200, description = "The payment; it may never have come to be", body = PaymentOfNumber),
        (status = 404, description = "`number_not_given`", body = Problem),
    ),
    security(("bearer" = ["service:internal"])),
)]
#[get("/internal/payments/numbers/{number}")]
pub(super) async fn payment_of_number(
    caller: Authorized<scopes::ServiceInternal>,
    number: web::Path<String>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let unknown = || Problem::new(404, "number_not_given", "no payment has this number");
    let number: i64 = number.parse().map_err(|_| unknown())?;
    let numbers = &service.storefront.payments;
    let id = numbers.find(&caller.tenant, NumberKind::Payment, number).await?.ok_or_else(unknown)?;
    Ok(respond_json(200, &PaymentOfNumber { id }))
}
