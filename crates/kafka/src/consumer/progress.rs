//! How far a group member has come in each of its partitions: what may be committed.

use std::collections::{BTreeSet, HashMap};

use tender_domain::kernel::Topic;

/// A partition of a topic.
pub(crate) type Slot = (Topic, i32);

/// Names one grant of a partition. A partition that was taken away and came back is granted anew, and what is left
/// over from before does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Grant(u64);

/// The partitions granted now, and what is done in each.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    slots: HashMap<Slot, SlotProgress>,
    grants: u64,
}

#[derive(Debug)]
struct SlotProgress {
    grant: Grant,
    /// The offset after the last that was begun.
    next: Option<i64>,
    /// Begun, not finished.
    open: BTreeSet<i64>,
    /// What the brokers were last asked to keep.
    committed: Option<i64>,
}

impl SlotProgress {
    /// Everything below this offset is done.
    fn position(&self) -> Option<i64> {
        self.open.first().copied().or(self.next)
    }

    fn news(&self) -> Option<i64> {
        self.position().filter(|position| self.committed != Some(*position))
    }
}

impl Progress {
    /// The partition is ours from now on.
    pub(crate) fn grant(&mut self, slot: Slot) {
        self.grants += 1;
        let fresh =
            SlotProgress { grant: Grant(self.grants), next: None, open: BTreeSet::new(), committed: None };
        self.slots.insert(slot, fresh);
    }

    /// The partition is no longer ours. Gives the position that was not committed yet.
    pub(crate) fn revoke(&mut self, slot: Slot) -> Option<i64> {
        // A position that was sent but perhaps not taken is sent once more: it costs nothing.
        self.slots.remove(&slot)?.position()
    }

    /// A record is taken up. None when the partition is not ours, or the record was taken up before.
    pub(crate) fn begin(&mut self, slot: Slot, offset: i64) -> Option<Grant> {
        let progress = self.slots.get_mut(&slot)?;
        if progress.next.is_some_and(|next| offset < next) {
            return None;
        }
        progress.next = Some(offset + 1);
        progress.open.insert(offset);
        Some(progress.grant)
    }

    /// The effects of a record are durable.
    pub(crate) fn finish(&mut self, slot: Slot, grant: Grant, offset: i64) {
        if let Some(progress) = self.slots.get_mut(&slot).filter(|progress| progress.grant == grant) {
            progress.open.remove(&offset);
        }
    }

    /// Whether this grant still holds.
    pub(crate) fn holds(&self, slot: Slot, grant: Grant) -> bool {
        self.slots.get(&slot).is_some_and(|progress| progress.grant == grant)
    }

    /// The positions that moved since the last time this was asked.
    pub(crate) fn take_moved(&mut self) -> Vec<(Slot, i64)> {
        let mut moved = Vec::new();
        for (slot, progress) in &mut self.slots {
            if let Some(position) = progress.news() {
                progress.committed = Some(position);
                moved.push((*slot, position));
            }
        }
        moved
    }

    /// The brokers did not take what they were asked to keep; it is to be asked again.
    pub(crate) fn forget_commits(&mut self) {
        for progress in self.slots.values_mut() {
            progress.committed = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SLOT: Slot = (Topic::PAYMENT_PROCESSED, 3);

    fn granted() -> Progress {
        let mut progress = Progress::default();
        progress.grant(SLOT);
        progress
    }

    #[test]
    fn only_the_done_prefix_is_committed() {
        let mut progress = granted();
        let grant = progress.begin(SLOT, 10).unwrap();
        progress.begin(SLOT, 11).unwrap();
        progress.begin(SLOT, 14).unwrap();
        assert_eq!(
            progress.take_moved(),
            [(SLOT, 10)],
            "nothing is done, so the first is where to begin again"
        );
        progress.finish(SLOT, grant, 11);
        assert_eq!(progress.take_moved(), [], "what is done behind an open one waits");
        progress.finish(SLOT, grant, 10);
        assert_eq!(progress.take_moved(), [(SLOT, 14)]);
        progress.finish(SLOT, grant, 14);
        assert_eq!(progress.take_moved(), [(SLOT, 15)]);
        assert_eq!(progress.take_moved(), [], "nothing new");
        progress.forget_commits();
        assert_eq!(progress.take_moved(), [(SLOT, 15)], "a commit that failed is repeated");
    }

    #[test]
    fn a_record_that_comes_again_is_not_taken_up_again() {
        let mut progress = granted();
        assert!(progress.begin(SLOT, 5).is_some());
        assert!(progress.begin(SLOT, 5).is_none());
        assert!(progress.begin(SLOT, 4).is_none());
        assert!(progress.begin(SLOT, 6).is_some());
    }

    #[test]
    fn a_partition_that_went_and_came_back_owes_nothing_to_the_time_before() {
        let mut progress = granted();
        let before = progress.begin(SLOT, 5).unwrap();
        progress.begin(SLOT, 6).unwrap();
        progress.finish(SLOT, before, 5);
        assert_eq!(progress.revoke(SLOT), Some(6));
        assert!(progress.begin(SLOT, 6).is_none(), "it is another's now");
        assert!(!progress.holds(SLOT, before));
        progress.grant(SLOT);
        let after = progress.begin(SLOT, 6).unwrap();
        progress.finish(SLOT, before, 6);
        assert_eq!(progress.take_moved(), [(SLOT, 6)], "an old grant finishes nothing");
        assert!(progress.holds(SLOT, after) && !progress.holds(SLOT, before));
    }
}
