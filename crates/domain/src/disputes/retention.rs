//! How long evidence is kept: so many days after its dispute ended, as the tenant's settings say.
//!
//! Of a tenant whose settings are not known here nothing is removed: what the default is says nothing of what it wants.

use crate::kernel::{DisputeId, TenantId, Timestamp, UploadId, Version};
use crate::refunds::RefundableCharge;

use super::charge::wrong_status;
use super::{
    Actor, DisputeEvent, DisputeRefusal, DisputeReply, Disputed, EntryKind, HistoryHead, Replied, ReplyStatus,
};

/// How long a tenant keeps the evidence of disputes: a projection of `settings.changed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeRetention {
    /// Whose.
    pub tenant: TenantId,
    /// The version of the settings.
    pub version: Version,
    /// For how many days after a dispute's end.
    pub days: u32,
    /// When we heard of it.
    pub recorded_at: Timestamp,
}

/// Evidence that was kept long enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiredEvidence {
    /// The reply that has it.
    pub reply: DisputeReply,
    /// For how many days after the dispute's end it was to be kept.
    pub days: u32,
}

impl DisputeReply {
    /// The uploads of its evidence.
    #[must_use]
    pub fn uploads(&self) -> Vec<UploadId> {
        self.evidence.files().iter().map(|one| one.upload).collect()
    }
}

impl RefundableCharge {
    /// Removes the contents of a reply's evidence. What it was about, and every hash, stays.
    ///
    /// # Errors
    /// `NoSuchDispute`; `WrongStatus` while the dispute is open, its processor is still being told, or the contents were
    /// removed before.
    pub fn remove_evidence(
        &self,
        expired: &ExpiredEvidence,
        now: Timestamp,
    ) -> Result<Replied, DisputeRefusal> {
        let ExpiredEvidence { reply, days } = expired;
        let id: DisputeId = reply.dispute;
        let dispute = self.dispute(id).ok_or(DisputeRefusal::NoSuchDispute(id))?;
        let is_over = !dispute.status.is_open() && reply.status != ReplyStatus::Telling;
        if !is_over || reply.removed_at.is_some() {
            return Err(wrong_status(dispute.status, "freed of its evidence"));
        }
        let evidence = &reply.evidence;
        let detail = format!(
            "of reply {}: {} texts and {} files, {} days after its end",
            reply.number,
            evidence.texts().len(),
            evidence.files().len(),
            days
        );
        let by = Actor::service("retention");
        let entry = self.entry(dispute, by, (EntryKind::EvidenceRemoved, detail), now);
        let charge = self.with_dispute(id, now, |dispute| dispute.history = HistoryHead::after(&entry));
        let events = vec![DisputeEvent::Updated(id)];
        let disputed = Disputed { charge, dispute: id, entries: vec![entry], events };
        Ok(Replied { disputed, reply: reply.without_contents(now) })
    }
}
