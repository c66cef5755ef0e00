//! Writes a dispute down that somebody has the letter of.

use std::sync::Arc;

use tender_domain::disputes::{
    Actor, CardNetwork, Dispute, DisputeReason, DisputeRefusal, Settled, ToldDispute,
};
use tender_domain::kernel::{Caller, CommitError, Currency, DisputeId, Money, Timestamp};
use tender_domain::refunds::RefundableCharge;
use tender_http::RequestKey;

use super::super::retry::{DECISIONS_MAX, pause};
use super::super::{NamedCharge, RefundsError};
use super::audit::Deed;
use super::commit::{Beside, DisputeAnswered, DisputePresenter};
use super::take::{claim, dispute_of, known_by_reference, same_as_known};
use crate::RefundsService;

/// What a client tells.
#[derive(Debug, Clone)]
pub struct OpenDispute {
    /// Which charge is disputed.
    pub charge: NamedCharge,
    /// How much, in minor units; none is all that was captured.
    pub amount: Option<i64>,
    /// Its currency; none is the charge's.
    pub currency: Option<Currency>,
    /// What the processor takes for it, in minor units; none says nothing of it.
    pub fee_minor: Option<i64>,
    /// What the processor calls it; without it the request needs an idempotency key.
    pub processor_reference: Option<String>,
    /// The network.
    pub network: Option<CardNetwork>,
    /// The network's code, as it was given.
    pub network_reason_code: Option<String>,
    /// What that means.
    pub reason: DisputeReason,
    /// When the processor took it in; none is now.
    pub received_at: Option<Timestamp>,
    /// Until when it may be answered.
    pub respond_by: Option<Timestamp>,
}

impl RefundsService {
    /// Opens a dispute of a charge, once by the processor's reference or by the key.
    ///
    /// # Errors
    /// See [`RefundsError`].
    pub async fn open_dispute(
        &self,
        caller: &Caller,
        wanted: &OpenDispute,
        key: Option<RequestKey>,
        present: DisputePresenter,
    ) -> Result<DisputeAnswered, RefundsError> {
        let tenant = &caller.tenant;
        if let Some(kept) = self.kept_dispute_answer(tenant, key.as_ref()).await? {
            return Ok(kept);
        }
        let id: DisputeId = self.ids.next();
        for tries in 0..DECISIONS_MAX {
            let charge = self.find_charge(tenant, wanted.charge).await?.charge;
            let now = self.clock.now();
            let amount = wanted.amount.unwrap_or_else(|| charge.captured().minor());
            let told = ToldDispute {
                processor: charge.connector.clone(),
                processor_reference: wanted.processor_reference.clone(),
                amount: Money::new(amount, wanted.currency.unwrap_or_else(|| charge.currency())),
                fee_minor: wanted.fee_minor,
                network: wanted.network,
                network_reason_code: wanted.network_reason_code.clone(),
                reason: wanted.reason,
                received_at: tender_domain::kernel::to_micros(wanted.received_at.unwrap_or(now)),
                respond_by: wanted.respond_by.map(tender_domain::kernel::to_micros),
            };
            if let Some(known) = known_by_reference(&charge, &told) {
                match self.known_again(caller, (&charge, known), &told, key.as_ref(), present).await {
                    Err(RefundsError::Commit(CommitError::Conflict)) => {
                        pause(tries).await;
                        continue;
                    }
                    answered => return answered,
                }
            }
            let guards = claim(&told, id.to_string());
            let opened = match charge.open_dispute(id, told, Actor::person(&caller.subject), now) {
                Ok(opened) => opened,
                Err(refusal @ DisputeRefusal::TooManyDisputes(_)) => {
                    let refused = ((present.refusal)(&refusal), charge.id.to_string());
                    return self.keep_dispute_answer(tenant, refused, key.as_ref()).await;
                }
                Err(refusal) => return Err(refusal.into()),
            };
            let dispute = dispute_of(&opened)?;
            let answer = (present.created)(&dispute);
            let deed = Deed { action: "dispute.opened", from: None, reason: None };
            let beside = Beside {
                audit: Some(self.audited(caller, &deed, charge.intent_id, &dispute)),
                traceparent: tender_http::current_traceparent(),
                key: self.key_record(key.as_ref(), &answer, id.to_string()),
                guards: guards.into_iter().collect(),
                writes: vec![self.case_of_chargeback(&opened.charge, &dispute).await?],
                ..Beside::default()
            };
            match (self.save_dispute(&charge, &opened, beside).await, &key) {
                (Ok(()), _) => return Ok(DisputeAnswered::of(answer, &dispute)),
                (Err(CommitError::Conflict), _) => pause(tries).await,
                (Err(CommitError::KeyTaken(record)), Some(key)) => {
                    return DisputeAnswered::replay(*record, key.fingerprint);
                }
                (Err(CommitError::ClaimTaken { owner, .. }), _) => {
                    self.claimed(tenant, &owner, charge.id).await?;
                    pause(tries).await;
                }
                (Err(error), _) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// A dispute that is known by its reference is shown; with the fee, where nobody had told it.
    async fn known_again(
        &self,
        caller: &Caller,
        (charge, known): (&Arc<RefundableCharge>, &Dispute),
        told: &ToldDispute,
        key: Option<&RequestKey>,
        present: DisputePresenter,
    ) -> Result<DisputeAnswered, RefundsError> {
        same_as_known(known, told)?;
        let by = Actor::person(&caller.subject);
        let Settled::Changed(learned) = charge.tell_fee(known.id, told.fee_minor, &by, self.clock.now())?
        else {
            let shown = ((present.shown)(known), known.id.to_string());
            let kept = self.keep_dispute_answer(&caller.tenant, shown, key).await?;
            return Ok(DisputeAnswered { dispute: Some((known.id, known.version)), ..kept });
        };
        let dispute = dispute_of(&learned)?;
        let answer = (present.shown)(&dispute);
        let deed = Deed { action: "dispute.updated", from: Some(known.status), reason: None };
        let beside = Beside {
            audit: Some(self.audited(caller, &deed, charge.intent_id, &dispute)),
            traceparent: tender_http::current_traceparent(),
            key: self.key_record(key, &answer, known.id.to_string()),
            ..Beside::default()
        };
        match (self.save_dispute(charge, &learned, beside).await, key) {
            (Ok(()), _) => Ok(DisputeAnswered::of(answer, &dispute)),
            (Err(CommitError::KeyTaken(record)), Some(key)) => {
                DisputeAnswered::replay(*record, key.fingerprint)
            }
            (Err(error), _) => Err(error.into()),
        }
    }
}
