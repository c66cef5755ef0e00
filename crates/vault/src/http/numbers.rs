//! `/internal/methods/numbers/{number}`: the method that a storefront knows by number. For services of the platform only.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use tender_domain::ports::NumberKind;
use tender_http::{Authorized, Problem, respond_json, scopes};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::VaultService;

/// What a number names.
#[derive(Serialize, ToSchema)]
struct MethodOfNumber {
    /// The UUID of the method's `pm_…`.
    id: Uuid,
}

/// Tells which payment method a storefront knows by a number.
#[utoipa::path(
    tag = "internal",
    security(("bearer" = ["service:internal"])),
    params(("number" = i64, Path, description = "The method's number")),
    responses(
        (status = 200, description = "The method; it may never have come to be", body = MethodOfNumber),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Not a service of the platform", body = Problem),
        (status = 404, description = "`number_not_given`", body = Problem),
    )
)]
#[get("/internal/methods/numbers/{number}")]
pub(super) async fn method_of_number(
    caller: Authorized<scopes::ServiceInternal>,
    number: web::Path<String>,
    vault: web::Data<VaultService>,
) -> Result<HttpResponse, Problem> {
    let unknown = || Problem::new(404, "number_not_given", "no payment method has this number");
    let number: i64 = number.parse().map_err(|_| unknown())?;
    let numbers = &vault.deps.storefront.numbers;
    let id = numbers.find(&caller.tenant, NumberKind::Method, number).await?.ok_or_else(unknown)?;
    Ok(respond_json(200, &MethodOfNumber { id }))
}
