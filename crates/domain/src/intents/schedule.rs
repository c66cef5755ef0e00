//! When a call whose outcome is not known is pursued again (contract §4).

use std::time::Duration;

use uuid::Uuid;

use crate::kernel::Timestamp;
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

/// A step is prolonged by up to this part of it, so that what failed together does not come back together.
const JITTER_PART: u32 = 8;

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
        let next = now + STEPS[place] + self.jitter(STEPS[place]);
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

    fn jitter(&self, step: Duration) -> Duration {
        // Both halves: the one of a version-7 UUID is its time, the other its random bits.
        let (high, low) = self.seed.as_u64_pair();
        let draw = high ^ low.rotate_left(17) ^ u64::from(self.checks);
        // The finalizer of MurmurHash3 spreads neighbours.
        let draw = (draw ^ (draw >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        let draw = (draw ^ (draw >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        let millis = u64::try_from((step / JITTER_PART).as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis((draw ^ (draw >> 33)) % millis.max(1))
    }
}
