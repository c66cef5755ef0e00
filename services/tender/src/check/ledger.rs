//! Promise: debits equal credits in every currency, and every balance is what its entries add up to.

use sqlx::{PgConnection, Row};

use super::report::Section;
use super::snapshot::Snapshot;

const PROMISE: &str =
    "The ledger balances: debits equal credits in every currency, balances are their entries.";

/// Both sides of all entries and of all balances. The entries come from the view that shows them as lines.
const SUMS: &str = "
WITH entries AS (
    SELECT tenant_id, currency,
           sum(amount_minor) FILTER (WHERE direction = 'debit') AS debits,
           sum(amount_minor) FILTER (WHERE direction = 'credit') AS credits, count(DISTINCT effect_id) AS transactions
    FROM settlement.ledger_entries GROUP BY tenant_id, currency
), balances AS (
    SELECT tenant_id, currency, sum(debits_minor) AS debits, sum(credits_minor) AS credits
    FROM settlement.account_balances GROUP BY tenant_id, currency
)
SELECT tenant_id, currency, coalesce(e.transactions, 0) AS transactions,
       coalesce(e.debits, 0)::text AS debits, coalesce(e.credits, 0)::text AS credits,
       coalesce(b.debits, 0)::text AS kept_debits, coalesce(b.credits, 0)::text AS kept_credits
FROM entries e FULL JOIN balances b USING (tenant_id, currency) ORDER BY tenant_id, currency";

const REPLAY: &str = "
WITH replayed AS (
    SELECT tenant_id, account, currency,
           coalesce(sum(amount_minor) FILTER (WHERE direction = 'debit'), 0) AS debits,
           coalesce(sum(amount_minor) FILTER (WHERE direction = 'credit'), 0) AS credits
    FROM settlement.ledger_entries GROUP BY tenant_id, account, currency
)
SELECT tenant_id, account, currency, coalesce(r.debits, 0)::text AS debits, coalesce(r.credits, 0)::text AS credits,
       coalesce(b.debits_minor, 0)::text AS kept_debits, coalesce(b.credits_minor, 0)::text AS kept_credits
FROM replayed r FULL JOIN settlement.account_balances b USING (tenant_id, account, currency)
WHERE (coalesce(r.debits, 0), coalesce(r.credits, 0))
      IS DISTINCT FROM (coalesce(b.debits_minor, 0), coalesce(b.credits_minor, 0))
ORDER BY tenant_id, account, currency";

const INCOMPLETE: &str = "
SELECT tenant_id, effect_id, count(*) AS found, max(transfer_count) AS wanted
FROM settlement.ledger_transfers GROUP BY tenant_id, effect_id
HAVING count(*) <> max(transfer_count) OR min(transfer_count) <> max(transfer_count)
ORDER BY tenant_id, effect_id";

pub(super) async fn check(snapshot: &mut Snapshot) -> Result<Section, sqlx::Error> {
    if !snapshot.has("settlement") {
        return Ok(Section::skipped("ledger", PROMISE, "there is no schema settlement"));
    }
    let mut section = Section::new("ledger", PROMISE);
    let connection = snapshot.connection();
    sums(connection, &mut section).await?;
    replay(connection, &mut section).await?;
    incomplete(connection, &mut section).await?;
    Ok(section)
}

async fn sums(connection: &mut PgConnection, section: &mut Section) -> Result<(), sqlx::Error> {
    for row in sqlx::query(SUMS).fetch_all(connection).await? {
        let (tenant, currency): (&str, &str) = (row.try_get("tenant_id")?, row.try_get("currency")?);
        let (debits, credits): (&str, &str) = (row.try_get("debits")?, row.try_get("credits")?);
        let (kept_debits, kept_credits): (&str, &str) =
            (row.try_get("kept_debits")?, row.try_get("kept_credits")?);
        let transactions: i64 = row.try_get("transactions")?;
        section.note(format!(
            "{tenant}: {transactions} transactions, {debits} minor units of {currency} on each side"
        ));
        if debits != credits {
            section.fault(format!(
                "{tenant}: the entries debit {debits} and credit {credits} minor units of {currency}"
            ));
        }
        if kept_debits != kept_credits {
            section.fault(format!(
                "{tenant}: the balances debit {kept_debits} and credit {kept_credits} minor units of {currency}"
            ));
        }
    }
    Ok(())
}

async fn replay(connection: &mut PgConnection, section: &mut Section) -> Result<(), sqlx::Error> {
    for row in sqlx::query(REPLAY).fetch_all(connection).await? {
        let (tenant, account): (&str, &str) = (row.try_get("tenant_id")?, row.try_get("account")?);
        let currency: &str = row.try_get("currency")?;
        let (debits, credits): (&str, &str) = (row.try_get("debits")?, row.try_get("credits")?);
        let (kept_debits, kept_credits): (&str, &str) =
            (row.try_get("kept_debits")?, row.try_get("kept_credits")?);
        section.fault(format!(
            "{tenant}: the entries of {account} add up to {debits} debit and {credits} credit minor units of {currency}, \
             its balance says {kept_debits} and {kept_credits}"
        ));
    }
    Ok(())
}

async fn incomplete(connection: &mut PgConnection, section: &mut Section) -> Result<(), sqlx::Error> {
    for row in sqlx::query(INCOMPLETE).fetch_all(connection).await? {
        let (tenant, effect): (&str, &str) = (row.try_get("tenant_id")?, row.try_get("effect_id")?);
        let (found, wanted): (i64, i32) = (row.try_get("found")?, row.try_get("wanted")?);
        section.fault(format!("{tenant}: the transaction of {effect} has {found} of its {wanted} transfers"));
    }
    Ok(())
}
