//! What the tries of all kinds of messages have in common.

use futures_util::{StreamExt, stream};
use tender_domain::intents::IntentWrite;
use tender_domain::kernel::{Change, CommitError, Message, NotificationId, TenantId, Version};
use tender_domain::notices::{Dispatch, DispatchEnd};
use tender_events::{AlertRaised, AlertSeverity, Envelope, PublicEvent};

use super::IntentsError;
use crate::IntentsService;

/// How many messages are tried at once: one that waits for its server holds up none of the others for long.
const CONCURRENCY: usize = 16;

/// Tries all of these; how many did not fail on our own side.
pub(super) async fn try_each<W: Future<Output = Result<(), IntentsError>>>(
    due: Vec<(TenantId, NotificationId)>,
    try_one: impl Fn((TenantId, NotificationId)) -> W,
) -> usize {
    let tried = stream::iter(due).map(|message| {
        let id = message.1;
        let trying = try_one(message);
        async move {
            match trying.await {
                Ok(()) => true,
                Err(error) => {
                    tracing::warn!(notification = %id, %error, "a message could not be tried; it is tried again");
                    false
                }
            }
        }
    });
    let tried: Vec<bool> = tried.buffer_unordered(CONCURRENCY).collect().await;
    tried.into_iter().filter(|tried| *tried).count()
}

/// Counts how a try ended.
pub(super) fn count(kind: &'static str, end: DispatchEnd) {
    metrics::counter!("tender_notices_total", "kind" => kind, "outcome" => end.as_str()).increment(1);
}

impl IntentsService {
    /// Commits a step of a try; false when somebody else was faster.
    pub(super) async fn commit_try(&self, change: Change<IntentWrite>) -> Result<bool, IntentsError> {
        match self.store.commit(change.in_background()).await {
            Ok(_) => Ok(true),
            Err(CommitError::Conflict) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Tells a person of a message that will never be delivered. Says nothing of whom it was for: that is in its row.
    pub(super) fn lost(
        &self,
        (tenant, id): (&TenantId, NotificationId),
        what: &str,
        ended: &Dispatch,
    ) -> Message {
        let why = ended.problem.as_deref().unwrap_or("it says nothing");
        let (code, severity) = ("notice_undeliverable", AlertSeverity::Warning);
        let alert = AlertRaised {
            code: code.to_owned(),
            severity,
            service: "intents".to_owned(),
            tenant_id: tenant.clone(),
            subject_id: id.to_string(),
            intent_id: None,
            detail: format!("{what} could not be delivered, after {} tries in vain: {why}", ended.failures),
            version: Version::FIRST,
            raised_at: self.clock.now(),
        };
        alert.into_message(Envelope { id: self.ids.event(), traceparent: None })
    }
}
