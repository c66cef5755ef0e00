//! Takes in what a gateway told of a refund by itself. The same again changes nothing.

use std::sync::Arc;

use tender_domain::kernel::{Change, CommitError, Lane, RefundId, Save, TenantId};
use tender_domain::refunds::{RefundNews, RefundTaken, RefundTold, RefundableCharge, ToldRefund};

use super::RefundsError;
use super::retry::{RECORDINGS_MAX, pause};
use crate::RefundsService;
use crate::messages::Messages;

impl RefundsService {
    /// Takes in how a refund of ours ended, or one that was made in the gateway's dashboard.
    ///
    /// # Errors
    /// `ToldOtherwise` when it contradicts what is known, `ChargeNotYetKnown` when it is of a charge that nothing was told of
    /// so far; see [`RefundsError`].
    pub async fn take_told_refund(
        &self,
        tenant: &TenantId,
        told: &ToldRefund,
    ) -> Result<RefundTaken, RefundsError> {
        // The same for every decision, so that a repeated one writes the same refund.
        let (new, pacing): (RefundId, _) = (self.ids.next(), self.pacing());
        for tries in 0..RECORDINGS_MAX {
            let Some(charge) = self.told_of(tenant, told).await? else {
                return nothing_known(told);
            };
            if charge.connector != told.connector {
                let why = format!("the refund is at the connector {}", charge.connector);
                return Ok(RefundTaken::Unmatched(why));
            }
            let now = self.clock.now();
            let decided = match &told.news {
                RefundNews::Ours { call, end } => charge.told_end(*call, end, now, &pacing)?,
                RefundNews::Outside(outside) => charge.told_outside(new, outside, now)?,
            };
            let (after, events) = match decided {
                RefundTold::Changed { charge, events } => (charge, events),
                RefundTold::Known => return Ok(RefundTaken::Known),
                RefundTold::Contradiction(problem) => return Err(RefundsError::ToldOtherwise(problem)),
            };
            let traceparent = tender_http::current_traceparent();
            let messages = Messages { ids: &*self.ids, traceparent, now };
            let messages = messages.of(&after, &events);
            let save = Save::<RefundableCharge>::changed(Arc::new(charge), after);
            let change = Change::of(tenant.clone()).save(save).tell(messages);
            match self.store.commit(Change { lane: Lane::Background, ..change }).await {
                Ok(_) => return Ok(RefundTaken::Applied),
                Err(CommitError::Conflict | CommitError::Overloaded) => pause(tries).await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    async fn told_of(
        &self,
        tenant: &TenantId,
        told: &ToldRefund,
    ) -> Result<Option<RefundableCharge>, RefundsError> {
        Ok(match &told.news {
            RefundNews::Ours { call, .. } => self.store.charge_of_refund(tenant, call.refund).await?,
            RefundNews::Outside(outside) => {
                let name = &outside.charge_reference;
                self.disputes.charge_by_gateway(tenant, &told.connector, name).await?
            }
        })
    }
}

fn nothing_known(told: &ToldRefund) -> Result<RefundTaken, RefundsError> {
    match &told.news {
        // Each is stored before its gateway hears of it.
        RefundNews::Ours { call, .. } => {
            Ok(RefundTaken::Unmatched(format!("there is no refund {}", call.refund)))
        }
        RefundNews::Outside(outside) => {
            Err(RefundsError::ChargeNotYetKnown(outside.charge_reference.clone()))
        }
    }
}
