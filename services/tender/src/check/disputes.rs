//! Promise: every dispute is in the ledger where it stands, counts on its charge, and has its whole history.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, Row};

use super::report::Section;
use super::snapshot::Snapshot;

const PROMISE: &str =
    "Every dispute is in the ledger where it stands, counts on its charge, and has its whole history.";

/// What refunds says of an intent's disputes beside what the ledger has: held while open, the merchant's loss when lost
/// or given in, and the fees.
const COMPARED: &str = "
WITH told AS (
    SELECT tenant_id, intent_id, currency, max(updated_at) AS at, sum(fee_minor) AS fees,
           sum(CASE WHEN status IN ('needs_response', 'under_review') THEN amount_minor ELSE 0 END) AS held,
           sum(CASE WHEN status IN ('lost', 'accepted') THEN amount_minor ELSE 0 END) AS lost
    FROM refunds.disputes GROUP BY tenant_id, intent_id, currency
), posted AS (
    SELECT tenant_id, intent_id, currency,
           sum(CASE WHEN account LIKE 'asset:disputes:%' THEN signed ELSE 0 END) AS held,
           sum(CASE WHEN account LIKE 'liability:merchant:%' THEN signed ELSE 0 END) AS lost,
           sum(CASE WHEN account = 'expense:chargeback_fees' THEN signed ELSE 0 END) AS fees
    FROM (SELECT *, CASE WHEN direction = 'debit' THEN amount_minor ELSE -amount_minor END AS signed
          FROM settlement.ledger_entries
          WHERE kind IN ('chargeback', 'dispute_won', 'dispute_lost')
             OR (kind = 'reversal' AND effect_id LIKE 'dp\\_%')) AS e
    GROUP BY tenant_id, intent_id, currency
)
SELECT tenant_id, currency, intent_id::text AS intent,
       coalesce(t.held, 0)::text AS held, coalesce(t.lost, 0)::text AS lost, coalesce(t.fees, 0)::text AS fees,
       coalesce(p.held, 0)::text AS posted_held, coalesce(p.lost, 0)::text AS posted_lost,
       coalesce(p.fees, 0)::text AS posted_fees, coalesce(t.at >= $1, false) AS young
FROM told t FULL JOIN posted p USING (tenant_id, intent_id, currency)
WHERE (coalesce(t.held, 0), coalesce(t.lost, 0), coalesce(t.fees, 0))
      IS DISTINCT FROM (coalesce(p.held, 0), coalesce(p.lost, 0), coalesce(p.fees, 0))
ORDER BY tenant_id, intent, currency";

/// What chargebacks take whose charge is not known, beside what the ledger has in suspense for them.
const WAITING: &str = "
WITH told AS (
    SELECT tenant_id, currency::text AS currency, max(updated_at) AS at,
           sum(CASE WHEN dispute_id IS NULL THEN amount_minor::bigint + fee_minor::bigint ELSE 0 END) AS waits
    FROM refunds.chargeback_intakes GROUP BY 1, 2
), posted AS (
    SELECT tenant_id, currency::text AS currency,
           sum(CASE WHEN direction = 'debit' THEN amount_minor ELSE -amount_minor END) AS waits
    FROM settlement.ledger_entries
    WHERE account LIKE 'suspense:%'
      AND (kind = 'chargeback_unmatched' OR (kind = 'reversal' AND effect_id LIKE 'cbi\\_%'))
    GROUP BY 1, 2
)
SELECT tenant_id, currency, coalesce(t.waits, 0)::text AS told, coalesce(p.waits, 0)::text AS posted,
       coalesce(t.at >= $1, false) AS young
FROM told t FULL JOIN posted p USING (tenant_id, currency)
WHERE coalesce(t.waits, 0) <> coalesce(p.waits, 0) ORDER BY tenant_id, currency";

/// The sum that a charge keeps of its disputes, beside their rows. One of another currency takes all that was captured.
const KEPT_SUMS: &str = "
SELECT c.tenant_id, c.charge_id::text AS charge, c.disputed_minor AS kept, coalesce(d.amount, 0)::text AS disputes
FROM refunds.refundable_charges c
LEFT JOIN LATERAL (
    SELECT sum(CASE WHEN x.currency::text = c.currency::text THEN x.amount_minor::bigint
                    ELSE c.captured_minor::bigint END) AS amount
    FROM refunds.disputes x
    WHERE x.tenant_id = c.tenant_id AND x.charge_id = c.charge_id AND x.status <> 'won'
) d ON true
WHERE c.disputed_minor <> coalesce(d.amount, 0) ORDER BY c.tenant_id, c.charge_id";

