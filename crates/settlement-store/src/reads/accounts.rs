//! Accounts with their kept balances, by name.

use sqlx::{PgPool, Postgres, QueryBuilder};
use tender_domain::kernel::{Page, StoreError, TenantId};
use tender_domain::ledger::{AccountBalance, AccountFilter, AccountPage, Totals};
use tender_postgres::read_error;

use super::columns::Place;

type Row = (String, String, String, String);

pub(crate) async fn accounts(
    pool: &PgPool,
    tenant: &TenantId,
    filter: &AccountFilter,
    page: &AccountPage,
) -> Result<Page<AccountBalance>, StoreError> {
    let mut query = QueryBuilder::<Postgres>::new(
        "SELECT account, currency, debits_minor::text, credits_minor::text \
         FROM settlement.account_balances WHERE tenant_id = ",
    );
    query.push_bind(tenant.as_str());
    if let Some(account) = &filter.account {
        query.push(" AND account = ").push_bind(account.to_string());
    }
    if let Some(currency) = filter.currency {
        query.push(" AND currency = ").push_bind(currency.code());
    }
    if let Some(after) = &page.after {
        query.push(" AND (account, currency) > (").push_bind(after.account.to_string());
        query.push(", ").push_bind(after.currency.code()).push(")");
    }
    query.push(" ORDER BY account, currency LIMIT ").push_bind(i64::from(page.limit) + 1);
    let rows: Vec<Row> = query.build_query_as().fetch_all(pool).await.map_err(|error| read_error(&error))?;
    let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
    let has_more = rows.len() > limit;
    let data = rows.into_iter().take(limit).map(balance).collect::<Result<_, _>>()?;
    Ok(Page { data, has_more })
}

fn balance((account, currency, debits, credits): Row) -> Result<AccountBalance, StoreError> {
    let place = Place { table: "account_balances", row: &format!("{account} {currency}") };
    Ok(AccountBalance {
        account: place.parse("account", &account)?,
        currency: place.currency(&currency)?,
        totals: Totals {
            debits: place.parse("debits_minor", &debits)?,
            credits: place.parse("credits_minor", &credits)?,
        },
    })
}
