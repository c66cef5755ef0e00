//! Records what a gateway said about a refund: the second commit.

use std::sync::Arc;

use tender_domain::kernel::{
    Answer, Change, CommitError, KeyScope, KeyState, KeyWrite, Lane, Save, TenantId,
};
use tender_domain::refunds::{Recorded, Refund, RefundCall, RefundOutcome, RefundWrite, RefundableCharge};

use super::retry::{RECORDINGS_MAX, pause};
use super::{Presenter, RefundsError};
use crate::RefundsService;
use crate::messages::Messages;

/// On whose behalf an outcome is recorded.
#[derive(Debug, Clone)]
pub(crate) struct Asker {
    /// Who waits.
    pub(crate) lane: Lane,
    /// The trace of the request behind it.
    pub(crate) traceparent: Option<String>,
    /// The idempotency key whose answer this is, with how it is presented.
    pub(crate) key: Option<(KeyScope, Presenter)>,
}

impl RefundsService {
    /// Records the outcome on the charge as it was loaded; loads it again as often as others change it.
    ///
    /// The answer is that of the key, when there is one: the first that was kept, whoever kept it.
    pub(super) async fn record_outcome(
        &self,
        loaded: Arc<RefundableCharge>,
        call: RefundCall,
        outcome: RefundOutcome,
        asker: &Asker,
    ) -> Result<(Refund, Option<Answer>), RefundsError> {
        let tenant = loaded.tenant.clone();
        let (id, pacing) = (call.refund, self.pacing());
        let mut charge = loaded;
        for tries in 0..RECORDINGS_MAX {
            let now = self.clock.now();
            let (after, change) = match charge.record(call, outcome.clone(), now, &pacing)? {
                Recorded::AlreadyApplied => (Arc::clone(&charge), Change::of(tenant.clone())),
                Recorded::Changed { charge: after, events } => {
                    let messages = Messages { ids: &*self.ids, traceparent: asker.traceparent.clone(), now };
                    let told = messages.of(&after, &events);
                    let save = Save::<RefundableCharge>::changed(Arc::clone(&charge), Arc::clone(&after));
                    (after, Change::of(tenant.clone()).save(save).tell(told))
                }
            };
            let refund = after.refund(id).ok_or(RefundsError::NoSuchRefund)?.clone();
            let answer = asker.key.as_ref().map(|(_, presenter)| (presenter.refund)(&refund));
            let is_first = !change.writes.is_empty();
            if !is_first && answer.is_none() {
                return Ok((refund, None));
            }
            match self.store.commit(finishing(change, asker, answer.as_ref())).await {
                Ok(_) if is_first => return Ok((refund, answer)),
                Ok(_) => return Ok((refund, self.kept_answer(&tenant, asker).await?.or(answer))),
                // What a gateway did is worth waiting for: what is not recorded has to be asked for.
                Err(CommitError::Overloaded) => pause(tries).await,
                Err(CommitError::Conflict) => {
                    pause(tries).await;
                    let again = self.store.charge_of_refund(&tenant, id).await?;
                    charge = Arc::new(again.ok_or(RefundsError::NoSuchRefund)?);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// The answer that is kept under the asker's key: it may be another's, who was faster.
    async fn kept_answer(&self, tenant: &TenantId, asker: &Asker) -> Result<Option<Answer>, RefundsError> {
        let Some((scope, _)) = &asker.key else { return Ok(None) };
        let record = self.store.key(tenant, scope).await?;
        Ok(record.and_then(|record| match record.state {
            KeyState::Done(answer) => Some(answer),
            KeyState::Started => None,
        }))
    }
}

fn finishing(change: Change<RefundWrite>, asker: &Asker, answer: Option<&Answer>) -> Change<RefundWrite> {
    let finish = asker
        .key
        .as_ref()
        .zip(answer)
        .map(|((scope, _), answer)| KeyWrite::Finish { scope: scope.clone(), answer: answer.clone() });
    Change { lane: asker.lane, ..change.keyed(finish) }
}
