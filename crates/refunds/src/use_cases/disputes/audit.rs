//! What the audit log is told of what people do with disputes: in the same change.

use std::collections::BTreeMap;

use tender_domain::disputes::{Dispute, DisputeStatus};
use tender_domain::kernel::{Caller, IntentId, Message};
use tender_events::{AuditRecorded, Envelope, PublicEvent};
use tender_http::current_traceparent;

use crate::RefundsService;

/// What a person did.
pub(super) struct Deed<'a> {
    /// Stable and machine-readable (`dispute.decided`).
    pub(super) action: &'static str,
    /// How it stood before; none of a new one.
    pub(super) from: Option<DisputeStatus>,
    /// Why, in the person's words.
    pub(super) reason: Option<&'a str>,
}

impl RefundsService {
    /// The message that a caller did something with a dispute, which is now as given.
    pub(super) fn audited(
        &self,
        caller: &Caller,
        deed: &Deed<'_>,
        intent: IntentId,
        now: &Dispute,
    ) -> Message {
        let mut details = BTreeMap::from([
            ("status".to_owned(), now.status.as_str().to_owned()),
            ("amount".to_owned(), now.told.amount.to_string()),
        ]);
        if let Some(from) = deed.from {
            details.insert("was".to_owned(), from.as_str().to_owned());
        }
        let event = AuditRecorded {
            action: deed.action.to_owned(),
            service: "refunds".to_owned(),
            tenant_id: caller.tenant.clone(),
            subject: caller.subject.to_string(),
            actor: caller.actor.as_deref().map(str::to_owned),
            resource_id: now.id.to_string(),
            intent_id: Some(intent),
            reason: deed.reason.map(str::to_owned),
            details,
            version: now.version,
            recorded_at: self.clock.now(),
        };
        event.into_message(Envelope { id: self.ids.event(), traceparent: current_traceparent() })
    }
}
