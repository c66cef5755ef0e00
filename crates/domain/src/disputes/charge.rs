//! What is done to the disputes of a charge: one aggregate with its refunds.

use crate::kernel::{DisputeId, Money, Timestamp, Version, to_micros};
use crate::refunds::RefundableCharge;

use super::fee::possible_fee;
use super::{
    Actor, ActorKind, Dispute, DisputeEntry, DisputeEvent, DisputeRefusal, DisputeStatus, DisputeStep,
    EntryKind, HistoryHead, Resolution, ToldDispute,
};

/// What became of a charge by what was done to one of its disputes. All of it is committed in one change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disputed {
    /// The next state.
    pub charge: RefundableCharge,
    /// The dispute that changed.
    pub dispute: DisputeId,
    /// What its history is told.
    pub entries: Vec<DisputeEntry>,
    /// What others are told.
    pub events: Vec<DisputeEvent>,
}

impl Disputed {
    /// The same, and what was done to it next: as one change.
    pub fn then(&mut self, next: Self) {
        self.charge = next.charge;
        self.entries.extend(next.entries);
        self.events.extend(next.events);
    }
}

/// What deciding a dispute did.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Settled {
    /// The dispute changed.
    Changed(Box<Disputed>),
    /// It stood so already, or what was told is older than what is known.
    AlreadyApplied,
}

/// How a dispute is decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// `Won`, `Lost` or `Accepted`.
    pub status: DisputeStatus,
    /// Who says so.
    pub by: Actor,
    /// Why, in words.
    pub reason: Option<String>,
    /// When it was decided.
    pub decided_at: Timestamp,
    /// Whether it may overturn what was decided the other way. A processor's word always may.
    pub overturns: bool,
}

/// What people change of a dispute; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DisputeUpdate {
    /// The merchant's answer is looked at.
    pub under_review: bool,
    /// Something to write down.
    pub note: Option<String>,
    /// Until when evidence must be handed in.
    pub evidence_due_by: Option<Timestamp>,
}

impl RefundableCharge {
    /// The most disputes one charge may have.
    pub const DISPUTES_MAX: usize = 100;
    /// After so many entries a dispute's history takes what happens outside, and nothing more of people.
    pub const NOTES_MAX: u32 = 500;

    /// What disputes take of it: everything that is not won. More than was captured where they took more.
    #[must_use]
    pub fn disputed(&self) -> Money {
        // Also what did not last: a dispute takes what it took.
        let captured = self.ever_captured();
        // Bounded by the number of disputes and the largest amount.
        Money::new(self.disputes.iter().map(|one| one.taken_of(captured).minor()).sum(), self.currency())
    }

    /// What refunds and disputes take beyond what was captured; zero when they do not.
    #[must_use]
    pub fn shortfall(&self) -> Money {
        let taken = self.disputed().minor().saturating_add(self.refunded().minor());
        Money::new(taken.saturating_sub(self.captured().minor()).max(0), self.currency())
    }

    /// The dispute with this id.
    #[must_use]
    pub fn dispute(&self, id: DisputeId) -> Option<&Dispute> {
        self.disputes.iter().find(|dispute| dispute.id == id)
    }

