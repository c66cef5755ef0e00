//! Those who wait for something to happen to an intent, in this process.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tender_domain::kernel::IntentId;
use tokio::sync::watch;

/// The most that wait at once.
const WAITERS_MAX: usize = 1_024;

/// Who waits for which intent.
#[derive(Debug, Default)]
pub(crate) struct Waiters {
    /// How many wait: a commit that nobody waits for looks at this only.
    count: AtomicUsize,
    by_intent: Mutex<HashMap<IntentId, watch::Sender<()>>>,
}

/// One that waits, until it is dropped.
pub(crate) struct Waiter<'a> {
    waiters: &'a Waiters,
    intent: IntentId,
    told: watch::Receiver<()>,
}

impl Waiters {
    /// Begins to wait; none when too many do. What happens from now on is heard.
    pub(crate) fn enter(&self, intent: IntentId) -> Option<Waiter<'_>> {
        let mut by_intent = self.lock();
        if self.count.load(Ordering::Acquire) >= WAITERS_MAX {
            return None;
        }
        self.count.fetch_add(1, Ordering::AcqRel);
        let told = by_intent.entry(intent).or_insert_with(|| watch::Sender::new(())).subscribe();
        Some(Waiter { waiters: self, intent, told })
    }

    /// Something was committed about an intent.
    pub(crate) fn wake(&self, intent: IntentId) {
        if self.count.load(Ordering::Acquire) == 0 {
            return;
        }
        if let Some(sender) = self.lock().get(&intent) {
            sender.send_replace(());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IntentId, watch::Sender<()>>> {
        self.by_intent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter<'_> {
    /// Waits until something was committed in this process.
    pub(crate) async fn woken(&mut self) {
        // The sender lives as long as somebody waits.
        if self.told.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut by_intent = self.waiters.lock();
        self.waiters.count.fetch_sub(1, Ordering::AcqRel);
        // This one is still counted among the receivers.
        if by_intent.get(&self.intent).is_some_and(|sender| sender.receiver_count() <= 1) {
            by_intent.remove(&self.intent);
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn intent(number: u128) -> IntentId {
        IntentId::from_uuid(Uuid::from_u128(number))
    }

    #[tokio::test]
    async fn who_waits_is_woken_by_its_intent_alone_also_by_what_happened_before_it_listened() {
        let waiters = Waiters::default();
        let (mut one, mut other) =
            (waiters.enter(intent(1)).expect("room"), waiters.enter(intent(2)).expect("room"));
        waiters.wake(intent(1));
        one.woken().await;
        tokio::select! {
            biased;
            () = other.woken() => panic!("nothing happened to it"),
            () = tokio::task::yield_now() => {}
        }
    }

    #[test]
    fn no_more_wait_than_there_is_room_for_and_nothing_is_left_of_those_who_went() {
        let waiters = Waiters::default();
        let all: Vec<_> = (0..WAITERS_MAX).map(|number| waiters.enter(intent(number as u128 % 7))).collect();
        assert!(all.iter().all(Option::is_some) && waiters.enter(intent(1)).is_none());
        drop(all);
        assert!(waiters.lock().is_empty() && waiters.enter(intent(1)).is_some());
    }
}
