//! Tells people of disputes that must be answered soon.

use tender_domain::dispute_cases::{DisputeReminder, DueDispute};
use tender_domain::kernel::{Change, CommitError, Save, Version};
use tender_events::{AlertRaised, AlertSeverity, Envelope, PublicEvent};

use super::super::RefundsError;
use crate::RefundsService;

impl RefundsService {
    /// Reminds of a dispute, once at the distance that it has reached. Says whether it was told now.
    pub(crate) async fn remind_of(&self, due: DueDispute) -> Result<bool, RefundsError> {
        let now = self.clock.now();
        let Some(hours_before) = DisputeReminder::hours_reached(due.due_at, now) else { return Ok(false) };
        let alert = AlertRaised {
            code: "dispute_due".to_owned(),
            severity: AlertSeverity::Warning,
            service: "refunds".to_owned(),
            tenant_id: due.tenant.clone(),
            subject_id: due.dispute.to_string(),
            intent_id: Some(due.intent_id),
            detail: format!(
                "the dispute over {} must be answered by {}, in less than {hours_before} hours",
                due.amount,
                due.due_at.to_rfc3339()
            ),
            version: Version::FIRST,
            raised_at: now,
        };
        let reminder = DisputeReminder {
            tenant: due.tenant.clone(),
            dispute: due.dispute,
            due_at: due.due_at,
            hours_before,
            at: now,
        };
        let change = Change::of(due.tenant)
            .save(Save::<DisputeReminder>::new(reminder))
            .tell([alert.into_message(Envelope { id: self.ids.event(), traceparent: None })])
            .in_background();
        match self.store.commit(change).await {
            Ok(_) => Ok(true),
            // Another process was faster.
            Err(CommitError::Refused { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
