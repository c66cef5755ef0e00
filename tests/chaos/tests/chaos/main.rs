//! Parts are killed under load; nothing is lost, doubled, or told wrongly.

mod connection;
mod crowds;
mod fail_points;
mod five_crowds;
mod five_fail_points;
mod kafka;
mod postgres;
mod tender;

use tokio::sync::Mutex;

/// One system under load at a time: each is to have the machine for itself. Waiting for what is looked up later, and the
/// audit, leave it to the next.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Calls of a gateway are given up sooner than by default, so that unknown outcomes come about in time.
const SETTINGS: [(&str, &str); 2] = [
    ("TENDER__GATEWAYS__CALL_TIMEOUT_MILLIS", "1500"),
    ("TENDER__DATABASE__ACQUIRE_TIMEOUT_MILLIS", "25000"),
];
const CUSTOMERS: usize = 12;