    /// Opens a dispute. The money is taken already: whatever was refunded before, this lands.
    ///
    /// # Errors
    /// `BadAmount` and `BadFee` for what is no amount, `TooManyDisputes`.
    pub fn open_dispute(
        &self,
        id: DisputeId,
        told: ToldDispute,
        by: Actor,
        now: Timestamp,
    ) -> Result<Disputed, DisputeRefusal> {
        Money::positive(told.amount.minor(), told.amount.currency())?;
        told.fee_minor.map(possible_fee).transpose()?;
        if self.disputes.len() >= Self::DISPUTES_MAX {
            return Err(DisputeRefusal::TooManyDisputes(Self::DISPUTES_MAX));
        }
        let mut dispute = Dispute {
            id,
            version: Version::FIRST,
            charge_id: self.id,
            intent_id: self.intent_id,
            customer_id: self.customer_id.clone(),
            merchant_account_id: self.merchant_account_id.clone(),
            livemode: self.livemode,
            evidence_due_by: told.respond_by,
            status: DisputeStatus::NeedsResponse,
            resolution: None,
            reply: None,
            history: HistoryHead::EMPTY,
            created_at: now,
            updated_at: now,
            told,
        };
        let detail = format!("{} for {}", dispute.told.amount, dispute.told.reason.as_str());
        let entry = self.entry(&dispute, by, (EntryKind::Opened, detail), now);
        dispute.history = HistoryHead::after(&entry);
        let other_currency = dispute.told.amount.currency() != self.currency();
        let mut charge = self.stepped(now);
        charge.disputes.push(dispute);
        let mut events = vec![DisputeEvent::Opened(id)];
        events.extend(other_currency.then_some(DisputeEvent::OtherCurrency(id)));
        events.extend(self.grown_shortfall(&charge, id));
        Ok(Disputed { charge, dispute: id, entries: vec![entry], events })
    }

    /// Decides a dispute, or decides it the other way.
    ///
    /// # Errors
    /// `NoSuchDispute`; `Decided` when it is decided the other way and the outcome does not overturn that;
    /// `WrongStatus` for an outcome that is none, or that a decided dispute cannot have; `TooManyNotes`.
    pub fn decide_dispute(
        &self,
        id: DisputeId,
        outcome: Outcome,
        now: Timestamp,
    ) -> Result<Settled, DisputeRefusal> {
        let dispute = self.dispute(id).ok_or(DisputeRefusal::NoSuchDispute(id))?;
        let from = dispute.status;
        let by_processor = outcome.by.kind == ActorKind::Processor;
        if from == outcome.status || (by_processor && says_nothing_new(dispute, &outcome)) {
            return Ok(Settled::AlreadyApplied);
        }
        let step =
            step_to(from, outcome.status).ok_or_else(|| wrong_status(from, outcome.status.as_str()))?;
        if step == DisputeStep::Overturn && !outcome.overturns && !by_processor {
            return Err(DisputeRefusal::Decided(from));
        }
        let status = from.after(step).ok_or_else(|| wrong_status(from, outcome.status.as_str()))?;
        may_write(dispute, &outcome.by)?;
        let detail = outcome.reason.clone().unwrap_or_default();
        let entry = self.entry(dispute, outcome.by.clone(), (entry_kind(status), detail), now);
        let resolution = Resolution {
            number: dispute.decided_times().saturating_add(1),
            decided_at: to_micros(outcome.decided_at),
            by: outcome.by,
            reason: outcome.reason,
        };
        let charge = self.with_dispute(id, now, |dispute| {
            dispute.status = status;
            dispute.resolution = Some(resolution);
            dispute.history = HistoryHead::after(&entry);
        });
        let mut events = vec![DisputeEvent::Resolved { dispute: id, from }];
        events.extend(self.grown_shortfall(&charge, id));
        Ok(Settled::Changed(Box::new(Disputed { charge, dispute: id, entries: vec![entry], events })))
    }

