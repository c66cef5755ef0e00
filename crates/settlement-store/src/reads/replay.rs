//! Every line added up, beside the kept balances: one statement, so one instant.

use sqlx::PgPool;
use tender_domain::kernel::{StoreError, TenantId};
use tender_domain::ledger::{LedgerReplay, ReplayedAccount, Totals};
use tender_postgres::read_error;

use super::columns::Place;

const REPLAY: &str = "
WITH sides AS (
    SELECT debit_account AS account, currency, sum(amount_minor) AS debits, 0::numeric AS credits
    FROM settlement.ledger_transfers WHERE tenant_id = $1 GROUP BY debit_account, currency
    UNION ALL
    SELECT credit_account, currency, 0::numeric, sum(amount_minor)
    FROM settlement.ledger_transfers WHERE tenant_id = $1 GROUP BY credit_account, currency
), replayed AS (
    SELECT account, currency, sum(debits) AS debits, sum(credits) AS credits FROM sides GROUP BY account, currency
), kept AS (
    SELECT account, currency, debits_minor, credits_minor FROM settlement.account_balances WHERE tenant_id = $1
)
SELECT account, currency,
       coalesce(r.debits, 0)::text, coalesce(r.credits, 0)::text,
       coalesce(k.debits_minor, 0)::text, coalesce(k.credits_minor, 0)::text,
       (SELECT count(*) FROM settlement.ledger_transfers WHERE tenant_id = $1 AND transfer_no = 0)
FROM replayed r FULL JOIN kept k USING (account, currency)
ORDER BY account, currency";

/// A replay reads the whole ledger: it may take longer than other reads, but ends before its caller gives up.
const REPLAY_LIMIT: &str = "SET LOCAL statement_timeout = '25s'";

type Row = (String, String, String, String, String, String, i64);

pub(crate) async fn replay(pool: &PgPool, tenant: &TenantId) -> Result<LedgerReplay, StoreError> {
    let rows = read(pool, tenant).await.map_err(|error| read_error(&error))?;
    let transactions = rows.first().map_or(0, |row| row.6);
    Ok(LedgerReplay {
        transactions: u64::try_from(transactions).unwrap_or(0),
        accounts: rows.into_iter().map(account).collect::<Result<_, _>>()?,
    })
}

async fn read(pool: &PgPool, tenant: &TenantId) -> Result<Vec<Row>, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    sqlx::query(REPLAY_LIMIT).execute(&mut *transaction).await?;
    let rows = sqlx::query_as(REPLAY).bind(tenant.as_str()).fetch_all(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(rows)
}

fn account(row: Row) -> Result<ReplayedAccount, StoreError> {
    let (account, currency, debits, credits, kept_debits, kept_credits, _) = row;
    let place = Place { table: "account_balances", row: &format!("{account} {currency}") };
    Ok(ReplayedAccount {
        account: place.parse("account", &account)?,
        currency: place.currency(&currency)?,
        replayed: Totals {
            debits: place.parse("debits", &debits)?,
            credits: place.parse("credits", &credits)?,
        },
        kept: Totals {
            debits: place.parse("debits_minor", &kept_debits)?,
            credits: place.parse("credits_minor", &kept_credits)?,
        },
    })
}
