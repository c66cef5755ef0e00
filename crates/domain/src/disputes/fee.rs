//! The fee of a dispute, where it is told later than the dispute: once, and it never changes again.

use crate::kernel::{DisputeId, Money, Timestamp};
use crate::refunds::RefundableCharge;

use super::{Actor, DisputeEvent, DisputeRefusal, Disputed, EntryKind, HistoryHead, Settled};

impl RefundableCharge {
    /// Takes in what is told of a known dispute's fee, in minor units of the dispute's currency: who tells none says
    /// nothing of it, and the first who does is believed.
    ///
    /// # Errors
    /// `NoSuchDispute`; `BadFee` for what is no fee; `Differs` when another fee was told before.
    pub fn tell_fee(
        &self,
        id: DisputeId,
        fee_minor: Option<i64>,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Settled, DisputeRefusal> {
        let dispute = self.dispute(id).ok_or(DisputeRefusal::NoSuchDispute(id))?;
        let Some(told) = fee_minor else { return Ok(Settled::AlreadyApplied) };
        possible_fee(told)?;
        match dispute.told.fee_minor {
            Some(known) if known == told => return Ok(Settled::AlreadyApplied),
            Some(_) => return Err(DisputeRefusal::Differs { known: id }),
            None => {}
        }
        let detail = Money::new(told, dispute.told.amount.currency()).to_string();
        let entry = self.entry(dispute, by.clone(), (EntryKind::FeeTold, detail), now);
        let charge = self.with_dispute(id, now, |dispute| {
            dispute.told.fee_minor = Some(told);
            dispute.history = HistoryHead::after(&entry);
        });
        let events = vec![DisputeEvent::FeeTold(id)];
        Ok(Settled::Changed(Box::new(Disputed { charge, dispute: id, entries: vec![entry], events })))
    }
}

/// A fee is nothing, or as much as an amount may be.
pub(super) fn possible_fee(minor: i64) -> Result<(), DisputeRefusal> {
    if (0..=Money::MAX_MINOR).contains(&minor) { Ok(()) } else { Err(DisputeRefusal::BadFee(minor)) }
}
