//! Calls off a refund of which no call is open.

use tender_domain::kernel::{Answer, Caller, Change, CommitError, KeyWrite, RefundId, Save};
use tender_events::{AuditRecorded, Envelope, PublicEvent};
use tender_http::{RequestKey, current_traceparent};

use super::read_refunds::may_see;
use super::retry::{DECISIONS_MAX, pause};
use super::{Answered, Presenter, RefundsError};
use crate::RefundsService;

impl RefundsService {
    /// Cancels a refund that is pending.
    ///
    /// # Errors
    /// `NoSuchRefund`, or `Refused` when the refund is past that.
    pub async fn cancel_refund(
        &self,
        caller: &Caller,
        id: RefundId,
        key: Option<RequestKey>,
        present: Presenter,
    ) -> Result<Answered, RefundsError> {
        let tenant = &caller.tenant;
        if let Some(key) = &key
            && let Some(record) = self.store.key(tenant, &key.scope).await?
        {
            return Answered::replay(record, key.fingerprint);
        }
        for tries in 0..DECISIONS_MAX {
            let charge = self.store.charge_of_refund(tenant, id).await?.ok_or(RefundsError::NoSuchRefund)?;
            let owner = charge.customer_id.as_deref();
            if !may_see(caller, owner) {
                return Err(RefundsError::NoSuchRefund);
            }
            let now = self.clock.now();
            let after = charge.cancel(id, now)?;
            let refund = after.refund(id).ok_or(RefundsError::NoSuchRefund)?.clone();
            let answer = Answer { status: 200, ..(present.refund)(&refund) };
            let record = key.as_ref().map(|key| KeyWrite::Record {
                scope: key.scope.clone(),
                fingerprint: key.fingerprint,
                resource: id.to_string(),
                answer: answer.clone(),
                at: now,
            });
            let audit =
                AuditRecorded::by(caller, ("refunds", "refund.canceled"), id.to_string(), after.version, now)
                    .about(charge.intent_id)
                    .with("amount", refund.amount);
            let audit =
                audit.into_message(Envelope { id: self.ids.event(), traceparent: current_traceparent() });
            let change =
                Change::of(tenant.clone()).save(Save::changed(charge, after)).keyed(record).tell([audit]);
            match (self.store.commit(change).await, &key) {
                (Ok(_), _) => return Ok(Answered::first(answer, &refund)),
                (Err(CommitError::Conflict), _) => pause(tries).await,
                (Err(CommitError::KeyTaken(record)), Some(key)) => {
                    return Answered::replay(*record, key.fingerprint);
                }
                (Err(error), _) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }
}
