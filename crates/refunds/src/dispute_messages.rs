//! From what happened to a dispute to what others are told.

use tender_domain::disputes::{Dispute, DisputeEvent, Disputed};
use tender_domain::kernel::{Message, Timestamp};
use tender_domain::ports::Ids;
use tender_domain::refunds::RefundableCharge;
use tender_events::{
    AlertRaised, AlertSeverity, ChargebackReceived, CreditNoteRequested, DisputeCreated, DisputeResolved,
    DisputeUpdated, Envelope, PublicEvent,
};

/// The messages of one change.
pub(crate) struct DisputeMessages<'a> {
    /// New message ids.
    pub(crate) ids: &'a (dyn Ids + 'static),
    /// The trace of the request behind the change.
    pub(crate) traceparent: Option<String>,
    /// When the change is made.
    pub(crate) now: Timestamp,
}

impl DisputeMessages<'_> {
    /// The messages of what happened, in order.
    pub(crate) fn of(&self, disputed: &Disputed) -> Vec<Message> {
        let charge = &disputed.charge;
        let Some(dispute) = charge.dispute(disputed.dispute) else { return Vec::new() };
        disputed.events.iter().flat_map(|event| self.messages(charge, dispute, *event)).collect()
    }

    fn messages(&self, charge: &RefundableCharge, dispute: &Dispute, event: DisputeEvent) -> Vec<Message> {
        match event {
            DisputeEvent::Opened(_) => vec![
                DisputeCreated::of(charge, dispute).into_message(self.envelope()),
                ChargebackReceived::of(charge, dispute).into_message(self.envelope()),
            ],
            DisputeEvent::Updated(_) => {
                vec![DisputeUpdated::of(charge, dispute, None).into_message(self.envelope())]
            }
            DisputeEvent::FeeTold(_) => {
                let fee = dispute.told.fee_minor.filter(|minor| *minor > 0);
                vec![DisputeUpdated::of(charge, dispute, fee).into_message(self.envelope())]
            }
            DisputeEvent::Resolved { from, .. } => {
                let resolved = DisputeResolved::of(charge, dispute, from.as_str().to_owned());
                let note = CreditNoteRequested::of(charge, dispute, from);
                let note = note.map(|note| note.into_message(self.envelope()));
                std::iter::once(resolved.into_message(self.envelope())).chain(note).collect()
            }
            DisputeEvent::Shortfall { missing, .. } => {
                let detail = format!(
                    "{missing} more than was captured of it is taken of the charge {}: {} captured, {} refunded, {} \
                     taken by disputes",
                    charge.gateway_reference,
                    charge.captured(),
                    charge.refunded(),
                    charge.disputed()
                );
                vec![self.alert(charge, dispute, ("charge_shortfall", AlertSeverity::Critical), detail)]
            }
            DisputeEvent::ReplyRefused { kind, .. } => {
                let detail = format!(
                    "{} did not take the {} of its dispute: see the dispute's history, and answer it by {}",
                    dispute.told.processor,
                    kind.as_str(),
                    dispute.evidence_due_by.map_or_else(|| "its day".to_owned(), |due| due.to_rfc3339())
                );
                vec![self.alert(charge, dispute, ("dispute_reply_refused", AlertSeverity::Warning), detail)]
            }
            DisputeEvent::OtherCurrency(_) => {
                let detail = format!(
                    "{} took back {} of a charge in {}; nothing more can be refunded of it while that stands",
                    dispute.told.processor,
                    dispute.told.amount,
                    charge.currency()
                );
                vec![self.alert(
                    charge,
                    dispute,
                    ("dispute_currency_differs", AlertSeverity::Warning),
                    detail,
                )]
            }
        }
    }

    fn alert(
        &self,
        charge: &RefundableCharge,
        dispute: &Dispute,
        (code, severity): (&str, AlertSeverity),
        detail: String,
    ) -> Message {
        let alert = AlertRaised {
            code: code.to_owned(),
            severity,
            service: "refunds".to_owned(),
            tenant_id: charge.tenant.clone(),
            subject_id: dispute.id.to_string(),
            intent_id: Some(charge.intent_id),
            detail,
            version: dispute.version,
            raised_at: self.now,
        };
        alert.into_message(self.envelope())
    }

    fn envelope(&self) -> Envelope {
        Envelope { id: self.ids.event(), traceparent: self.traceparent.clone() }
    }
}
