//! `/v1/payments/ledger`.

use actix_web::{HttpResponse, get, web};
use tender_domain::kernel::{Caller, Scope};
use tender_http::{Authorized, ListQuery, Paginated, Problem, respond_json, scopes};

use super::account_list::{AccountList, AccountListQuery};
use super::ledger_dto::{CheckResource, EntryListFilter, EntryResource};
use crate::SettlementService;

/// The books are a tenant's, not a customer's: whatever scopes its token claims, a customer does not see them.
fn refuse_customers(caller: &Caller) -> Result<(), Problem> {
    match caller.only_customer() {
        Some(_) => Err(Problem::forbidden(Scope::LedgerRead)),
        None => Ok(()),
    }
}

/// Lists the ledger's accounts with their balances.
///
/// In the order of names, then currencies. `balance` is on the account's normal side: an asset that is there and a
/// liability that is owed are both positive.
#[utoipa::path(
    tag = "ledger",
    security(("bearer" = ["ledger:read"])),
    params(
        ("account" = Option<String>, Query, description = "This account, in every currency it has",
            example = "asset:gateway:simulator:receivable"),
        ("currency" = Option<String>, Query, description = "In this currency", example = "EUR"),
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 20 if left out"),
        ("cursor" = Option<String>, Query, description = "What `next_cursor` gave"),
    ),
    responses(
        (status = 200, description = "One page", body = AccountList),
        (status = 400, description = "A query parameter is unknown or malformed", body = Problem),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `ledger:read` is missing", body = Problem),
    )
)]
#[get("/v1/payments/ledger/accounts")]
pub(super) async fn list_accounts(
    caller: Authorized<scopes::LedgerRead>,
    query: AccountListQuery,
    settlement: web::Data<SettlementService>,
) -> Result<AccountList, Problem> {
    refuse_customers(&caller)?;
    let page = settlement.list_accounts(&caller.tenant, &query.filter, &query.page).await?;
    Ok(page.into())
}

/// Lists the ledger's entries, newest first.
///
/// They are never changed: what was wrong is corrected by further entries.
#[utoipa::path(
    tag = "ledger",
    security(("bearer" = ["ledger:read"])),
    params(
        EntryListFilter,
        ("limit" = Option<u32>, Query, description = "Rows of a page, 1 to 100; 20 if left out"),
        ("starting_after" = Option<String>, Query, description = "Rows older than this one"),
        ("ending_before" = Option<String>, Query, description = "Rows newer than this one"),
        ("cursor" = Option<String>, Query, description = "What `next_cursor` gave"),
    ),
    responses(
        (status = 200, description = "One page", body = Paginated<EntryResource>),
        (status = 400, description = "A query parameter is unknown or malformed", body = Problem),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `ledger:read` is missing", body = Problem),
    )
)]
#[get("/v1/payments/ledger/entries")]
pub(super) async fn list_entries(
    caller: Authorized<scopes::LedgerRead>,
    query: ListQuery<EntryListFilter>,
    settlement: web::Data<SettlementService>,
) -> Result<Paginated<EntryResource>, Problem> {
    refuse_customers(&caller)?;
    let filter = query.filter.try_into()?;
    let page = settlement.list_entries(&caller.tenant, &filter, &query.page).await?;
    Ok(Paginated::new(page.map(EntryResource::from), &query.page, |entry| entry.id.uuid()))
}

/// Checks that the ledger balances.
///
/// Adds up every entry and compares with the balances that are kept; debits must equal credits in each currency. It
/// reads the whole ledger: meant for audits, not for polling.
#[utoipa::path(
    tag = "ledger",
    security(("bearer" = ["ledger:read"])),
    responses(
        (status = 200, description = "What was found; `balanced` says whether it is in order", body = CheckResource),
        (status = 401, description = "No credential that counts", body = Problem),
        (status = 403, description = "Scope `ledger:read` is missing", body = Problem),
        (status = 503, description = "The ledger could not be read in time", body = Problem),
    )
)]
#[get("/v1/payments/ledger/check")]
pub(super) async fn check_ledger(
    caller: Authorized<scopes::LedgerRead>,
    settlement: web::Data<SettlementService>,
) -> Result<HttpResponse, Problem> {
    refuse_customers(&caller)?;
    let found = settlement.check_ledger(&caller.tenant).await?;
    Ok(respond_json(200, &CheckResource::from(found)))
}
