//! What the audit log is told of what people do with disputes: in the same change.

use tender_domain::disputes::{Dispute, DisputeStatus, ToldChargeback};
use tender_domain::kernel::{Answer, Caller, IntakeId, IntentId, Message, Timestamp, Version};
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

impl RefundsService {
    /// The message that a caller did something with a dispute, which is now as given.
    pub(in crate::use_cases) fn audited(
        &self,
        caller: &Caller,
        deed: &Deed<'_>,
        intent: IntentId,
        now: &Dispute,
    ) -> Message {
        let event = AuditRecorded::by(
            caller,
            ("refunds", deed.action),
            now.id.to_string(),
            now.version,
            self.clock.now(),
        );
        let event = event.about(intent).because(deed.reason.map(str::to_owned));
        let mut event = event.with("status", now.status.as_str()).with("amount", now.told.amount);
        if let Some(from) = deed.from {
            event = event.with("was", from.as_str());
        }
        event.into_message(Envelope { id: self.ids.event(), traceparent: current_traceparent() })
    }

    /// The message that a caller replaced rules of the tenant's, by their answers: those that are there now, and those of
    /// before where some had been set.
    pub(in crate::use_cases) fn audited_rules(
        &self,
        caller: &Caller,
        (action, version): (&str, Version),
        (before, now): (Option<Answer>, &Answer),
    ) -> Message {
        let at = self.clock.now();
        let event = AuditRecorded::by(caller, ("refunds", action), caller.tenant.to_string(), version, at);
        let mut event = event.with("rules", &now.body);
        if let Some(before) = before {
            event = event.with("rules_before", before.body);
        }
        event.into_message(Envelope { id: self.ids.event(), traceparent: current_traceparent() })
    }

    /// The message that a caller told of a chargeback whose charge is not known yet.
    pub(super) fn kept_waiting(
        &self,
        caller: &Caller,
        id: IntakeId,
        told: &ToldChargeback,
        now: Timestamp,
    ) -> Message {
        let done = ("refunds", "chargeback.recorded");
        let event = AuditRecorded::by(caller, done, id.to_string(), Version::FIRST, now)
            .with("status", told.standing.as_str())
            .with("amount", told.dispute.amount)
            .with("gateway_reference", &told.gateway_reference);
        event.into_message(Envelope { id: self.ids.event(), traceparent: current_traceparent() })
    }
}
