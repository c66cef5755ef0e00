use std::time::Duration;

use crate::kernel::{TenantId, Timestamp};

/// After how many failures to deliver a callback waits how long; then it is given up, and stays in the books.
const RETRY_DELAYS_SECONDS: [u64; 12] =
    [1, 2, 5, 15, 30, 60, 300, 900, 3_600, 6 * 3_600, 12 * 3_600, 24 * 3_600];

/// One callback in the simulator's outbox: one delivery of one event, written with what it tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookedCallback {
    /// Whose.
    pub tenant: TenantId,
    /// Its id; of an event that is delivered twice there are two.
    pub id: String,
    /// The event's id, as the receiver sees it.
    pub event_id: String,
    /// The caller's reference of the call or payment it tells of.
    pub reference: String,
    /// What is sent, byte for byte.
    pub body: String,
    /// When it is sent next; none once it was delivered or given up.
    pub due_at: Option<Timestamp>,
    /// How often it was sent in vain.
    pub failures: u32,
    /// When its receiver said that it has it.
    pub delivered_at: Option<Timestamp>,
}

impl BookedCallback {
    /// The receiver has it.
    #[must_use]
    pub fn delivered(&self, now: Timestamp) -> Self {
        Self { due_at: None, delivered_at: Some(now), ..self.clone() }
    }

    /// The receiver did not say that it has it: later again, or given up after the last delay.
    #[must_use]
    pub fn failed(&self, now: Timestamp) -> Self {
        let place = usize::try_from(self.failures).unwrap_or(usize::MAX);
        let delay = RETRY_DELAYS_SECONDS.get(place).map(|seconds| Duration::from_secs(*seconds));
        let failures = self.failures.saturating_add(1);
        Self { due_at: delay.map(|delay| now + delay), failures, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_sent_again_later_and_later_and_given_up_in_the_end() {
        let now: Timestamp = "2026-03-04T12:00:00Z".parse().expect("an instant");
        let mut callback = BookedCallback {
            tenant: TenantId::sandbox(),
            id: "cb_1".into(),
            event_id: "evt_1".into(),
            reference: "att_1".into(),
            body: "{}".into(),
            due_at: Some(now),
            failures: 0,
            delivered_at: None,
        };
        let mut waits = Vec::new();
        while callback.due_at.is_some() {
            callback = callback.failed(now);
            waits.extend(callback.due_at.map(|due| (due - now).num_seconds()));
        }
        assert_eq!((waits.len(), waits[0]), (RETRY_DELAYS_SECONDS.len(), 1));
        assert!(waits.is_sorted(), "{waits:?}");
        assert_eq!(callback.delivered_at, None);
    }
}
