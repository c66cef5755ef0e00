//! When an outcome that is not known is looked up (contract §4).

use std::time::Duration;

use crate::kernel::Timestamp;

/// How long a call of a gateway may take before it counts as unanswered: its own deadline and some slack. A started
/// call older than this was interrupted.
pub const CALL_DEADLINE: Duration = Duration::from_secs(15);

const STEPS: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(120),
    Duration::from_secs(600),
    Duration::from_secs(3600),
];

/// When to look next after `checks` look-ups: 5 s, 30 s, 2 min, 10 min, 1 h, then hourly.
#[must_use]
pub fn next_check(now: Timestamp, checks: u32) -> Timestamp {
    let step = usize::try_from(checks).unwrap_or(usize::MAX).min(STEPS.len() - 1);
    now + STEPS[step]
}
