//! Asks the gateway once more for a refund that it did not do for a reason that passes.

use std::sync::Arc;

use tender_domain::kernel::{Change, CommitError, Lane, RefundId, Save, TenantId};
use tender_domain::refunds::{Refund, RefundRefusal, RefundWrite, RefundableCharge, Retried};

use super::retry::{DECISIONS_MAX, pause};
use super::{Asker, RefundsError};
use crate::RefundsService;
use crate::messages::Messages;

impl RefundsService {
    /// Makes the next call of a refund whose time has come, as the first one is made: the call is committed under a name of
    /// its own, made, and its outcome recorded. None when there is no call to make: it was canceled, or another worker was
    /// faster.
    pub(crate) async fn retry_refund(
        &self,
        tenant: &TenantId,
        id: RefundId,
    ) -> Result<Option<Refund>, RefundsError> {
        for tries in 0..DECISIONS_MAX {
            let charge = self.store.charge_of_refund(tenant, id).await?.ok_or(RefundsError::NoSuchRefund)?;
            let now = self.clock.now();
            let (after, events) = match charge.retry_refund(id, now, &self.options.schedule) {
                Ok(Retried::Started(after)) => (after, Vec::new()),
                Ok(Retried::Failed { charge, event }) => (charge, vec![event]),
                Err(RefundRefusal::WrongStatus { .. }) => return Ok(None),
                Err(refusal) => return Err(refusal.into()),
            };
            let messages = Messages { ids: &*self.ids, traceparent: None, now };
            let save = Save::<RefundableCharge>::changed(Arc::new(charge), Arc::clone(&after));
            let change: Change<RefundWrite> =
                Change::of(tenant.clone()).save(save).tell(messages.of(&after, &events));
            match self.store.commit(Change { lane: Lane::Background, ..change }).await {
                Ok(_) => return self.call_once_more(after, id).await.map(Some),
                Err(CommitError::Conflict) => pause(tries).await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    async fn call_once_more(
        &self,
        charge: Arc<RefundableCharge>,
        id: RefundId,
    ) -> Result<Refund, RefundsError> {
        let refund = charge.refund(id).ok_or(RefundsError::NoSuchRefund)?;
        if refund.attempt().is_none() {
            return Ok(refund.clone());
        }
        let (outcome, call) = (self.call_gateway(&charge, refund).await, refund.call());
        let asker = Asker { lane: Lane::Background, traceparent: None, key: None };
        let (refund, _) = self.record_outcome(Arc::clone(&charge), call, outcome, &asker).await?;
        Ok(refund)
    }
}
