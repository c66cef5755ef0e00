//! Promise: the simulated gateway's books say what ours say.

use sqlx::{AssertSqlSafe, PgConnection, Row};
use tender_domain::kernel::AttemptId;

use super::report::Section;
use super::snapshot::Snapshot;
use super::sources;

const PROMISE: &str = "The simulated gateway's books equal ours, payment by payment, to the minor unit.";

/// Each payment of the simulator beside our charge with its reference. What has an open call is left out: its outcome
/// is not known to us yet, and `attempts` sees to it. A call that is only to come has moved nothing.
fn compared(snapshot: &Snapshot) -> String {
    let (charges, captures, refunds) =
        (sources::CHARGES, sources::CAPTURES, sources::refunds_by_gateways(snapshot));
    let to_come = sources::CALL_TO_COME;
    let open = sources::open_calls(snapshot).unwrap_or_default();
    let conflicts = sources::queued(snapshot).unwrap_or_default();
    format!(
        "WITH charges AS ({charges}), captures AS ({captures}), refunds AS ({refunds}), captured AS (
    SELECT tenant_id, charge_id, sum(amount_minor) AS amount FROM captures GROUP BY tenant_id, charge_id
), refunded AS (
    SELECT tenant_id, charge_id, sum(amount_minor) AS amount FROM refunds GROUP BY tenant_id, charge_id
), ours AS (
    SELECT tenant_id, gateway_reference, intent_id, currency, coalesce(c.amount, 0) AS captured,
           coalesce(r.amount, 0) AS refunded
    FROM charges LEFT JOIN captured c USING (tenant_id, charge_id) LEFT JOIN refunded r USING (tenant_id, charge_id)
    WHERE connector = 'simulator' OR (tenant_id, connector) IN (
        SELECT tenant_id, name FROM intents.connectors WHERE kind = 'simulator')
)
SELECT tenant_id, gateway_reference, s.reference, coalesce(s.currency, o.currency) AS currency,
       coalesce(s.captured_minor, 0)::text AS captured, coalesce(s.refunded_minor, 0)::text AS refunded,
       coalesce(o.captured, 0)::text AS our_captured, coalesce(o.refunded, 0)::text AS our_refunded,
       EXISTS (SELECT 1 FROM ({open}) AS open
               WHERE open.tenant_id = o.tenant_id AND open.intent_id = o.intent_id AND kind <> '{to_come}') AS open,
       EXISTS (SELECT 1 FROM ({conflicts}) AS conflict
               WHERE conflict.tenant_id = o.tenant_id AND conflict.intent_id = o.intent_id) AS conflict
FROM simulator.payments s FULL JOIN ours o USING (tenant_id, gateway_reference)
WHERE (coalesce(s.captured_minor, 0), coalesce(s.refunded_minor, 0))
      IS DISTINCT FROM (coalesce(o.captured, 0), coalesce(o.refunded, 0))
   OR (o.captured > 0 AND s.currency IS DISTINCT FROM o.currency)
ORDER BY tenant_id, gateway_reference"
    )
}

pub(super) async fn check(snapshot: &mut Snapshot) -> Result<Section, sqlx::Error> {
    if !snapshot.has("simulator") || !snapshot.has("intents") {
        return Ok(Section::skipped("books", PROMISE, "there is no schema simulator, or no schema intents"));
    }
    let mut section = Section::new("books", PROMISE);
    let compared = compared(snapshot);
    let connection = snapshot.connection();
    totals(connection, &mut section).await?;
    for row in sqlx::query(AssertSqlSafe(compared)).fetch_all(&mut *connection).await? {
        let (tenant, gateway): (&str, &str) = (row.try_get("tenant_id")?, row.try_get("gateway_reference")?);
        let (captured, refunded): (&str, &str) = (row.try_get("captured")?, row.try_get("refunded")?);
        let (ours, given_back): (&str, &str) = (row.try_get("our_captured")?, row.try_get("our_refunded")?);
        let currency: &str = row.try_get("currency")?;
        let reference: Option<&str> = row.try_get("reference")?;
        let status = attempt_status(connection, tenant, reference).await?;
        let attempt =
            status.as_deref().map_or_else(String::new, |status| format!(" (our attempt: {status})"));
        let difference = format!(
            "{tenant}: the simulator has {captured} captured and {refunded} refunded minor units of {currency} of {gateway}, \
             we have {ours} and {given_back}{attempt}"
        );
        let open = row.try_get("open")? || matches!(status.as_deref(), Some("started" | "unknown"));
        let conflict = row.try_get("conflict")? || status.as_deref() == Some("conflict");
        if conflict {
            section.note(format!("{difference}: a conflict that a person settles"));
        } else if open {
            // `attempts` says when.
            section.open(difference, None);
        } else {
            section.fault(difference);
        }
    }
    Ok(section)
}

async fn totals(connection: &mut PgConnection, section: &mut Section) -> Result<(), sqlx::Error> {
    let sql = "SELECT tenant_id, currency, count(*) AS payments, sum(captured_minor)::text AS captured, \
               sum(refunded_minor)::text AS refunded FROM simulator.payments GROUP BY tenant_id, currency ORDER BY 1, 2";
    for row in sqlx::query(sql).fetch_all(connection).await? {
        let (tenant, currency): (&str, &str) = (row.try_get("tenant_id")?, row.try_get("currency")?);
        let (captured, refunded): (&str, &str) = (row.try_get("captured")?, row.try_get("refunded")?);
        let payments: i64 = row.try_get("payments")?;
        section.note(format!(
            "{tenant}: {payments} payments at the simulator, captured {captured}, refunded {refunded} minor units of {currency}"
        ));
    }
    Ok(())
}

/// What we think of the attempt that the simulator was called for by this reference of ours.
async fn attempt_status(
    connection: &mut PgConnection,
    tenant: &str,
    reference: Option<&str>,
) -> Result<Option<String>, sqlx::Error> {
    let Some(attempt) = reference.and_then(|text| text.parse::<AttemptId>().ok()) else { return Ok(None) };
    sqlx::query_scalar("SELECT status FROM intents.attempts WHERE tenant_id = $1 AND attempt_id = $2")
        .bind(tenant)
        .bind(attempt.uuid())
        .fetch_optional(connection)
        .await
}