/// Histories that were changed, shortened or added to: an entry whose hash is not of what it says or that does not
/// follow the one before, and a dispute whose last entry is another one.
const BROKEN_HISTORIES: &str = "
SELECT tenant_id, dispute_id::text AS dispute, 'entry ' || entry_number || ' is not what was written' AS problem
FROM (SELECT h.*, lag(hash, 1, decode(repeat('00', 32), 'hex')) OVER links AS before,
             lag(entry_number, 1, 0) OVER links AS number_before
      FROM refunds.dispute_history h WINDOW links AS (PARTITION BY tenant_id, dispute_id ORDER BY entry_number)) AS h
WHERE previous_hash <> before OR entry_number <> number_before + 1
   OR hash <> sha256(convert_to(concat_ws('|', encode(previous_hash, 'hex'), tenant_id, dispute_id, entry_number,
        (extract(epoch FROM at) * 1000000)::bigint, by_kind, octet_length(by_name) || ':' || by_name, kind,
        octet_length(detail) || ':' || detail), 'UTF8'))
UNION ALL
SELECT d.tenant_id, d.dispute_id::text, 'its last entry is missing'
FROM refunds.disputes d
LEFT JOIN refunds.dispute_history h
    ON (h.tenant_id, h.dispute_id, h.entry_number) = (d.tenant_id, d.dispute_id, d.history_number)
WHERE h.hash IS DISTINCT FROM d.history_hash
   OR EXISTS (SELECT FROM refunds.dispute_history l WHERE l.tenant_id = d.tenant_id AND l.dispute_id = d.dispute_id
              AND l.entry_number > d.history_number)
ORDER BY 1, 2, 3";

pub(super) async fn check(snapshot: &mut Snapshot) -> Result<Section, sqlx::Error> {
    if !snapshot.has("refunds") || !snapshot.has("settlement") {
        return Ok(Section::skipped(
            "disputes",
            PROMISE,
            "there is no schema refunds, or no schema settlement",
        ));
    }
    let mut section = Section::new("disputes", PROMISE);
    let judged_until = snapshot.judged_until();
    let connection = snapshot.connection();
    for row in sqlx::query(COMPARED).bind(judged_until).fetch_all(&mut *connection).await? {
        let text = |column: &str| row.try_get::<&str, _>(column);
        let difference = format!(
            "{}: of the disputes of intent {} {} minor units of {} are held, {} lost and {} fees; the ledger has {}, {} \
             and {}",
            text("tenant_id")?,
            row.try_get::<Option<&str>, _>("intent")?.unwrap_or("(none)"),
            text("held")?,
            text("currency")?,
            text("lost")?,
            text("fees")?,
            text("posted_held")?,
            text("posted_lost")?,
            text("posted_fees")?,
        );
        // The ledger follows: what changed a moment ago may be on its way.
        if row.try_get("young")? {
            section.on_its_way(difference);
        } else {
            section.fault(difference);
        }
    }
    waiting(connection, judged_until, &mut section).await?;
    kept_sums(connection, &mut section).await?;
    histories(connection, &mut section).await?;
    let (disputes, waiting): (i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM refunds.disputes), \
         (SELECT count(*) FROM refunds.chargeback_intakes WHERE dispute_id IS NULL)",
    )
    .fetch_one(connection)
    .await?;
    section.note(format!("{disputes} disputes, {waiting} chargebacks wait for their charge"));
    Ok(section)
}

async fn waiting(
    connection: &mut PgConnection,
    judged_until: DateTime<Utc>,
    section: &mut Section,
) -> Result<(), sqlx::Error> {
    for row in sqlx::query(WAITING).bind(judged_until).fetch_all(connection).await? {
        let text = |column: &str| row.try_get::<&str, _>(column);
        let difference = format!(
            "{}: chargebacks of {} minor units of {} wait for their charge; the ledger has {} in suspense for them",
            text("tenant_id")?,
            text("told")?,
            text("currency")?,
            text("posted")?
        );
        if row.try_get("young")? {
            section.on_its_way(difference);
        } else {
            section.fault(difference);
        }
    }
    Ok(())
}

async fn kept_sums(connection: &mut PgConnection, section: &mut Section) -> Result<(), sqlx::Error> {
    for row in sqlx::query(KEPT_SUMS).fetch_all(connection).await? {
        let (tenant, charge): (&str, &str) = (row.try_get("tenant_id")?, row.try_get("charge")?);
        let (kept, disputes): (i64, &str) = (row.try_get("kept")?, row.try_get("disputes")?);
        section.fault(format!(
            "{tenant}: charge {charge} keeps a sum of {kept} disputed; its disputes add up to {disputes}"
        ));
    }
    Ok(())
}

async fn histories(connection: &mut PgConnection, section: &mut Section) -> Result<(), sqlx::Error> {
    for row in sqlx::query(BROKEN_HISTORIES).fetch_all(connection).await? {
        let (tenant, dispute): (&str, &str) = (row.try_get("tenant_id")?, row.try_get("dispute")?);
        let problem: &str = row.try_get("problem")?;
        section.fault(format!("{tenant}: the history of dispute {dispute} is broken: {problem}"));
    }
    Ok(())
}
