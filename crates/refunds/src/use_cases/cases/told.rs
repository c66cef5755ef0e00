//! What others are told of guests' disputes: in the same change.

use std::collections::BTreeMap;

use tender_domain::dispute_cases::{CaseEvent, CaseSource, DisputeCase};
use tender_domain::kernel::{Caller, Message};
use tender_domain::refunds::RefundableCharge;
use tender_events::{DisputeCreated, DisputeResolved, DisputeUpdated, Envelope, PublicEvent};
use tender_http::current_traceparent;

use super::super::disputes::Audited;
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
                ("guest_dispute.updated", DisputeUpdated::of_guest(charge, case).into_message(envelope))
            }
            CaseEvent::Resolved { from } => {
                let resolved = DisputeResolved::of_guest(charge, case, from.as_str().to_owned());
                ("guest_dispute.resolved", resolved.into_message(envelope))
            }
        };
        let mut details = BTreeMap::from([
            ("status".to_owned(), case.status.as_str().to_owned()),
            ("tier".to_owned(), case.tier.number().to_string()),
            ("requested".to_owned(), case.requested.to_string()),
        ]);
        if let Some(decision) = &case.decision {
            details.insert("decision".to_owned(), decision.kind.as_str().to_owned());
            details.insert("amount".to_owned(), decision.amount.to_string());
        }
        if let Some(assigned) = &case.assigned_to {
            details.insert("assigned_to".to_owned(), assigned.clone());
        }
        let reason = case.decision.as_ref().map(|decision| decision.reason.as_str());
        let of = Audited { resource_id: case.id.to_string(), intent: case.intent_id, version: case.version };
        let audit = self.audit(caller, (action, reason), of, details);
        let event = (case.source == CaseSource::Guest).then_some(message);
        event.into_iter().chain([audit]).collect()
    }
}
