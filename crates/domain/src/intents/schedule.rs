//! When a call whose outcome is not known is pursued again (contract §4).

use std::time::Duration;

use uuid::Uuid;

use crate::kernel::{Timestamp, spread};
use crate::ports::UnknownOutcome;

/// How long a call of a gateway may take before it counts as unanswered: its own deadline and some slack. A started
/// call older than this was interrupted.
pub const CALL_DEADLINE: Duration = Duration::from_secs(15);

/// How long an outcome is pursued, counted from its call; then it stands in the queue for a person.
pub const PURSUED_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

const STEPS: [Duration; 5] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(120),
    Duration::from_secs(600),
    Duration::from_secs(3600),
];

/// What decides when an outcome that is not known is pursued next.
#[derive(Debug, Clone, Copy)]
pub struct Pursuit {
    /// When the call was begun.
    pub since: Timestamp,
    /// How often its outcome was pursued before.
    pub checks: u32,
    /// What tells this call from others: its id. It spreads the steps, the same for the same call.
    pub seed: Uuid,
    /// How its gateway lets an unknown outcome be cleared up.
    pub how: UnknownOutcome,
}

impl Pursuit {
    /// When it is pursued next: after 5 s, 30 s, 2 min, 10 min, 1 h, then hourly for [`PURSUED_FOR`], each step
    /// prolonged by up to an eighth. While its gateway cannot be asked (any more), at the end of that time, for only a
    /// callback can end it. None once the time is over: it is a person's.
    #[must_use]
    pub fn next(&self, now: Timestamp) -> Option<Timestamp> {
        let end = self.since + PURSUED_FOR;
        if now >= end {
            return None;
        }
        let place = usize::try_from(self.checks).unwrap_or(usize::MAX).min(STEPS.len() - 1);
        let next = now + STEPS[place] + spread(STEPS[place], self.seed, self.checks);
        Some(if self.may_ask(next) { next.min(end) } else { end })
    }

    /// Whether the gateway may be asked at this moment: always by our reference; by sending the same request again only
    /// while it still keeps the key when the request arrives; never where only its callback tells.
    #[must_use]
    pub fn may_ask(&self, now: Timestamp) -> bool {
        match self.how {
            UnknownOutcome::Lookup => true,
            UnknownOutcome::Replay { key_life } => now + CALL_DEADLINE < self.since + key_life,
            UnknownOutcome::CallbackOnly => false,
        }
    }
}
