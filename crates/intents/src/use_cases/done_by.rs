//! What the audit log is told of what the merchant's people do with a payment: in the same change.

use tender_domain::intents::Intent;
use tender_domain::kernel::{Caller, Message, Timestamp};
use tender_events::{AuditRecorded, Envelope, PublicEvent};
use tender_http::current_traceparent;

use crate::IntentsService;

impl IntentsService {
    /// The message that somebody of the merchant's did something (`intent.capture_asked`) with an intent, which is now as
    /// given; none where a machine or the payer did. `detail` is what else one must know of it, by its name.
    pub(super) fn done_by(
        &self,
        caller: &Caller,
        action: &str,
        (name, detail): (&str, String),
        (now, at): (&Intent, Timestamp),
    ) -> Option<Message> {
        if !caller.may_be_a_person() || caller.only_customer().is_some() {
            return None;
        }
        let done = ("intents", action);
        let event = AuditRecorded::by(caller, done, now.id.to_string(), now.version, at)
            .about(now.id)
            .with(name, detail)
            .with("status", now.status.as_str())
            .with("intent_amount", now.amount);
        Some(event.into_message(Envelope { id: self.ids.event(), traceparent: current_traceparent() }))
    }
}
