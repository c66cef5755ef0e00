//! What the audit log is told.

use std::collections::BTreeMap;

use tender_domain::kernel::{Caller, IntentId, Message, Timestamp, Version};
use tender_domain::ports::Ids;
use tender_events::{AuditRecorded, Envelope, PublicEvent};
use tender_http::current_traceparent;

/// What was done to which version of what.
pub(in crate::use_cases) struct Done {
    pub(in crate::use_cases) action: &'static str,
    pub(in crate::use_cases) resource_id: String,
    /// When it is about one payment.
    pub(in crate::use_cases) intent: Option<IntentId>,
    pub(in crate::use_cases) reason: Option<String>,
    pub(in crate::use_cases) detail: String,
    pub(in crate::use_cases) version: Version,
}

/// The message that a caller did something.
pub(in crate::use_cases) fn audited(
    ids: &(dyn Ids + 'static),
    caller: &Caller,
    done: Done,
    now: Timestamp,
) -> Message {
    let event = AuditRecorded {
        action: done.action.to_owned(),
        subject: caller.subject.to_string(),
        actor: caller.actor.as_ref().map(ToString::to_string),
        resource_id: done.resource_id,
        reason: done.reason,
        intent_id: done.intent,
        details: BTreeMap::from([("detail".to_owned(), done.detail)]),
        service: "intents".to_owned(),
        tenant_id: caller.tenant.clone(),
        version: done.version,
        recorded_at: now,
    };
    event.into_message(Envelope { id: ids.event(), traceparent: current_traceparent() })
}
