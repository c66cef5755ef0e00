//! Settles a refund as a person found it to be.

use std::sync::Arc;

use tender_domain::kernel::{Caller, Change, CommitError, KeyWrite, Message, Money, RefundId, Save};
use tender_domain::refunds::{
    Recorded, Refund, RefundRefusal, RefundWrite, RefundableCharge, ResolveRefund, ResolvedRefund,
};
use tender_events::{AuditRecorded, Envelope, PublicEvent};
use tender_http::{RequestKey, current_traceparent};

use super::read_refunds::may_see;
use super::retry::{DECISIONS_MAX, pause};
use super::{Answered, Presenter, RefundsError, Seen};
use crate::RefundsService;
use crate::messages::Messages;

/// What a person says.
#[derive(Debug, Clone)]
pub struct SettleRefund {
    /// Whether it was done.
    pub succeeded: bool,
    /// What the gateway calls it; of one that succeeded.
    pub gateway_reference: String,
    /// How much was given back, in minor units; none is what was asked for.
    pub amount: Option<i64>,
    /// Why: who was asked, what they said.
    pub reason: String,
    /// Which version the person has seen.
    pub seen: Seen,
}

impl RefundsService {
    /// Settles a refund whose outcome is unknown or in conflict, or that is taken for not done and was done, as a person
    /// found it to be: the same transition as the gateway's answer, with the same events, and one for the audit log. What
    /// cannot count, because others have taken its money, is kept beside it for a person.
    ///
    /// # Errors
    /// `NoSuchRefund`, `StaleVersion`, or `Refused` when its outcome is known, or more is stated than was asked for or is
    /// left.
    pub async fn settle_refund(
        &self,
        caller: &Caller,
        id: RefundId,
        wanted: &SettleRefund,
        key: RequestKey,
        present: Presenter,
    ) -> Result<Answered, RefundsError> {
        let tenant = &caller.tenant;
        if let Some(record) = self.store.key(tenant, &key.scope).await? {
            return Answered::replay(record, key.fingerprint);
        }
        for tries in 0..DECISIONS_MAX {
            let charge = self.store.charge_of_refund(tenant, id).await?.ok_or(RefundsError::NoSuchRefund)?;
            let refund = charge.refund(id).ok_or(RefundsError::NoSuchRefund)?;
            if !may_see(caller, refund.customer_id.as_deref()) {
                return Err(RefundsError::NoSuchRefund);
            }
            wanted.seen.check(refund.version)?;
            let (now, resolve) = (self.clock.now(), wanted.resolve(caller, refund));
            let (after, events) = match charge.resolve_refund(id, &resolve, now) {
                Ok(Recorded::Changed { charge, events }) => (charge, events),
                Ok(Recorded::AlreadyApplied) => return Err(CommitError::Conflict.into()),
                Err(refusal @ RefundRefusal::NotCovered { .. }) => {
                    match self.keep_what_was_found(charge, id, &resolve.found).await {
                        Err(CommitError::Conflict) => {
                            pause(tries).await;
                            continue;
                        }
                        kept => return Err(kept.map_or_else(Into::into, |()| refusal.into())),
                    }
                }
                Err(refusal) => return Err(refusal.into()),
            };
            let settled = after.refund(id).ok_or(RefundsError::NoSuchRefund)?.clone();
            let answer = tender_domain::kernel::Answer { status: 200, ..(present.refund)(&settled) };
            let record = KeyWrite::Record {
                scope: key.scope.clone(),
                fingerprint: key.fingerprint,
                resource: id.to_string(),
                answer: answer.clone(),
                at: now,
            };
            let audit = self.settled(caller, &resolve, refund, &settled);
            let messages = Messages { ids: &*self.ids, traceparent: current_traceparent(), now };
            let told = messages.of(&after, &events);
            let save = Save::<RefundableCharge>::changed(Arc::new(charge), after);
            let change = Change::of(tenant.clone()).save(save).keyed(record).tell(told).tell([audit]);
            match self.store.commit(change).await {
                Ok(_) => return Ok(Answered::first(answer, &settled)),
                Err(CommitError::Conflict) => pause(tries).await,
                Err(CommitError::KeyTaken(record)) => return Answered::replay(*record, key.fingerprint),
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// What cannot count is not lost: it stands in the queue, and a person is told, once.
    async fn keep_what_was_found(
        &self,
        charge: RefundableCharge,
        id: RefundId,
        found: &ResolvedRefund,
    ) -> Result<(), CommitError> {
        let now = self.clock.now();
        let Some(Recorded::Changed { charge: after, events }) = charge.keep_what_was_found(id, found, now)
        else {
            return Ok(());
        };
        let messages = Messages { ids: &*self.ids, traceparent: current_traceparent(), now };
        let told = messages.of(&after, &events);
        let tenant = charge.tenant.clone();
        let save = Save::<RefundableCharge>::changed(Arc::new(charge), after);
        let change: Change<RefundWrite> = Change::of(tenant).save(save).tell(told);
        self.store.commit(change).await.map(drop)
    }

    /// For the audit log: who settled it, how, and why.
    fn settled(&self, caller: &Caller, resolve: &ResolveRefund, was: &Refund, now: &Refund) -> Message {
        let done = ("refunds", "refund.resolved");
        let mut audit = AuditRecorded::by(caller, done, now.id.to_string(), now.version, now.updated_at)
            .about(now.intent_id)
            .because(resolve.reason.clone())
            .with("outcome", resolve.found.status().as_str())
            .with("was", was.status().as_str())
            .with("amount", now.amount);
        if let Some(name) = now.gateway_reference() {
            audit = audit.with("gateway_reference", name);
        }
        audit.into_message(Envelope { id: self.ids.event(), traceparent: current_traceparent() })
    }
}

impl SettleRefund {
    fn resolve(&self, caller: &Caller, refund: &Refund) -> ResolveRefund {
        let amount = self.amount.map(|minor| Money::new(minor, refund.amount.currency()));
        let gateway_reference = self.gateway_reference.clone();
        let found = if self.succeeded {
            ResolvedRefund::Succeeded { gateway_reference, amount }
        } else {
            ResolvedRefund::Failed
        };
        ResolveRefund { found, by: caller.who(), reason: self.reason.clone() }
    }
}
