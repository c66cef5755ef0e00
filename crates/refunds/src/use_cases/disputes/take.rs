//! Takes in what a processor tells of a dispute: once by the processor's reference, whatever comes how often.

use std::sync::Arc;

use tender_domain::disputes::{
    Actor, ChargebackIntake, Dispute, DisputeRefusal, DisputeStatus, DisputeUpdate, Disputed, Outcome,
    Settled, ToldChargeback, ToldDispute,
};
use tender_domain::kernel::{
    Answer, Caller, Change, CommitError, DisputeId, Guard, IntakeId, Lane, Message, Save, TenantId, Timestamp,
};
use tender_domain::refunds::{RefundWrite, RefundableCharge};
use tender_events::{ChargebackUnmatched, Envelope, PublicEvent};
use tender_http::RequestKey;

use super::super::RefundsError;
use super::super::retry::{RECORDINGS_MAX, pause};
use super::audit::Deed;
use super::commit::{Beside, DisputeAnswered};
use crate::RefundsService;

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is this dispute.
    Dispute {
        /// The dispute.
        dispute: Box<Dispute>,
        /// Whether it was opened just now.
        is_new: bool,
    },
    /// Its charge is not known yet; it waits under this id.
    Waiting(IntakeId),
}

/// Who tells it: the processor itself, or a person for it, whom the audit log then has.
#[derive(Clone, Copy)]
pub(super) struct Teller<'a> {
    pub(super) lane: Lane,
    pub(super) person: Option<&'a Caller>,
}

impl RefundsService {
    /// Takes in what a client tells for a processor. The answer is kept under the key once the charge is known.
    ///
    /// # Errors
    /// As [`RefundsService::take_chargeback`].
    pub async fn receive_chargeback(
        &self,
        caller: &Caller,
        told: &ToldChargeback,
        key: Option<RequestKey>,
        show: fn(&Taken) -> Answer,
    ) -> Result<DisputeAnswered, RefundsError> {
        if let Some(kept) = self.kept_dispute_answer(&caller.tenant, key.as_ref()).await? {
            return Ok(kept);
        }
        let taken = self.take_from_person(caller, told).await?;
        let answer = show(&taken);
        let Taken::Dispute { dispute, .. } = taken else {
            return Ok(DisputeAnswered { answer, replayed: false, dispute: None });
        };
        let kept =
            self.keep_dispute_answer(&caller.tenant, (answer, dispute.id.to_string()), key.as_ref()).await?;
        Ok(DisputeAnswered { dispute: Some((dispute.id, dispute.version)), ..kept })
    }

    /// Takes in what a processor tells. The same again changes nothing.
    ///
    /// # Errors
    /// `Dispute(Differs)` when the reference is known with another amount, currency, charge or stated fee; see [`RefundsError`].
    pub async fn take_chargeback(
        &self,
        tenant: &TenantId,
        told: &ToldChargeback,
        lane: Lane,
    ) -> Result<Taken, RefundsError> {
        self.take_from(tenant, told, Teller { lane, person: None }).await
    }

    /// The same of what a person or a program tells for a processor: the audit log then has who did.
    pub(in crate::use_cases) async fn take_from_person(
        &self,
        caller: &Caller,
        told: &ToldChargeback,
    ) -> Result<Taken, RefundsError> {
        let from = Teller { lane: Lane::Foreground, person: Some(caller) };
        self.take_from(&caller.tenant, told, from).await
    }

