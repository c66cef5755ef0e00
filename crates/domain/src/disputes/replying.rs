//! What is replied to the disputes of a charge, and what their processors made of it.

use crate::kernel::{DisputeId, Timestamp};
use crate::refunds::RefundableCharge;

use super::charge::{may_write, wrong_status};
use super::{
    Actor, DisputeEvent, DisputeRefusal, DisputeReply, DisputeStep, Disputed, EntryKind, Evidence,
    HistoryHead, ReplyEnd, ReplyKind, ReplyPath, ReplyStatus,
};

/// What replying did: the charge and the reply, committed in one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replied {
    /// The charge with the dispute.
    pub disputed: Disputed,
    /// The reply.
    pub reply: DisputeReply,
}

impl RefundableCharge {
    /// Answers a dispute with evidence. It stands as before until its processor has the evidence.
    ///
    /// # Errors
    /// `NoSuchDispute`; `WrongStatus` when it is decided; `EvidenceSubmitted` when it was answered before and that was
    /// not refused: a processor takes evidence once; `TooManyNotes`.
    pub fn submit_evidence(
        &self,
        id: DisputeId,
        (evidence, path): (Evidence, ReplyPath),
        by: &Actor,
        now: Timestamp,
    ) -> Result<Replied, DisputeRefusal> {
        let dispute = self.dispute(id).ok_or(DisputeRefusal::NoSuchDispute(id))?;
        if !dispute.status.is_open() {
            return Err(wrong_status(dispute.status, "answered with evidence"));
        }
        let before = dispute.reply.filter(|reply| reply.kind == ReplyKind::Evidence);
        if before.is_some_and(|reply| reply.status != ReplyStatus::Refused) {
            return Err(DisputeRefusal::EvidenceSubmitted);
        }
        may_write(dispute, by)?;
        let what = (EntryKind::EvidenceSubmitted, evidence.described());
        let entry = self.entry(dispute, by.clone(), what, now);
        let reply = DisputeReply::begun(&entry, ReplyKind::Evidence, evidence, path);
        let charge = self.with_dispute(id, now, |dispute| {
            dispute.reply = Some(reply.standing());
            dispute.history = HistoryHead::after(&entry);
        });
        let events = vec![DisputeEvent::Updated(id)];
        Ok(Replied { disputed: Disputed { charge, dispute: id, entries: vec![entry], events }, reply })
    }

    /// Notes what a processor made of a reply. Who has evidence looks at it.
    ///
    /// # Errors
    /// `NoSuchDispute`.
    pub fn end_reply(
        &self,
        reply: &DisputeReply,
        end: &ReplyEnd,
        now: Timestamp,
    ) -> Result<Replied, DisputeRefusal> {
        let id = reply.dispute;
        let mut next = self.dispute(id).ok_or(DisputeRefusal::NoSuchDispute(id))?.clone();
        let by = Actor::processor(&next.told.processor);
        let mut events = vec![DisputeEvent::Updated(id)];
        let what = reply.kind.as_str();
        let mut said = Vec::new();
        match end {
            ReplyEnd::Told => {
                said.push((EntryKind::ReplyTold, what.to_owned()));
                let reviewed = next.status.after(DisputeStep::Review);
                if let (ReplyKind::Evidence, Some(status)) = (reply.kind, reviewed) {
                    next.status = status;
                    said.push((EntryKind::UnderReview, String::new()));
                }
            }
            ReplyEnd::Refused(why) => {
                said.push((EntryKind::ReplyRefused, format!("{what}: {why}")));
                events.push(DisputeEvent::ReplyRefused { dispute: id, kind: reply.kind });
            }
        }
        let mut entries = Vec::with_capacity(said.len());
        for one in said {
            let entry = self.entry(&next, by.clone(), one, now);
            next.history = HistoryHead::after(&entry);
            entries.push(entry);
        }
        let reply = reply.ended(end, now);
        let charge = self.with_dispute(id, now, |dispute| {
            dispute.status = next.status;
            dispute.history = next.history;
            if dispute.reply.is_some_and(|last| last.number == reply.number) {
                dispute.reply = Some(reply.standing());
            }
        });
        Ok(Replied { disputed: Disputed { charge, dispute: id, entries, events }, reply })
    }
}

impl Disputed {
    /// The same, with the processor to be told that the merchant gives in. None of what has no history, which is nothing
    /// that was decided.
    #[must_use]
    pub fn with_acceptance(mut self, path: ReplyPath) -> Option<Replied> {
        let entry = self.entries.last()?;
        let reply = DisputeReply::begun(entry, ReplyKind::Acceptance, Evidence::default(), path);
        let dispute = self.charge.disputes.iter_mut().find(|dispute| dispute.id == self.dispute)?;
        dispute.reply = Some(reply.standing());
        Some(Replied { disputed: self, reply })
    }
}
