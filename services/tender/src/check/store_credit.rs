//! Promise: a customer's store credit is what refunds gave, and grants, less what was spent; and never less than nothing.

use sqlx::Row;

use super::report::Section;
use super::snapshot::Snapshot;

const PROMISE: &str = "Every customer's store credit is what refunds and grants gave it less what was spent, and never less than nothing.";

/// What refunds and adjustments say beside the balance that is kept, customer by customer. An adjustment is posted in its
/// own commit; a refund's message may be on its way, and then less is kept than was given, never more.
const COMPARED: &str = "
WITH given AS (
    SELECT tenant_id, customer_id, currency::text AS currency, sum(amount_minor::bigint) AS amount, max(ended_at) AS at
    FROM refunds.refunds WHERE refund_method = 'store_credit' AND status = 'succeeded'
    GROUP BY tenant_id, customer_id, currency::text
), adjusted AS (
    SELECT tenant_id, customer_id, currency::text AS currency,
           sum(CASE kind WHEN 'grant' THEN amount_minor::bigint ELSE -amount_minor::bigint END) AS amount
    FROM settlement.store_credit_adjustments GROUP BY tenant_id, customer_id, currency::text
), kept AS (
    SELECT tenant_id, regexp_replace(account::text, '^liability:customer:(.*):store_credit$', '\\1') AS customer_id,
           currency::text AS currency, credits_minor::numeric - debits_minor::numeric AS amount
    FROM settlement.account_balances WHERE account::text LIKE 'liability:customer:%:store\\_credit'
)
SELECT tenant_id, customer_id, currency, (coalesce(g.amount, 0) + coalesce(a.amount, 0))::text AS owed,
       coalesce(k.amount, 0)::text AS kept, coalesce(k.amount, 0) < 0 AS negative,
       coalesce(g.at >= $1 AND coalesce(k.amount, 0) < coalesce(g.amount, 0) + coalesce(a.amount, 0), false) AS young
FROM given g
FULL JOIN adjusted a USING (tenant_id, customer_id, currency)
FULL JOIN kept k USING (tenant_id, customer_id, currency)
WHERE coalesce(k.amount, 0) <> coalesce(g.amount, 0) + coalesce(a.amount, 0) OR k.amount < 0
ORDER BY tenant_id, customer_id, currency";

/// What is owed to customers, by tenant and currency.
const OWED: &str = "
SELECT tenant_id, currency::text AS currency, count(*) AS customers,
       sum(credits_minor::numeric - debits_minor::numeric)::text AS owed
FROM settlement.account_balances WHERE account::text LIKE 'liability:customer:%:store\\_credit'
GROUP BY 1, 2 ORDER BY 1, 2";

pub(super) async fn check(snapshot: &mut Snapshot) -> Result<Section, sqlx::Error> {
    if !snapshot.has("refunds") || !snapshot.has("settlement") {
        return Ok(Section::skipped(
            "store credit",
            PROMISE,
            "there is no schema refunds, or no schema settlement",
        ));
    }
    let mut section = Section::new("store credit", PROMISE);
    let judged_until = snapshot.judged_until();
    let connection = snapshot.connection();
    for row in sqlx::query(OWED).fetch_all(&mut *connection).await? {
        let (tenant, currency): (&str, &str) = (row.try_get("tenant_id")?, row.try_get("currency")?);
        let (customers, owed): (i64, &str) = (row.try_get("customers")?, row.try_get("owed")?);
        section.note(format!("{tenant}: {customers} customers are owed {owed} minor units of {currency}"));
    }
    for row in sqlx::query(COMPARED).bind(judged_until).fetch_all(connection).await? {
        let text = |column: &str| row.try_get::<&str, _>(column);
        let difference = format!(
            "{}: store credit of customer {} is {} minor units of {} by refunds and adjustments; the ledger has {}",
            text("tenant_id")?,
            text("customer_id")?,
            text("owed")?,
            text("currency")?,
            text("kept")?,
        );
        let is_on_its_way = row.try_get("young")? && !row.try_get::<bool, _>("negative")?;
        if is_on_its_way {
            section.on_its_way(difference);
        } else {
            section.fault(difference);
        }
    }
    Ok(section)
}