    async fn take_from(
        &self,
        tenant: &TenantId,
        told: &ToldChargeback,
        from: Teller<'_>,
    ) -> Result<Taken, RefundsError> {
        let mut handover = None;
        for tries in 0..RECORDINGS_MAX {
            let processor = &told.dispute.processor;
            let charge = self.disputes.charge_by_gateway(tenant, processor, &told.gateway_reference).await?;
            let known = charge.as_ref().and_then(|charge| known_by_reference(charge, &told.dispute).cloned());
            let is_new = known.is_none();
            let taken = match (charge, known) {
                (Some(charge), Some(dispute)) => {
                    same_as_known(&dispute, &told.dispute)?;
                    self.move_on(Arc::new(charge), &dispute, told, from).await
                }
                (Some(charge), None) => self.open_told(Arc::new(charge), told, handover.take(), from).await,
                (None, _) => match self.keep_waiting(tenant, told, from).await {
                    Ok(id) => return Ok(Taken::Waiting(id)),
                    Err(error) => Err(error),
                },
            };
            match taken {
                Ok(dispute) => return Ok(Taken::Dispute { dispute: Box::new(dispute), is_new }),
                Err(RefundsError::Commit(CommitError::Conflict | CommitError::Overloaded)) => {
                    pause(tries).await;
                }
                Err(RefundsError::Commit(CommitError::ClaimTaken { owner, .. })) => {
                    match self.owner_of(tenant, &owner, told).await? {
                        Owner::Waiting(intake) if known_charge(self, tenant, told).await? => {
                            handover = Some(*intake);
                        }
                        Owner::Waiting(intake) => return self.still_waiting(*intake, told, from).await,
                        Owner::NotYet => pause(tries).await,
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// Opens the dispute where it stands, under the claim of its reference; what waited for the charge ends with it. One
    /// change, so that what was told while it waited cannot be lost in between.
    async fn open_told(
        &self,
        charge: Arc<RefundableCharge>,
        told: &ToldChargeback,
        handover: Option<ChargebackIntake>,
        from: Teller<'_>,
    ) -> Result<Dispute, RefundsError> {
        let (id, now): (DisputeId, _) = (self.ids.next(), self.clock.now());
        let by = Actor::processor(&told.dispute.processor);
        let mut first = told.dispute.clone();
        // Told while it waited, a fee is not told again by who does not know it.
        first.fee_minor = first.fee_minor.or(handover.as_ref().and_then(|waiting| waiting.told.fee_minor));
        let mut opened = charge.open_dispute(id, first, by, now)?;
        let stood = handover.as_ref().map(|waiting| (waiting.standing, waiting.updated_at));
        for (standing, at) in stood.into_iter().chain([(told.standing, told.at)]) {
            let dispute = dispute_of(&opened)?;
            if let Settled::Changed(moved) = stand(&opened.charge, &dispute, (standing, at), now)? {
                opened.then(*moved);
            }
        }
        let mut beside = self.beside(from, None, &opened)?;
        beside.guards.extend(claim(&told.dispute, id.to_string()));
        let case = self.case_of_chargeback(&opened.charge, &dispute_of(&opened)?).await?;
        beside.writes.push(case);
        if let Some(waiting) = handover {
            beside.guards.extend(release(&told.dispute, waiting.id));
            let matched = waiting.matched(id, now);
            beside.tell.push(self.told_of_intake(&matched));
            beside.writes.push(RefundWrite::Intake(Save::changed(waiting, matched)));
        }
        self.save_dispute(&charge, &opened, beside).await?;
        dispute_of(&opened)
    }

    /// Applies what is told of a known dispute: its fee, where nobody had told it, and where it stands now.
    pub(super) async fn move_on(
        &self,
        charge: Arc<RefundableCharge>,
        dispute: &Dispute,
        told: &ToldChargeback,
        from: Teller<'_>,
    ) -> Result<Dispute, RefundsError> {
        let Settled::Changed(changed) = told_again(&charge, dispute, told, self.clock.now())? else {
            return Ok(dispute.clone());
        };
        let beside = self.beside(from, Some(dispute.status), &changed)?;
        self.save_dispute(&charge, &changed, beside).await?;
        dispute_of(&changed)
    }

    async fn keep_waiting(
        &self,
        tenant: &TenantId,
        told: &ToldChargeback,
        from: Teller<'_>,
    ) -> Result<IntakeId, RefundsError> {
        let (id, now): (IntakeId, _) = (self.ids.next(), self.clock.now());
        let waiting = ChargebackIntake::unmatched(
            (tenant, id),
            &told.gateway_reference,
            told.dispute.clone(),
            told.standing,
            (now, &self.options.schedule),
        );
        let told_of_it = self.told_of_intake(&waiting);
        let mut change =
            Change::<RefundWrite>::of(tenant.clone()).tell([told_of_it]).save(Save::new(waiting));
        change.guards.extend(claim(&told.dispute, id.to_string()));
        change.messages.extend(from.person.map(|caller| self.kept_waiting(caller, id, told, now)));
        change.lane = from.lane;
        self.store.commit(change).await.map(|_| id).map_err(Into::into)
    }

    /// That a chargeback waits for its charge, or was matched: for the ledger, which holds it in between.
    fn told_of_intake(&self, intake: &ChargebackIntake) -> Message {
        self.enveloped(ChargebackUnmatched::of(intake))
    }

    fn enveloped(&self, told: ChargebackUnmatched) -> Message {
        let traceparent = tender_http::current_traceparent();
        told.into_message(Envelope { id: self.ids.event(), traceparent })
    }

    /// A chargeback that waits is told again: it stands as it was told last, and its fee is known once somebody tells it.
    async fn still_waiting(
        &self,
        intake: ChargebackIntake,
        told: &ToldChargeback,
        from: Teller<'_>,
    ) -> Result<Taken, RefundsError> {
        let id = intake.id;
        let now = self.clock.now();
        if let Some(next) = intake.told_again(told.standing, told.dispute.fee_minor, now) {
            let learns = intake.told.fee_minor.is_none();
            let fee = ChargebackUnmatched::of_fee(&next).filter(|_| learns).map(|fee| self.enveloped(fee));
            let save = Save::<ChargebackIntake>::changed(intake, next);
            let change = Change::<RefundWrite>::of(save.after.tenant.clone()).save(save);
            let change =
                change.tell(fee).tell(from.person.map(|caller| self.kept_waiting(caller, id, told, now)));
            // Told by somebody else at the same time: the sender tells it again.
            let _ = self.store.commit(Change { lane: from.lane, ..change }).await?;
        }
        Ok(Taken::Waiting(id))
    }

    /// What is written beside a dispute that was told; `was` is how it stood before, none of a new one.
    fn beside(
        &self,
        from: Teller<'_>,
        was: Option<DisputeStatus>,
        disputed: &Disputed,
    ) -> Result<Beside, RefundsError> {
        let dispute = dispute_of(disputed)?;
        let deed = Deed { action: "chargeback.recorded", from: was, reason: None };
        let intent = disputed.charge.intent_id;
        Ok(Beside {
            lane: from.lane,
            traceparent: tender_http::current_traceparent(),
            audit: from.person.map(|caller| self.audited(caller, &deed, intent, &dispute)),
            ..Beside::default()
        })
    }

    /// Who holds the claim of a processor's reference.
    async fn owner_of(
        &self,
        tenant: &TenantId,
        owner: &str,
        told: &ToldChargeback,
    ) -> Result<Owner, RefundsError> {
        if let Ok(id) = owner.parse::<IntakeId>() {
            let Some(intake) = self.disputes.intake(tenant, id).await? else { return Ok(Owner::NotYet) };
            if let Some(known) = intake.dispute {
                return self.owner_of_dispute(tenant, known, told).await;
            }
            let differs = intake.told.amount != told.dispute.amount
                || intake.told.differs_in_fee(&told.dispute)
                || intake.gateway_reference != told.gateway_reference;
            if differs {
                return Err(RefundsError::WaitsOtherwise(id));
            }
            return Ok(Owner::Waiting(Box::new(intake)));
        }
        match owner.parse::<DisputeId>() {
            Ok(id) => self.owner_of_dispute(tenant, id, told).await,
            Err(_) => Err(RefundsError::BadKeyRecord(owner.to_owned())),
        }
    }

    async fn owner_of_dispute(
        &self,
        tenant: &TenantId,
        id: DisputeId,
        told: &ToldChargeback,
    ) -> Result<Owner, RefundsError> {
        let Some(charge) = self.disputes.charge_of_dispute(tenant, id).await? else {
            return Ok(Owner::NotYet);
        };
        let Some(dispute) = charge.dispute(id) else { return Ok(Owner::NotYet) };
        // Of this very charge: it was opened a moment ago, and the next look finds it there.
        if charge.gateway_reference == told.gateway_reference {
            return Ok(Owner::NotYet);
        }
        Err(DisputeRefusal::Differs { known: dispute.id }.into())
    }
}

enum Owner {
    /// A chargeback whose charge is not known.
    Waiting(Box<ChargebackIntake>),
    /// A dispute of this charge, made a moment ago.
    NotYet,
}

async fn known_charge(
    service: &RefundsService,
    tenant: &TenantId,
    told: &ToldChargeback,
) -> Result<bool, RefundsError> {
    let (processor, reference) = (&told.dispute.processor, &told.gateway_reference);
    Ok(service.disputes.charge_by_gateway(tenant, processor, reference).await?.is_some())
}

/// What a known dispute comes to by what is told of it once more.
fn told_again(
    charge: &RefundableCharge,
    dispute: &Dispute,
    told: &ToldChargeback,
    now: Timestamp,
) -> Result<Settled, DisputeRefusal> {
    let by = Actor::processor(&dispute.told.processor);
    let stands = (told.standing, told.at);
    let learned = charge.tell_fee(dispute.id, told.dispute.fee_minor, &by, now)?;
    let Settled::Changed(mut learned) = learned else { return stand(charge, dispute, stands, now) };
    if let Settled::Changed(moved) = stand(&learned.charge, dispute, stands, now)? {
        learned.then(*moved);
    }
    Ok(Settled::Changed(learned))
}

/// Where a processor says that a dispute stands, at an instant.
fn stand(
    charge: &RefundableCharge,
    dispute: &Dispute,
    (standing, at): (DisputeStatus, Timestamp),
    now: Timestamp,
) -> Result<Settled, DisputeRefusal> {
    let by = Actor::processor(&dispute.told.processor);
    match standing {
        DisputeStatus::NeedsResponse => Ok(Settled::AlreadyApplied),
        DisputeStatus::UnderReview if !dispute.status.is_open() => Ok(Settled::AlreadyApplied),
        DisputeStatus::UnderReview => {
            let update = DisputeUpdate { under_review: true, ..DisputeUpdate::default() };
            charge.update_dispute(dispute.id, &update, &by, now)
        }
        status => {
            let outcome = Outcome { status, by, reason: None, decided_at: at, overturns: true };
            charge.decide_dispute(dispute.id, outcome, now)
        }
    }
}

/// The dispute that was told under the same reference.
pub(super) fn known_by_reference<'a>(
    charge: &'a RefundableCharge,
    told: &ToldDispute,
) -> Option<&'a Dispute> {
    let same = |known: &&Dispute| {
        known.told.processor == told.processor && known.told.processor_reference == told.processor_reference
    };
    told.processor_reference.as_ref()?;
    charge.disputes.iter().find(same)
}

/// The same reference tells of the same money; of its fee [`RefundableCharge::tell_fee`] judges.
pub(super) fn same_as_known(known: &Dispute, told: &ToldDispute) -> Result<(), DisputeRefusal> {
    if known.told.amount == told.amount { Ok(()) } else { Err(DisputeRefusal::Differs { known: known.id }) }
}

/// The claim of a processor's reference; none when there is no reference.
pub(super) fn claim(told: &ToldDispute, owner: String) -> Option<Guard> {
    let key = claim_key(told)?;
    Some(Guard::Claim { kind: RefundWrite::DISPUTE_CLAIM, key, owner })
}

fn release(told: &ToldDispute, owner: IntakeId) -> Option<Guard> {
    let key = claim_key(told)?;
    Some(Guard::Release { kind: RefundWrite::DISPUTE_CLAIM, key, owner: owner.to_string() })
}

fn claim_key(told: &ToldDispute) -> Option<String> {
    told.processor_reference.as_ref().map(|reference| format!("{}/{reference}", told.processor))
}

pub(in crate::use_cases) fn dispute_of(changed: &Disputed) -> Result<Dispute, RefundsError> {
    changed.charge.dispute(changed.dispute).cloned().ok_or(RefundsError::NoSuchDispute)
}
