//! When a gateway is asked again: about a call whose outcome is not known (contract §4), and for what it did not do.

use std::time::Duration;

use crate::kernel::Timestamp;

/// The ages of a call at which the gateway is asked about it.
///
/// By age rather than by count, so that a question out of turn (somebody reads the refund) moves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookupSchedule {
    /// The first ages, increasing.
    pub ages: Vec<Duration>,
    /// Afterwards every so often.
    pub repeat: Duration,
    /// From this age on nobody asks any more; a person has to look.
    pub give_up_after: Duration,
}

impl Default for LookupSchedule {
    /// After 5 s, 30 s, 2 min, 10 min, 1 h, then hourly for 7 days.
    fn default() -> Self {
        Self {
            ages: [5, 30, 120, 600, 3_600].map(Duration::from_secs).to_vec(),
            repeat: Duration::from_secs(3_600),
            give_up_after: Duration::from_secs(7 * 24 * 3_600),
        }
    }
}

impl LookupSchedule {
    /// When a call that began at `started_at` is asked about next, seen from `now`; none when it is given up.
    #[must_use]
    pub fn next_after(&self, started_at: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let age = (now - started_at).to_std().unwrap_or_default();
        let listed = self.ages.iter().find(|at| **at > age).copied();
        let next = listed.unwrap_or_else(|| self.repeated_after(age));
        (next <= self.give_up_after).then(|| started_at + next)
    }

    /// The first multiple of the repetition, counted from the last listed age, that lies after `age`.
    fn repeated_after(&self, age: Duration) -> Duration {
        let last = self.ages.last().copied().unwrap_or_default();
        let repeat = self.repeat.max(Duration::from_secs(1));
        let passed = age.saturating_sub(last).as_secs() / repeat.as_secs();
        let turns = u32::try_from(passed.saturating_add(1)).unwrap_or(u32::MAX);
        last.saturating_add(repeat.saturating_mul(turns))
    }
}

/// The pauses between the calls of a refund, while its gateway does not do it for reasons that pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrySchedule {
    /// The least pause after the first call, the second, and so on. After one more call than there are pauses the refund
    /// has failed.
    pub pauses: Vec<Duration>,
}

impl Default for RetrySchedule {
    /// After 5 s, 1 min, 10 min, 1 h, 6 h, and twice after a day: eight calls in some two days and a half. What passes
    /// last is a balance at the gateway that does not suffice.
    fn default() -> Self {
        Self { pauses: [5, 60, 600, 3_600, 6 * 3_600, 86_400, 86_400].map(Duration::from_secs).to_vec() }
    }
}

impl RetrySchedule {
    /// The longest of a pause's lengthenings is a pause divided by this.
    const SPREAD: u32 = 4;

    /// When the call after so many is made, seen from `now`; none when there is no other. `chance` lengthens the pause, by
    /// nothing (0) up to a quarter (255), so that what a gateway refused at one moment does not come back at one moment.
    #[must_use]
    pub fn next_after(&self, calls: u32, now: Timestamp, chance: u8) -> Option<Timestamp> {
        let place = usize::try_from(calls).ok()?.checked_sub(1)?;
        let pause = *self.pauses.get(place)?;
        Some(now + pause + pause * u32::from(chance) / (u32::from(u8::MAX) * Self::SPREAD))
    }
}

/// When a gateway is asked again, for what happens to a refund now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RefundPacing {
    /// About a call whose outcome is not known.
    pub lookups: LookupSchedule,
    /// For a refund that it did not do.
    pub retries: RetrySchedule,
    /// By how much a pause is lengthened, see [`RetrySchedule::next_after`].
    pub chance: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_timestamp(1_800_000_000 + secs, 0).unwrap()
    }

    #[test]
    fn a_call_is_asked_about_at_the_ages_of_the_contract() {
        let schedule = LookupSchedule::default();
        let mut now = at(0);
        let mut ages = Vec::new();
        while let Some(next) = schedule.next_after(at(0), now) {
            assert!(next > now, "the next question lies in the future");
            ages.push((next - at(0)).num_seconds());
            now = next;
        }
        assert_eq!(&ages[..7], [5, 30, 120, 600, 3_600, 7_200, 10_800]);
        assert_eq!(ages.last(), Some(&(7 * 24 * 3_600)), "and then no more");
    }

    #[test]
    fn a_question_out_of_turn_moves_nothing() {
        let schedule = LookupSchedule::default();
        assert_eq!(schedule.next_after(at(0), at(31)), Some(at(120)));
        assert_eq!(schedule.next_after(at(0), at(90)), Some(at(120)));
        assert_eq!(schedule.next_after(at(0), at(-3)), Some(at(5)), "a clock that went back does not panic");
    }

    #[test]
    fn calls_are_made_again_after_longer_and_longer_pauses_and_then_no_more() {
        let retries = RetrySchedule::default();
        let pause = |calls, chance| Some((retries.next_after(calls, at(0), chance)? - at(0)).num_seconds());
        let least: Vec<_> = (1..=7).map_while(|calls| pause(calls, 0)).collect();
        assert_eq!(least, [5, 60, 600, 3_600, 21_600, 86_400, 86_400]);
        assert_eq!((pause(8, 0), pause(0, 0)), (None, None));
        let chances: Vec<_> = [0, 128, 255].iter().filter_map(|chance| pause(3, *chance)).collect();
        assert_eq!(chances, [600, 675, 750], "at most a quarter more");
    }
}
