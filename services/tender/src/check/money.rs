//! Promise: every money effect is in the ledger, once, and no more is refunded than was captured.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection, Row};

use super::report::Section;
use super::snapshot::Snapshot;
use super::sources;

const IN_LEDGER: &str =
    "Every capture and refund is in the ledger, and nothing else: intent by intent, both agree.";
const WITHIN: &str = "We refund no charge beyond what was captured.";

/// Compares, for each intent and currency, what intents and refunds say with what the ledger has on merchants'
/// accounts. A reversal takes back what it reverses.
fn compared(refunds: &str) -> String {
    let captures = sources::CAPTURES;
    format!(
        "WITH captured AS (
    SELECT tenant_id, intent_id, currency, sum(amount_minor) AS amount, max(at) AS at
    FROM ({captures}) AS c GROUP BY tenant_id, intent_id, currency
), refunded AS (
    SELECT tenant_id, intent_id, currency, sum(amount_minor) AS amount, max(at) AS at
    FROM ({refunds}) AS r GROUP BY tenant_id, intent_id, currency
), posted AS (
    SELECT tenant_id, intent_id, currency,
           sum(CASE WHEN kind = 'capture' AND direction = 'credit' THEN amount_minor
                    WHEN kind = 'reversal' AND effect_id LIKE 'cap\\_%' AND direction = 'debit' THEN -amount_minor
                    ELSE 0 END) AS captured,
           sum(CASE WHEN kind = 'refund' AND direction = 'debit' THEN amount_minor
                    WHEN kind = 'reversal' AND effect_id LIKE 'rf\\_%' AND direction = 'credit' THEN -amount_minor
                    ELSE 0 END) AS refunded
    FROM settlement.ledger_entries WHERE account LIKE 'liability:merchant:%'
    GROUP BY tenant_id, intent_id, currency
)
SELECT tenant_id, currency, intent_id::text AS intent,
       coalesce(c.amount, 0) AS captured, coalesce(r.amount, 0) AS refunded, greatest(c.at, r.at) AS at,
       coalesce(p.captured, 0) AS posted_captured, coalesce(p.refunded, 0) AS posted_refunded
FROM captured c
FULL JOIN refunded r USING (tenant_id, intent_id, currency)
FULL JOIN posted p USING (tenant_id, intent_id, currency)"
    )
}

pub(super) async fn check_in_ledger(snapshot: &mut Snapshot) -> Result<Section, sqlx::Error> {
    if !snapshot.has("intents") || !snapshot.has("settlement") {
        return Ok(Section::skipped(
            "money",
            IN_LEDGER,
            "there is no schema intents, or no schema settlement",
        ));
    }
    let mut section = Section::new("money", IN_LEDGER);
    let (compared, judged_until) = (compared(sources::refunds(snapshot)), snapshot.judged_until());
    let connection = snapshot.connection();
    totals(connection, &compared, &mut section).await?;
    differences(connection, &compared, judged_until, &mut section).await?;
    kept_by_intents(connection, &mut section).await?;
    Ok(section)
}

async fn totals(
    connection: &mut PgConnection,
    compared: &str,
    section: &mut Section,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "SELECT tenant_id, currency, count(*) AS intents, sum(captured)::text AS captured, \
         sum(refunded)::text AS refunded FROM ({compared}) AS compared GROUP BY tenant_id, currency ORDER BY 1, 2"
    );
    for row in sqlx::query(AssertSqlSafe(sql)).fetch_all(connection).await? {
        let (tenant, currency): (&str, &str) = (row.try_get("tenant_id")?, row.try_get("currency")?);
        let (captured, refunded): (&str, &str) = (row.try_get("captured")?, row.try_get("refunded")?);
        let intents: i64 = row.try_get("intents")?;
        section.note(format!(
            "{tenant}: {intents} intents, captured {captured}, refunded {refunded} minor units of {currency}"
        ));
    }
    Ok(())
}

async fn differences(
    connection: &mut PgConnection,
    compared: &str,
    judged_until: DateTime<Utc>,
    section: &mut Section,
) -> Result<(), sqlx::Error> {
    // The ledger follows: it may be behind for a while, never ahead.
    let sql = format!(
        "SELECT tenant_id, currency, intent, captured::text AS captured, refunded::text AS refunded, \
         posted_captured::text AS posted_captured, posted_refunded::text AS posted_refunded, \
         coalesce(at >= $1 AND posted_captured <= captured AND posted_refunded <= refunded, false) AS young \
         FROM ({compared}) AS compared \
         WHERE (captured, refunded) IS DISTINCT FROM (posted_captured, posted_refunded) \
         ORDER BY tenant_id, intent, currency"
    );
    for row in sqlx::query(AssertSqlSafe(sql)).bind(judged_until).fetch_all(connection).await? {
        let (tenant, currency): (&str, &str) = (row.try_get("tenant_id")?, row.try_get("currency")?);
        let intent: Option<&str> = row.try_get("intent")?;
        let (captured, refunded): (&str, &str) = (row.try_get("captured")?, row.try_get("refunded")?);
        let (posted, given_back): (&str, &str) =
            (row.try_get("posted_captured")?, row.try_get("posted_refunded")?);
        let difference = format!(
            "{tenant}: intent {} has captured {captured} and refunded {refunded} minor units of {currency}; the ledger \
             has {posted} and {given_back}",
            intent.unwrap_or("(none)")
        );
        if row.try_get("young")? {
            section.on_its_way(difference);
        } else {
            section.fault(difference);
        }
    }
    Ok(())
}

