//! A soft decline, answered by the same payment once more with authentication.

use std::sync::Arc;

use tender_domain::intents::Intent;
use tender_domain::kernel::AttemptId;
use tender_domain::ports::Decline;
use tender_http::ServerTiming;

use super::drive::Recorder;
use super::{Charging, IntentsError};
use crate::IntentsService;

/// What is stepped up.
pub(super) struct SoftDecline {
    /// The attempt that was declined.
    pub(super) attempt: AttemptId,
    pub(super) decline: Decline,
    /// What the next attempt is made with.
    pub(super) charging: Charging,
}

impl IntentsService {
    /// Records the decline with the start of the next attempt, and drives that one. It forces authentication, so that it
    /// is not stepped up again.
    pub(super) async fn step_up(
        self: &Arc<Self>,
        intent: Arc<Intent>,
        soft: SoftDecline,
        recorder: Recorder,
        timing: &ServerTiming,
    ) -> Result<Arc<Intent>, IntentsError> {
        // The same for every decision, so that a repeated one starts the same attempt.
        let next: AttemptId = self.ids.next();
        let decide =
            |intent: &Intent, now| intent.record_soft_decline(soft.attempt, soft.decline.clone(), next, now);
        // The answer of the request is what the next attempt comes to.
        let key = |after: &Intent| match after.attempt(next) {
            Some(_) => None,
            None => recorder.finish(after),
        };
        let intent = self.record(intent, decide, key, &recorder).await?;
        match intent.attempt(next) {
            Some(_) => {
                metrics::counter!("tender_step_ups_total").increment(1);
                Box::pin(self.drive_attempt(intent, next, soft.charging, recorder, timing)).await
            }
            None => Ok(intent),
        }
    }
}
