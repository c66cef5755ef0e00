//! The statements that write. Each is one round trip and one transaction: operation and money effect, or nothing.
//!
//! Parameters 1 to 15 are the operation's columns, 16 to 21 the payment's, the last the version it was loaded at.

macro_rules! operation_columns {
    () => {
        "tenant_id, kind, reference, request_digest, outcome, gateway_reference, amount_minor, currency, captured, \
         challenge_fails, decline_code, network_code, message, visible_at, details"
    };
}

macro_rules! operation_values {
    () => {
        "$1::text, $2::text, $3::text, $4::bytea, $5::text, $6::text, $7::bigint, $8::text, $9::boolean, \
         $10::boolean, $11::text, $12::text, $13::text, $14::timestamptz, $15::jsonb"
    };
}

/// The end of a challenge. The digest of the request is passed like the others and stays what it was.
macro_rules! end_challenge {
    () => {
        "UPDATE simulator.operations SET outcome = $5, gateway_reference = $6, amount_minor = $7, currency = $8, \
         captured = $9, challenge_fails = $10, decline_code = $11, network_code = $12, message = $13, \
         visible_at = $14, details = $15::jsonb \
         WHERE tenant_id = $1 AND kind = $2 AND reference = $3 AND outcome = 'challenged' \
         AND request_digest IS NOT DISTINCT FROM $4"
    };
}

/// The payment of an approved authorization, when the operation before it in the statement was written.
macro_rules! new_payment {
    () => {
        "INSERT INTO simulator.payments (tenant_id, gateway_reference, reference, currency, authorized_minor, \
         captured_minor, refunded_minor, released, version) \
         SELECT $1, $6, $3, $8, $16::bigint, $17::bigint, $18::bigint, $19::boolean, $20::bigint FROM written"
    };
}

/// An operation without a money effect. No row when the reference is taken.
pub(crate) const OPERATION: &str = concat!(
    "INSERT INTO simulator.operations (",
    operation_columns!(),
    ") VALUES (",
    operation_values!(),
    ") ON CONFLICT (tenant_id, kind, reference) DO NOTHING"
);

/// An operation that makes a payment. No row when the reference is taken.
pub(crate) const OPERATION_AND_NEW_PAYMENT: &str = concat!(
    "WITH written AS (INSERT INTO simulator.operations (",
    operation_columns!(),
    ") VALUES (",
    operation_values!(),
    ") ON CONFLICT (tenant_id, kind, reference) DO NOTHING RETURNING tenant_id) ",
    new_payment!()
);

/// An operation that changes a payment. No row when the payment has another version; a unique violation, which takes
/// the change of the payment back, when the reference is taken.
pub(crate) const OPERATION_AND_CHANGED_PAYMENT: &str = concat!(
    "WITH changed AS (UPDATE simulator.payments SET captured_minor = $16, refunded_minor = $17, released = $18, \
     version = $19 WHERE tenant_id = $1 AND gateway_reference = $20 AND version = $21 RETURNING tenant_id) \
     INSERT INTO simulator.operations (",
    operation_columns!(),
    ") SELECT ",
    operation_values!(),
    " FROM changed"
);

/// The end of a challenge without a money effect. No row when it has ended before.
pub(crate) const CHALLENGE_END: &str = end_challenge!();

/// The end of a challenge that makes a payment. No row when it has ended before.
pub(crate) const CHALLENGE_END_AND_NEW_PAYMENT: &str =
    concat!("WITH written AS (", end_challenge!(), " RETURNING tenant_id) ", new_payment!());

/// One operation.
pub(crate) const FIND_OPERATION: &str = concat!(
    "SELECT ",
    operation_columns!(),
    "::text AS details FROM simulator.operations WHERE tenant_id = $1 AND kind = $2 AND reference = $3"
);

/// One payment.
pub(crate) const FIND_PAYMENT: &str = "SELECT tenant_id, gateway_reference, reference, currency, authorized_minor, \
     captured_minor, refunded_minor, released, version \
     FROM simulator.payments WHERE tenant_id = $1 AND gateway_reference = $2";

/// A page of payments, after a gateway reference.
pub(crate) const LIST_PAYMENTS: &str = "SELECT tenant_id, gateway_reference, reference, currency, authorized_minor, \
     captured_minor, refunded_minor, released, version \
     FROM simulator.payments WHERE tenant_id = $1 AND gateway_reference > $2 ORDER BY gateway_reference LIMIT $3";

/// Sums by currency. As text, because a sum of 64 bits may need more.
pub(crate) const TOTALS: &str = "SELECT currency, payments, authorized_minor::text, captured_minor::text, \
     refunded_minor::text FROM simulator.totals WHERE tenant_id = $1 ORDER BY currency COLLATE \"C\"";

/// Callbacks, as arrays of their columns. Those whose id is taken are left as they are. Rows of one statement have one
/// `now()`, so each is a little later than the one before it.
pub(crate) const ADD_CALLBACKS: &str = "INSERT INTO simulator.callbacks (tenant_id, callback_id, event_id, reference, \
     body, due_at, failures, recorded_at) \
     SELECT t, c, e, r, b, d, 0, clock_timestamp() + n * interval '1 microsecond' FROM \
     unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[]) \
     WITH ORDINALITY AS u (t, c, e, r, b, d, n) ON CONFLICT (tenant_id, callback_id) DO NOTHING";

/// Callbacks that are due, of all tenants.
pub(crate) const DUE_CALLBACKS: &str = "SELECT tenant_id, callback_id, event_id, reference, body, due_at, failures, \
     delivered_at FROM simulator.callbacks WHERE due_at <= $1 ORDER BY due_at, recorded_at LIMIT $2";

/// One callback.
pub(crate) const FIND_CALLBACK: &str = "SELECT tenant_id, callback_id, event_id, reference, body, due_at, failures, \
     delivered_at FROM simulator.callbacks WHERE tenant_id = $1 AND callback_id = $2";

/// What became of a delivery.
pub(crate) const SAVE_CALLBACK: &str = "UPDATE simulator.callbacks SET due_at = $3, failures = $4, delivered_at = $5 \
     WHERE tenant_id = $1 AND callback_id = $2";

/// The callbacks of a reference; `failures >= 0` names the index's condition.
pub(crate) const LIST_CALLBACKS: &str = "SELECT tenant_id, callback_id, event_id, reference, body, due_at, failures, \
     delivered_at FROM simulator.callbacks WHERE tenant_id = $1 AND reference = $2 AND failures >= 0 \
     ORDER BY recorded_at DESC LIMIT 100";
