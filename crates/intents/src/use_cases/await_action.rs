//! Waits for what a customer has to do next.

use std::sync::Arc;
use std::time::Duration;

use tender_domain::intents::{Intent, IntentStatus};
use tender_domain::kernel::{Caller, IntentId};
use tokio::time::Instant;

use super::IntentsError;
use crate::IntentsService;

/// The intent is read at most so often for one that waits: others' processes do not wake us.
const READ_EVERY: Duration = Duration::from_secs(1);

impl IntentsService {
    /// The intent, once something has happened to it, at the latest after `wait`; at once when nothing is awaited, or
    /// too many wait already.
    pub(crate) async fn await_action(
        self: &Arc<Self>,
        caller: &Caller,
        id: IntentId,
        wait: Duration,
    ) -> Result<Arc<Intent>, IntentsError> {
        self.await_change(caller, id, wait, awaits).await
    }

    /// The intent, once no gateway is being asked for it any more, at the latest after `wait`.
    pub(super) async fn await_outcome(
        self: &Arc<Self>,
        caller: &Caller,
        id: IntentId,
        wait: Duration,
    ) -> Result<Arc<Intent>, IntentsError> {
        self.await_change(caller, id, wait, |intent| intent.status == IntentStatus::Processing).await
    }

    async fn await_change(
        self: &Arc<Self>,
        caller: &Caller,
        id: IntentId,
        wait: Duration,
        awaits: fn(&Intent) -> bool,
    ) -> Result<Arc<Intent>, IntentsError> {
        let deadline = Instant::now() + wait;
        let waiter = if wait.is_zero() { None } else { self.waiters.enter(id) };
        // Read after it listens: what happens in between is heard.
        let mut intent = self.get_intent(caller, id).await?;
        let Some(mut waiter) = waiter else { return Ok(intent) };
        let seen = intent.version;
        while intent.version == seen && awaits(&intent) {
            let (now, read_at) = (Instant::now(), Instant::now() + READ_EVERY);
            if now >= deadline {
                break;
            }
            tokio::select! {
                biased;
                // Woken by a commit of this process, which is not awaited twice within a moment.
                () = waiter.woken() => {}
                () = tokio::time::sleep_until(read_at.min(deadline)) => {}
            }
            intent = self.get_intent(caller, id).await?;
            if intent.version == seen {
                tokio::time::sleep_until(read_at.min(deadline)).await;
            }
        }
        Ok(intent)
    }
}

/// Whether something is to happen that the client does not do itself, or does elsewhere.
fn awaits(intent: &Intent) -> bool {
    matches!(intent.status, IntentStatus::Processing | IntentStatus::RequiresAction)
}
