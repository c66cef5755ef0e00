//! Who of those who read an intent asks its gateway, in this process.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tender_domain::kernel::IntentId;

/// The intents whose open outcomes are being looked up for a reader: however many read, a gateway is asked once at a
/// time.
#[derive(Debug, Default)]
pub(crate) struct Askers {
    asked: Mutex<HashSet<IntentId>>,
}

/// The one that asks, until it is dropped.
pub(crate) struct Asker<'a> {
    askers: &'a Askers,
    intent: IntentId,
}

impl Askers {
    /// Becomes the one that asks about an intent; none while another one does.
    pub(crate) fn enter(&self, intent: IntentId) -> Option<Asker<'_>> {
        let is_first = self.lock().insert(intent);
        is_first.then(|| Asker { askers: self, intent })
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<IntentId>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Asker<'_> {
    fn drop(&mut self) {
        self.askers.lock().remove(&self.intent);
    }
}
