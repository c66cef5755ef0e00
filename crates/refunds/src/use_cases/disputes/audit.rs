//! What the audit log is told of what people do with disputes: in the same change.

use std::collections::BTreeMap;

use tender_domain::disputes::{Dispute, DisputeStatus};
use tender_domain::kernel::{Caller, IntentId, Message, Version};
use tender_events::{AuditRecorded, Envelope, PublicEvent};
use tender_http::current_traceparent;

use crate::RefundsService;

/// What a person did.
pub(in crate::use_cases) struct Deed<'a> {
    /// Stable and machine-readable (`dispute.decided`).
    pub(in crate::use_cases) action: &'static str,
    /// How it stood before; none of a new one.
    pub(in crate::use_cases) from: Option<DisputeStatus>,
    /// Why, in the person's words.
    pub(in crate::use_cases) reason: Option<&'a str>,
}

/// What something was done with.
pub(in crate::use_cases) struct Audited {
    /// Its id.
    pub(in crate::use_cases) resource_id: String,
    /// The payment it belongs to.
    pub(in crate::use_cases) intent: IntentId,
    /// Its version now.
    pub(in crate::use_cases) version: Version,
}

impl RefundsService {
    /// The message that a caller did something with a dispute, which is now as given.
    pub(in crate::use_cases) fn audited(
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
        let of = Audited { resource_id: now.id.to_string(), intent, version: now.version };
        self.audit(caller, (deed.action, deed.reason), of, details)
    }

    /// The message that a caller did something with one of a payment's things.
    pub(in crate::use_cases) fn audit(
        &self,
        caller: &Caller,
        (action, reason): (&str, Option<&str>),
        of: Audited,
        details: BTreeMap<String, String>,
    ) -> Message {
        let event = AuditRecorded {
            action: action.to_owned(),
            service: "refunds".to_owned(),
            tenant_id: caller.tenant.clone(),
            subject: caller.subject.to_string(),
            actor: caller.actor.as_deref().map(str::to_owned),
            resource_id: of.resource_id,
            intent_id: Some(of.intent),
            reason: reason.map(str::to_owned),
            details,
            version: of.version,
            recorded_at: self.clock.now(),
        };
        event.into_message(Envelope { id: self.ids.event(), traceparent: current_traceparent() })
    }
}
