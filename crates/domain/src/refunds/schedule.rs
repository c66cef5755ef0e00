//! When a gateway is asked again about a call whose outcome is not known (contract §4).

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
}