    /// Changes what people may change of a dispute.
    ///
    /// # Errors
    /// `NoSuchDispute`; `WrongStatus` when it is to be under review and is decided, or its day is changed then;
    /// `TooManyNotes`.
    pub fn update_dispute(
        &self,
        id: DisputeId,
        update: &DisputeUpdate,
        by: &Actor,
        now: Timestamp,
    ) -> Result<Settled, DisputeRefusal> {
        let dispute = self.dispute(id).ok_or(DisputeRefusal::NoSuchDispute(id))?;
        let mut next = dispute.clone();
        let mut said = Vec::new();
        if update.under_review && next.status != DisputeStatus::UnderReview {
            let review = next.status.after(DisputeStep::Review);
            next.status = review.ok_or_else(|| wrong_status(dispute.status, "put under review"))?;
            said.push((EntryKind::UnderReview, String::new()));
        }
        let due = update.evidence_due_by.map(to_micros).filter(|due| next.evidence_due_by != Some(*due));
        if let Some(due) = due {
            if !dispute.status.is_open() {
                return Err(wrong_status(dispute.status, "given another day"));
            }
            next.evidence_due_by = Some(due);
            said.push((EntryKind::EvidenceDue, due.to_rfc3339()));
        }
        if let Some(note) = &update.note {
            said.push((EntryKind::Note, note.clone()));
        }
        if said.is_empty() {
            return Ok(Settled::AlreadyApplied);
        }
        may_write(dispute, by)?;
        let mut entries = Vec::with_capacity(said.len());
        for what in said {
            let entry = self.entry(&next, by.clone(), what, now);
            next.history = HistoryHead::after(&entry);
            entries.push(entry);
        }
        let charge = self.with_dispute(id, now, |stored| {
            *stored = Dispute { version: stored.version, updated_at: stored.updated_at, ..next };
        });
        let events = vec![DisputeEvent::Updated(id)];
        Ok(Settled::Changed(Box::new(Disputed { charge, dispute: id, entries, events })))
    }

    pub(super) fn entry(
        &self,
        dispute: &Dispute,
        by: Actor,
        what: (EntryKind, String),
        now: Timestamp,
    ) -> DisputeEntry {
        DisputeEntry::next((&self.tenant, dispute.id), dispute.history, by, what, now)
    }

    pub(super) fn with_dispute(
        &self,
        id: DisputeId,
        now: Timestamp,
        change: impl FnOnce(&mut Dispute),
    ) -> Self {
        let mut next = self.stepped(now);
        if let Some(dispute) = next.disputes.iter_mut().find(|dispute| dispute.id == id) {
            change(dispute);
            dispute.version = dispute.version.next();
            dispute.updated_at = now;
        }
        next
    }

    /// Told whenever more is missing than before.
    fn grown_shortfall(&self, after: &Self, dispute: DisputeId) -> Option<DisputeEvent> {
        let (before, missing) = (self.shortfall(), after.shortfall());
        (missing.minor() > before.minor()).then_some(DisputeEvent::Shortfall { dispute, missing })
    }
}

/// People may not make a history longer than that; what happens outside always lands.
pub(super) fn may_write(dispute: &Dispute, by: &Actor) -> Result<(), DisputeRefusal> {
    if by.kind == ActorKind::Person && dispute.history.number >= RefundableCharge::NOTES_MAX {
        return Err(DisputeRefusal::TooManyNotes(RefundableCharge::NOTES_MAX));
    }
    Ok(())
}

/// A processor's word that came late: about something before what is known. And what was given in is lost as well.
fn says_nothing_new(dispute: &Dispute, outcome: &Outcome) -> bool {
    let Some(known) = &dispute.resolution else { return false };
    let given_in = dispute.status == DisputeStatus::Accepted && outcome.status == DisputeStatus::Lost;
    given_in || (known.by.kind == ActorKind::Processor && outcome.decided_at < known.decided_at)
}

/// The step that leads to an outcome.
fn step_to(from: DisputeStatus, outcome: DisputeStatus) -> Option<DisputeStep> {
    let step = match outcome {
        DisputeStatus::Won if from.is_open() => DisputeStep::Win,
        DisputeStatus::Lost if from.is_open() => DisputeStep::Lose,
        DisputeStatus::Accepted => DisputeStep::Accept,
        DisputeStatus::Won | DisputeStatus::Lost => DisputeStep::Overturn,
        DisputeStatus::NeedsResponse | DisputeStatus::UnderReview => return None,
    };
    (from.after(step) == Some(outcome)).then_some(step)
}

const fn entry_kind(outcome: DisputeStatus) -> EntryKind {
    match outcome {
        DisputeStatus::Won => EntryKind::Won,
        DisputeStatus::Lost => EntryKind::Lost,
        _ => EntryKind::Accepted,
    }
}

pub(super) const fn wrong_status(status: DisputeStatus, wanted: &'static str) -> DisputeRefusal {
    DisputeRefusal::WrongStatus { status, wanted }
}
