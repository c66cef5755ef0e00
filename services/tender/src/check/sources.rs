//! What the auditor reads of each service: one query for each fact, under the names that the checks use. When a
//! service's tables change, this is the file that follows.

use super::snapshot::Snapshot;

/// Money that intents says was captured: `tenant_id, intent_id, charge_id, amount_minor, currency, at`.
pub(super) const CAPTURES: &str = "
SELECT c.tenant_id, c.intent_id, c.attempt_id AS charge_id, c.amount_minor, i.currency, c.answered_at AS at
FROM intents.captures c
JOIN intents.intents i ON i.tenant_id = c.tenant_id AND i.intent_id = c.intent_id
WHERE c.status = 'succeeded'";

/// What connectors hold or have taken for us: `tenant_id, intent_id, charge_id, connector, gateway_reference, currency`.
pub(super) const CHARGES: &str = "
SELECT a.tenant_id, a.intent_id, a.attempt_id AS charge_id, a.connector, a.gateway_reference, i.currency
FROM intents.attempts a
JOIN intents.intents i ON i.tenant_id = a.tenant_id AND i.intent_id = a.intent_id
WHERE a.status = 'approved'";

/// Money that refunds says was given back: `tenant_id, intent_id, charge_id, amount_minor, currency, at`.
const REFUNDS: &str = "
SELECT tenant_id, intent_id, charge_id, amount_minor, currency, ended_at AS at
FROM refunds.refunds WHERE status = 'succeeded'";

/// Those of them that a gateway was asked for: store credit is given without one.
const REFUNDS_BY_GATEWAYS: &str = "
SELECT tenant_id, intent_id, charge_id, amount_minor, currency, ended_at AS at
FROM refunds.refunds WHERE status = 'succeeded' AND refund_method = 'original_payment_method'";

const NO_REFUNDS: &str = "
SELECT NULL::text AS tenant_id, NULL::uuid AS intent_id, NULL::uuid AS charge_id, NULL::bigint AS amount_minor,
       NULL::text AS currency, NULL::timestamptz AS at WHERE false";

/// Calls of a gateway that have no end yet and are pursued: `tenant_id, kind, id, intent_id, since, next_check_at`.
const OPEN_CALLS_OF_INTENTS: &str = "
SELECT tenant_id, 'attempt' AS kind, attempt_id AS id, intent_id, started_at AS since, next_check_at
FROM intents.attempts WHERE status IN ('started', 'unknown') AND queued_at IS NULL
UNION ALL
SELECT tenant_id, 'void of attempt', attempt_id, intent_id, void_at, next_check_at
FROM intents.attempts WHERE void = 'started' AND queued_at IS NULL
UNION ALL
SELECT tenant_id, 'capture', capture_id, intent_id, created_at, next_check_at
FROM intents.captures WHERE status = 'pending' AND next_check_at IS NOT NULL";

/// The kind of a call that was not made yet, among the open ones.
pub(super) const CALL_TO_COME: &str = "call of refund";

const OPEN_CALLS_OF_REFUNDS: &str = "
SELECT tenant_id, 'refund' AS kind, refund_id AS id, intent_id, attempt_started_at AS since, next_check_at
FROM refunds.refunds WHERE status IN ('processing', 'requires_action') AND next_check_at IS NOT NULL
UNION ALL
SELECT tenant_id, 'call of refund', refund_id, intent_id, updated_at, next_attempt_at
FROM refunds.refunds WHERE status = 'pending'";

/// Calls that stand in the queue: a person settles them. `tenant_id, kind, id, intent_id`.
const QUEUED_OF_INTENTS: &str = "
SELECT tenant_id, CASE WHEN void IS NULL THEN 'attempt' ELSE 'void of attempt' END AS kind, attempt_id AS id,
       intent_id
FROM intents.attempts WHERE queued_at IS NOT NULL
UNION ALL
SELECT tenant_id, 'capture', capture_id, intent_id FROM intents.captures WHERE queued_at IS NOT NULL";

const QUEUED_OF_REFUNDS: &str = "
SELECT tenant_id, 'refund' AS kind, refund_id AS id, intent_id
FROM refunds.refunds
WHERE (status IN ('processing', 'requires_action') AND next_check_at IS NULL) OR conflict_amount_minor IS NOT NULL";

/// The refunds, if there are any.
pub(super) fn refunds(snapshot: &Snapshot) -> &'static str {
    if snapshot.has("refunds") { REFUNDS } else { NO_REFUNDS }
}

/// The refunds that gateways made, if there are any.
pub(super) fn refunds_by_gateways(snapshot: &Snapshot) -> &'static str {
    if snapshot.has("refunds") { REFUNDS_BY_GATEWAYS } else { NO_REFUNDS }
}

/// The open calls of the services that are there; none when neither is.
pub(super) fn open_calls(snapshot: &Snapshot) -> Option<String> {
    of_both(snapshot, OPEN_CALLS_OF_INTENTS, OPEN_CALLS_OF_REFUNDS)
}

/// What stands in the queues of the services that are there; none when neither is.
pub(super) fn queued(snapshot: &Snapshot) -> Option<String> {
    of_both(snapshot, QUEUED_OF_INTENTS, QUEUED_OF_REFUNDS)
}

fn of_both(snapshot: &Snapshot, of_intents: &'static str, of_refunds: &'static str) -> Option<String> {
    let parts = [("intents", of_intents), ("refunds", of_refunds)];
    let there: Vec<&str> =
        parts.into_iter().filter(|(schema, _)| snapshot.has(schema)).map(|(_, query)| query).collect();
    (!there.is_empty()).then(|| there.join(" UNION ALL "))
}
