//! From what happened to what others are told.

use tender_domain::kernel::{Message, Money, Timestamp, Version};
use tender_domain::ports::Ids;
use tender_domain::refunds::{Refund, RefundEvent, RefundableCharge};
use tender_events::{AlertRaised, AlertSeverity, Envelope, PublicEvent, RefundFailed, RefundProcessed};

/// The messages of one change.
pub(crate) struct Messages<'a> {
    /// New message ids.
    pub(crate) ids: &'a (dyn Ids + 'static),
    /// The trace of the request behind the change.
    pub(crate) traceparent: Option<String>,
    /// When the change is made.
    pub(crate) now: Timestamp,
}

impl Messages<'_> {
    /// The messages of what happened to refunds of `charge`, in order.
    pub(crate) fn of(&self, charge: &RefundableCharge, events: &[RefundEvent]) -> Vec<Message> {
        events.iter().filter_map(|event| self.message(charge, *event)).collect()
    }

    fn message(&self, charge: &RefundableCharge, event: RefundEvent) -> Option<Message> {
        match event {
            RefundEvent::Processed(id) => {
                Some(RefundProcessed::of(charge, charge.refund(id)?)?.into_message(self.envelope()))
            }
            RefundEvent::Failed { refund, after_success } => Some(
                RefundFailed::of(charge, charge.refund(refund)?, after_success)?
                    .into_message(self.envelope()),
            ),
            RefundEvent::Conflicted(id) => Some(self.conflict(charge, charge.refund(id)?)),
            RefundEvent::GivenUp(id) => Some(self.given_up(charge, charge.refund(id)?)),
            RefundEvent::Uncovered { missing } => Some(self.uncovered(charge, missing)),
            RefundEvent::Shortfall { refund, missing } => {
                Some(self.shortfall(charge, charge.refund(refund)?, missing))
            }
        }
    }

    fn conflict(&self, charge: &RefundableCharge, refund: &Refund) -> Message {
        let said = refund.conflict().map_or_else(String::new, |said| {
            let before = if said.amount == refund.amount { ", by an earlier call," } else { "" };
            format!("{}{before} as {}", said.amount, said.gateway_reference)
        });
        let detail = match refund.failure() {
            Some(failure) => format!(
                "{} was asked to refund {}: {}; the refund stays failed until a person settles it, and its charge has {} \
                 captured, {} refunded, {} taken by disputes",
                charge.connector,
                refund.amount,
                failure.message,
                charge.captured(),
                charge.refunded(),
                charge.disputed()
            ),
            None => format!(
                "{} was asked to refund {} and says it refunded {said}; the refund stays {} until a person settles it",
                charge.connector,
                refund.amount,
                refund.status().as_str()
            ),
        };
        self.alert(charge, named(refund), ("refund_amount_conflict", AlertSeverity::Critical), detail)
    }

    fn shortfall(&self, charge: &RefundableCharge, refund: &Refund, missing: Money) -> Message {
        let detail = format!(
            "{} was given back in the dashboard of {}: {missing} more than was captured is taken of the charge {}: {} \
             captured, {} refunded, {} taken by disputes",
            refund.amount,
            charge.connector,
            charge.gateway_reference,
            charge.captured(),
            charge.refunded(),
            charge.disputed()
        );
        self.alert(charge, named(refund), ("charge_shortfall", AlertSeverity::Critical), detail)
    }

    fn uncovered(&self, charge: &RefundableCharge, missing: Money) -> Message {
        let detail = format!(
            "{} took back what it had captured: {missing} more than is left is taken of the charge {}: {} captured, {} \
             taken back, {} refunded, {} taken by disputes",
            charge.connector,
            charge.gateway_reference,
            charge.ever_captured(),
            charge.taken_back(),
            charge.refunded(),
            charge.disputed()
        );
        let of = (charge.id.to_string(), charge.version);
        self.alert(charge, of, ("charge_shortfall", AlertSeverity::Critical), detail)
    }

    fn given_up(&self, charge: &RefundableCharge, refund: &Refund) -> Message {
        let detail = format!(
            "whether {} refunded {}, asked for as {}, could not be found out in the time set for it; ask the gateway and \
             resolve the refund",
            charge.connector,
            refund.amount,
            refund.call()
        );
        self.alert(charge, named(refund), ("refund_outcome_unknown", AlertSeverity::Critical), detail)
    }

    fn alert(
        &self,
        charge: &RefundableCharge,
        (subject_id, version): (String, Version),
        (code, severity): (&str, AlertSeverity),
        detail: String,
    ) -> Message {
        let alert = AlertRaised {
            code: code.to_owned(),
            severity,
            service: "refunds".to_owned(),
            tenant_id: charge.tenant.clone(),
            subject_id,
            intent_id: Some(charge.intent_id),
            detail,
            version,
            raised_at: self.now,
        };
        alert.into_message(self.envelope())
    }

    fn envelope(&self) -> Envelope {
        Envelope { id: self.ids.event(), traceparent: self.traceparent.clone() }
    }
}

/// A refund that an alert is about.
fn named(refund: &Refund) -> (String, Version) {
    (refund.id.to_string(), refund.version)
}
