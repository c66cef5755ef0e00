//! Records that could not be handled yet and wait for their next try, each partition by itself.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::progress::{Grant, Slot};

/// What waits, by partition. While a partition waits it is paused, and what still comes of it lines up behind, so the
/// order within it is kept. `T` is a record.
pub(super) struct Backlog<T> {
    waiting: HashMap<Slot, Waiting<T>>,
    first: Duration,
    most: Duration,
}

struct Waiting<T> {
    grant: Grant,
    records: Vec<T>,
    due: Instant,
    /// Tries that failed in a row.
    failures: u32,
}

impl<T> Backlog<T> {
    /// Waits `first` before the second try, then twice as long each time, at most `most`.
    pub(super) fn new(first: Duration, most: Duration) -> Self {
        Self { waiting: HashMap::new(), first, most }
    }

    /// Lines a new record up if its partition waits; else gives it back.
    pub(super) fn line_up(&mut self, slot: Slot, grant: Grant, record: T) -> Option<T> {
        match self.waiting.get_mut(&slot) {
            Some(waiting) if waiting.grant == grant => {
                waiting.records.push(record);
                None
            }
            _ => Some(record),
        }
    }

    /// When the next partition is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.waiting.values().map(|waiting| waiting.due).min()
    }

    /// Takes what is due by now. The partitions still wait until [`settle`](Self::settle).
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<T> {
        let due = self.waiting.values_mut().filter(|waiting| waiting.due <= now);
        due.flat_map(|waiting| std::mem::take(&mut waiting.records)).collect()
    }

    /// After a try: what failed waits on, its partitions with it; partitions tried without a failure are free again.
    pub(super) fn settle(&mut self, failed: Vec<(Slot, Grant, T)>, now: Instant) -> Settled {
        let mut settled = Settled::default();
        let mut again: HashMap<Slot, (Grant, Vec<T>)> = HashMap::new();
        for (slot, grant, record) in failed {
            again.entry(slot).or_insert_with(|| (grant, Vec::new())).1.push(record);
        }
        for (slot, (grant, records)) in again {
            let before = self.waiting.remove(&slot).filter(|waiting| waiting.grant == grant);
            if before.is_none() {
                settled.pause.push(slot);
            }
            let failures = before.map_or(0, |waiting| waiting.failures) + 1;
            let due = now + self.pause(failures);
            self.waiting.insert(slot, Waiting { grant, records, due, failures });
        }
        let free: Vec<Slot> =
            self.waiting.iter().filter(|(_, w)| w.records.is_empty()).map(|(slot, _)| *slot).collect();
        for slot in free {
            self.waiting.remove(&slot);
            settled.resume.push(slot);
        }
        settled
    }

    /// Drops partitions whose grant has ended.
    pub(super) fn retain(&mut self, holds: impl Fn(Slot, Grant) -> bool) {
        self.waiting.retain(|slot, waiting| holds(*slot, waiting.grant));
    }

    fn pause(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(16);
        self.first.saturating_mul(1 << doublings).min(self.most)
    }
}

/// Which partitions to stop and to start reading.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Settled {
    pub(super) pause: Vec<Slot>,
    pub(super) resume: Vec<Slot>,
}

#[cfg(test)]
mod tests {
    use tender_domain::kernel::Topic;

    use super::super::progress::Progress;
    use super::*;

    const SLOT: Slot = (Topic::PAYMENT_PROCESSED, 0);
    const FIRST: Duration = Duration::from_millis(100);
    const MOST: Duration = Duration::from_millis(350);

    fn grant() -> Grant {
        let mut progress = Progress::default();
        progress.grant(SLOT);
        progress.begin(SLOT, 0).unwrap()
    }

    #[test]
    fn a_partition_waits_longer_each_time_and_is_free_after_success() {
        let (grant, now) = (grant(), Instant::now());
        let mut backlog = Backlog::new(FIRST, MOST);
        assert_eq!(backlog.settle(vec![(SLOT, grant, 'a')], now).pause, [SLOT]);
        for wait in [100, 200, 350, 350] {
            let due = backlog.next_due().unwrap();
            assert!(backlog.take_due(due - Duration::from_millis(1)).is_empty());
            assert_eq!(backlog.take_due(due), ['a']);
            let settled = backlog.settle(vec![(SLOT, grant, 'a')], due);
            assert_eq!(settled, Settled::default(), "it is paused already");
            assert!(backlog.next_due().unwrap() - due >= Duration::from_millis(wait));
        }
        let due = backlog.next_due().unwrap();
        assert_eq!(backlog.take_due(due), ['a']);
        assert_eq!(backlog.settle(Vec::new(), due).resume, [SLOT]);
        assert_eq!(backlog.next_due(), None);
    }

    #[test]
    fn what_comes_later_of_a_waiting_partition_lines_up_behind() {
        let (grant, now) = (grant(), Instant::now());
        let mut backlog = Backlog::new(FIRST, MOST);
        assert_eq!(backlog.line_up(SLOT, grant, 'x'), Some('x'), "nothing waits");
        let _ = backlog.settle(vec![(SLOT, grant, 'a'), (SLOT, grant, 'b')], now);
        assert_eq!(backlog.line_up(SLOT, grant, 'c'), None);
        assert_eq!(backlog.take_due(now + FIRST), ['a', 'b', 'c']);
    }

    #[test]
    fn what_waited_under_an_old_grant_is_dropped() {
        let (grant, now) = (grant(), Instant::now());
        let mut backlog = Backlog::new(FIRST, MOST);
        let _ = backlog.settle(vec![(SLOT, grant, 'a')], now);
        backlog.retain(|_, _| false);
        assert_eq!(backlog.take_due(now + FIRST), Vec::<char>::new());
        assert_eq!(backlog.settle(Vec::new(), now), Settled::default());
    }
}
