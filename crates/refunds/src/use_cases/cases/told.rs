//! What others are told of guests' disputes: in the same change.

use tender_domain::dispute_cases::{CaseEvent, CaseSource, DisputeCase};
use tender_domain::kernel::{Caller, Message};
use tender_domain::refunds::RefundableCharge;
use tender_events::{AuditRecorded, DisputeCreated, DisputeResolved, DisputeUpdated, Envelope, PublicEvent};
use tender_http::current_traceparent;

use crate::RefundsService;

impl RefundsService {
    /// What happened to a case: the event, and the audit log's line of who did it. Of a chargeback's case people are not
    /// told, for nothing of the chargeback changed.
    pub(super) fn told_of_case(
        &self,
        caller: &Caller,
        (charge, case): (&RefundableCharge, &DisputeCase),
        event: CaseEvent,
    ) -> Vec<Message> {
        let envelope = Envelope { id: self.ids.event(), traceparent: current_traceparent() };
        let (action, message) = match event {
            CaseEvent::Opened => {
                ("guest_dispute.opened", DisputeCreated::of_guest(charge, case).into_message(envelope))
            }
            CaseEvent::Updated => {
                ("guest_dispute.updated", DisputeUpdated::of_guest(charge, case, None).into_message(envelope))
            }
            CaseEvent::Resolved { from } => {
                let resolved = DisputeResolved::of_guest(charge, case, from.as_str().to_owned());
                ("guest_dispute.resolved", resolved.into_message(envelope))
            }
        };
        let reason = case.decision.as_ref().map(|decision| decision.reason.clone());
        let mut audit = AuditRecorded::by(
            caller,
            ("refunds", action),
            case.id.to_string(),
            case.version,
            self.clock.now(),
        )
        .about(case.intent_id)
        .because(reason)
        .with("status", case.status.as_str())
        .with("tier", case.tier.number())
        .with("requested", case.requested);
        if let Some(decision) = &case.decision {
            audit = audit.with("decision", decision.kind.as_str()).with("amount", decision.amount);
        }
        if let Some(assigned) = &case.assigned_to {
            audit = audit.with("assigned_to", assigned);
        }
        let audit = audit.into_message(Envelope { id: self.ids.event(), traceparent: current_traceparent() });
        let event = (case.source == CaseSource::Guest).then_some(message);
        event.into_iter().chain([audit]).collect()
    }
}
