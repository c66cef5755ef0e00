//! What a payment that goes on adds to its windows: as guards of the attempt's own commit, so that of many at once no
//! more get through than a rule permits.

use crate::kernel::{Guard, Timestamp};

use super::{Condition, FraudContext, FraudPolicy, Window, WindowCounts};

/// The kind of the counters.
pub const FRAUD_VELOCITY: &str = "fraud_velocity";

/// The guards of a payment that goes on. A rule that has not fired must still not fire at the commit: else the commit
/// says `LimitReached`, and the decision is made anew with what is counted then. Rules that fired already let go on what
/// they let go on.
///
/// The twelfth before the current one is guarded too: it must not have grown since it was read.
#[must_use]
pub fn velocity_guards(
    policy: &FraudPolicy,
    context: &FraudContext,
    counts: &WindowCounts,
    now: Timestamp,
) -> Vec<Guard> {
    let mut guards = Vec::new();
    for window in policy.windows(context) {
        let (total, growth) = (window.total(counts, now), window.growth(context));
        let current = window.key(now, 0);
        let earlier = total.saturating_sub(counts.of(&current));
        let limits = policy.rules.iter().flat_map(|set| &set.rules).filter_map(|rule| {
            let of_window = Window::of(&rule.condition, context).is_some_and(|other| other == window);
            at_most(&rule.condition).filter(|_| of_window)
        });
        let still_holds = limits.filter(|limit| total.saturating_add(growth) <= *limit).min();
        let limit = still_holds.map_or(i64::MAX, |limit| limit.saturating_sub(earlier));
        guards.push(Guard::Count { kind: FRAUD_VELOCITY, key: current, by: growth, limit });
        if still_holds.is_some() {
            let key = window.key(now, 1);
            let limit = counts.of(&key);
            guards.push(Guard::Count { kind: FRAUD_VELOCITY, key, by: 0, limit });
        }
    }
    guards
}

pub(super) fn at_most(condition: &Condition) -> Option<i64> {
    match condition {
        Condition::VelocityCount { at_most, .. } => Some(i64::from(*at_most)),
        Condition::VelocityAmount { at_most, .. } => Some(*at_most),
        _ => None,
    }
}
