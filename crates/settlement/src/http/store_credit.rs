//! `/v1/payments/store-credit`

use actix_web::{HttpResponse, get, post, web};
use tender_domain::kernel::Caller;
use tender_domain::ledger::AccountPart;
use tender_http::{
    Authorized, Command, PageQuery, Paginated, Problem, Replay, ResponseExt, respond, respond_json, scopes,
};

use super::store_credit_dto::{
    AdjustBody, AdjustmentResource, BalanceList, BalanceResource, MovementResource, PRESENTER,
};
use crate::{SettlementService, StoreCreditError};

/// The customer of a path, if the caller may see it: a customer sees its own.
fn visible(caller: &Caller, customer: &str) -> Result<AccountPart, Problem> {
    let own = caller.only_customer().is_none_or(|own| own == customer);
    let named = customer.parse().ok().filter(|_| own);
    named.ok_or_else(|| Problem::not_found("customer"))
}

/// Reads a customer's store credit, one balance a currency.
///
/// Refunds with `refund_method: store_credit` give it. Nothing is listed for a customer who never had any.
#[utoipa::path(
    tag = "store credit",
    security(("bearer" = ["refunds:read"])),
    path = "/v1/payments/store-credit/{customer_id}",
    operation_id = "get_store_credit",
    params(("customer_id" = String, Path, description = "The customer, as the payment named it", example = "cust_1")),
    responses(
        (status = 200, description = "The balances", body = BalanceList),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `refunds:read` is missing", body = Problem),
        (status = 404, description = "Another customer's", body = Problem),
    )
)]
#[get("/v1/payments/store-credit/{customer_id}")]
pub(super) async fn balances(
    caller: Authorized<scopes::RefundsRead>,
    customer: web::Path<String>,
    settlement: web::Data<SettlementService>,
) -> Result<HttpResponse, Problem> {
    let customer = visible(&caller, &customer)?;
    let found = settlement.store_credit(&caller.tenant, &customer).await?;
    let data = found.iter().map(|found| BalanceResource::of(&customer, found)).collect();
    Ok(respond_json(200, &BalanceList::of(data)))
}

/// Lists what changed a customer's store credit, newest first.
#[utoipa::path(
    tag = "store credit",
    security(("bearer" = ["refunds:read"])),
    path = "/v1/payments/store-credit/{customer_id}/entries",
    operation_id = "list_store_credit_entries",
    params(
        ("customer_id" = String, Path, description = "The customer, as the payment named it", example = "cust_1"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 20 if left out"),
        ("starting_after" = Option<String>, Query, description = "Rows older than this one"),
        ("ending_before" = Option<String>, Query, description = "Rows newer than this one"),
        ("cursor" = Option<String>, Query, description = "What `next_cursor` gave"),
    ),
    responses(
        (status = 200, description = "One page", body = Paginated<MovementResource>),
        (status = 400, description = "A query parameter is unknown or malformed", body = Problem),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `refunds:read` is missing", body = Problem),
        (status = 404, description = "Another customer's", body = Problem),
    )
)]
#[get("/v1/payments/store-credit/{customer_id}/entries")]
pub(super) async fn history(
    caller: Authorized<scopes::RefundsRead>,
    customer: web::Path<String>,
    query: PageQuery,
    settlement: web::Data<SettlementService>,
) -> Result<Paginated<MovementResource>, Problem> {
    let customer = visible(&caller, &customer)?;
    let page = settlement.store_credit_history(&caller.tenant, &customer, &query.page).await?;
    let page = page.map(|movement| MovementResource::of(&customer, movement));
    Ok(Paginated::new(page, &query.page, |entry| entry.id.uuid()))
}

/// Spends a customer's store credit (`redemption`) or gives some that is no refund (`grant`).
///
/// It is in the ledger when this answers. A redemption pays the merchant what the customer spends at its shop; no
/// more is spent than is there, however many ask at once.
#[utoipa::path(
    tag = "store credit",
    security(("bearer" = ["settlements:write"])),
    path = "/v1/payments/store-credit/adjustments",
    operation_id = "adjust_store_credit",
    params(("Idempotency-Key" = String, Header, description = "A text of your own, the same when you send it again")),
    request_body = AdjustBody,
    responses(
        (status = 201, description = "It is done", body = AdjustmentResource),
        (status = 400, description = "Malformed, or without `Idempotency-Key`", body = Problem),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `settlements:write` is missing", body = Problem),
        (status = 404, description = "The customer never had store credit in this currency", body = Problem),
        (status = 422, description = "`store_credit_insufficient`, `card_number_detected`", body = Problem),
    )
)]
#[post("/v1/payments/store-credit/adjustments")]
pub(super) async fn adjust(
    caller: Authorized<scopes::SettlementsWrite>,
    command: Command<AdjustBody>,
    settlement: web::Data<SettlementService>,
) -> Result<HttpResponse, Problem> {
    let key = command.require_key()?;
    let wanted = command.body.into_wanted()?;
    let answered = settlement.adjust_store_credit(&caller, wanted, &key, PRESENTER).await?;
    Ok(respond(&answered.answer).replayed(answered.replayed))
}

impl From<StoreCreditError> for Problem {
    fn from(error: StoreCreditError) -> Self {
        match error {
            StoreCreditError::NoCredit => Self::not_found("store credit of this customer in this currency"),
            StoreCreditError::OtherRequest => Replay::other_request_problem(),
            StoreCreditError::InFlight => Replay::in_flight_problem(),
            StoreCreditError::NotPostable(refusal) => {
                tracing::error!(%refusal, "a checked change of store credit cannot be posted");
                Self::internal()
            }
            StoreCreditError::Store(error) => error.into(),
            StoreCreditError::Commit(error) => error.into(),
        }
    }
}
