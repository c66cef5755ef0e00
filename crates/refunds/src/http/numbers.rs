//! `/internal/refunds/numbers`: under which numbers a storefront knows refunds. For services of the platform only.

use actix_web::{HttpResponse, post};
use serde::{Deserialize, Serialize};
use tender_domain::kernel::Limits;
use tender_domain::ports::NumberKind;
use tender_http::{Authorized, Command, Problem, respond_json, scopes};
use utoipa::ToSchema;
use uuid::Uuid;

use super::refunds::Service;

/// The most refunds of one question: those of a page of payments, with room.
const IDS_MAX: usize = 10 * Limits::PAGE_ROWS as usize;

/// Refunds that are to be shown by number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RefundsToNumber {
    /// The UUIDs of their `rf_…`, at most 1,000.
    ids: Vec<Uuid>,
}

/// The numbers.
#[derive(Serialize, ToSchema)]
struct RefundNumbers {
    /// In the order of the question.
    numbers: Vec<i64>,
}

/// Tells under which numbers a storefront knows refunds; those that have none are given theirs.
#[utoipa::path(
    tag = "internal",
    path = "/internal/refunds/numbers",
    request_body = RefundsToNumber,
    responses(
        (status = 200, description = "The numbers", body = RefundNumbers),
        (status = 400, description = "Malformed, or too many", body = Problem),
    ),
    security(("bearer" = ["service:internal"])),
)]
#[post("/internal/refunds/numbers")]
pub(super) async fn number(
    caller: Authorized<scopes::ServiceInternal>,
    command: Command<RefundsToNumber>,
    service: Service,
) -> Result<HttpResponse, Problem> {
    let ids = command.body.ids;
    if ids.len() > IDS_MAX {
        let detail = format!("at most {IDS_MAX} refunds are numbered at once");
        return Err(Problem::bad_request("invalid_field", detail).pointer("/ids", "too many"));
    }
    let numbers = service.storefront.refunds.numbers(&caller.tenant, NumberKind::Refund, &ids).await?;
    Ok(respond_json(200, &RefundNumbers { numbers }))
}