/// The sum that an intent keeps of its captures, beside their rows.
const KEPT_BY_INTENTS: &str = "
SELECT i.tenant_id, i.intent_id::text AS intent, i.amount_captured_minor AS kept, coalesce(c.amount, 0)::text AS captures
FROM intents.intents i
LEFT JOIN (SELECT tenant_id, intent_id, sum(amount_minor) AS amount FROM intents.captures
           WHERE status = 'succeeded' GROUP BY tenant_id, intent_id) c USING (tenant_id, intent_id)
WHERE i.amount_captured_minor <> coalesce(c.amount, 0) ORDER BY i.tenant_id, i.intent_id";

async fn kept_by_intents(connection: &mut PgConnection, section: &mut Section) -> Result<(), sqlx::Error> {
    for row in sqlx::query(KEPT_BY_INTENTS).fetch_all(connection).await? {
        let (tenant, intent): (&str, &str) = (row.try_get("tenant_id")?, row.try_get("intent")?);
        let (kept, captures): (i64, &str) = (row.try_get("kept")?, row.try_get("captures")?);
        section.fault(format!(
            "{tenant}: intent {intent} keeps a sum of {kept} captured; its captures add up to {captures}"
        ));
    }
    Ok(())
}

/// What is reserved of each charge, by refunds' own rows, beside what intents captured of it.
fn beyond_captured() -> String {
    let captures = sources::CAPTURES;
    format!(
        "WITH captured AS (
    SELECT tenant_id, charge_id, currency, sum(amount_minor) AS amount
    FROM ({captures}) AS c GROUP BY tenant_id, charge_id, currency
), live AS (
    SELECT tenant_id, charge_id, currency, sum(amount_minor) AS amount
    FROM refunds.refunds WHERE status NOT IN ('failed', 'canceled') AND origin = 'tender'
    GROUP BY tenant_id, charge_id, currency
)
SELECT l.tenant_id, l.charge_id::text AS charge, l.currency, coalesce(c.amount, 0)::text AS captured, l.amount::text AS refunded
FROM live l LEFT JOIN captured c USING (tenant_id, charge_id, currency)
LEFT JOIN refunds.refundable_charges r USING (tenant_id, charge_id)
-- What a gateway took back after we had refunded it is a fact from outside.
WHERE l.amount > coalesce(c.amount, 0) + coalesce(r.reversed_minor, 0) ORDER BY tenant_id, charge_id"
    )
}

/// Sums that refunds keeps of each charge beside its own rows.
const KEPT_SUMS: &str = "
SELECT r.tenant_id, r.charge_id::text AS charge, r.captured_minor,
       r.refunded_minor + coalesce(r.refunded_outside_minor, 0) AS refunded,
       coalesce(l.amount, 0)::text AS refunds, coalesce(c.amount, 0)::text AS captures
FROM refunds.refundable_charges r
LEFT JOIN (SELECT tenant_id, charge_id, sum(amount_minor) AS amount,
                  sum(amount_minor) FILTER (WHERE origin = 'tender') AS ours FROM refunds.refunds
           WHERE status NOT IN ('failed', 'canceled') GROUP BY tenant_id, charge_id) l USING (tenant_id, charge_id)
LEFT JOIN (SELECT tenant_id, charge_id, sum(amount_minor) AS amount FROM refunds.charge_captures
           GROUP BY tenant_id, charge_id) c USING (tenant_id, charge_id)
WHERE r.refunded_minor <> coalesce(l.ours, 0)
   OR r.refunded_minor + coalesce(r.refunded_outside_minor, 0) <> coalesce(l.amount, 0)
   OR r.captured_minor <> coalesce(c.amount, 0)
   OR coalesce(r.reversed_minor, 0) <> (
       SELECT coalesce(sum(k.amount_minor), 0) FROM refunds.capture_reversals v
       JOIN refunds.charge_captures k USING (tenant_id, capture_id)
       WHERE v.tenant_id = r.tenant_id AND v.charge_id = r.charge_id)
ORDER BY r.tenant_id, r.charge_id";

pub(super) async fn check_within_captured(snapshot: &mut Snapshot) -> Result<Section, sqlx::Error> {
    if !snapshot.has("intents") || !snapshot.has("refunds") {
        return Ok(Section::skipped("refunds", WITHIN, "there is no schema intents, or no schema refunds"));
    }
    let mut section = Section::new("refunds", WITHIN);
    let connection = snapshot.connection();
    for row in sqlx::query(AssertSqlSafe(beyond_captured())).fetch_all(&mut *connection).await? {
        let (tenant, charge): (&str, &str) = (row.try_get("tenant_id")?, row.try_get("charge")?);
        let (captured, refunded): (&str, &str) = (row.try_get("captured")?, row.try_get("refunded")?);
        let currency: &str = row.try_get("currency")?;
        section.fault(format!(
            "{tenant}: of charge {charge} {captured} minor units of {currency} were captured and {refunded} are refunded \
             or reserved for it"
        ));
    }
    for row in sqlx::query(KEPT_SUMS).fetch_all(&mut *connection).await? {
        let (tenant, charge): (&str, &str) = (row.try_get("tenant_id")?, row.try_get("charge")?);
        let (refunds, captures): (&str, &str) = (row.try_get("refunds")?, row.try_get("captures")?);
        let (refunded, captured): (i64, i64) = (row.try_get("refunded")?, row.try_get("captured_minor")?);
        section.fault(format!(
            "{tenant}: charge {charge} keeps sums of {captured} captured and {refunded} refunded; its rows add up to \
             {captures} and {refunds}"
        ));
    }
    let charges: i64 =
        sqlx::query_scalar("SELECT count(*) FROM refunds.refundable_charges").fetch_one(connection).await?;
    section.note(format!("{charges} charges"));
    Ok(section)
}
