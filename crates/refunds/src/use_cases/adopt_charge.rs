//! Takes a charge, or more captures of it, into the projection.

use std::sync::Arc;

use tender_domain::kernel::{Change, CommitError, InboxEntry, Lane, Save, TenantId};
use tender_domain::refunds::{CapturedCharge, ChargeRef, RefundableCharge};

use super::RefundsError;
use super::retry::{DECISIONS_MAX, pause};
use crate::RefundsService;
use crate::messages::Messages;

impl RefundsService {
    /// Adopts what is told of a charge; captures that are known already change nothing. `handled` marks the message
    /// that told of it, and then nobody waits; `is_first` says that the message is of the charge's first capture.
    pub(crate) async fn adopt_charge(
        &self,
        tenant: &TenantId,
        told: &CapturedCharge,
        handled: Option<InboxEntry>,
        is_first: bool,
    ) -> Result<Arc<RefundableCharge>, RefundsError> {
        let lane = if handled.is_some() { Lane::Background } else { Lane::Foreground };
        for tries in 0..DECISIONS_MAX {
            let known = match tries {
                // What the event says is the charge's first capture is new but for a rare race, which the primary key
                // refuses: nothing is read for it.
                0 if is_first => None,
                _ => self.store.charge(tenant, ChargeRef::Charge(told.charge_id)).await?.map(Arc::new),
            };
            let now = self.clock.now();
            let after = match &known {
                Some(known) => known.adopt(told, now)?,
                None => Some(RefundableCharge::open(tenant, told, now)?),
            };
            let Some(after) = after.map(Arc::new) else {
                // Nothing new: every capture counts once by its own id, so the message needs no mark.
                return known.ok_or(RefundsError::NoSuchCharge);
            };
            let is_new = known.is_none();
            let save = Save { before: known, after: Arc::clone(&after) };
            let change = Change { inbox: handled.clone(), lane, ..Change::of(tenant.clone()).save(save) };
            match self.store.commit(change).await {
                Ok(_) => return Ok(after),
                // A new row that somebody else was faster with is refused by its primary key.
                Err(CommitError::Conflict) => pause(tries).await,
                Err(CommitError::Refused { .. }) if is_new => pause(tries).await,
                Err(CommitError::AlreadyHandled) => {
                    let charge = self.store.charge(tenant, ChargeRef::Charge(told.charge_id)).await?;
                    let charge = charge.ok_or(RefundsError::NoSuchCharge)?;
                    // A second message of one capture that says something else is told, never dropped in silence.
                    let _ = charge.adopt(told, now)?;
                    return Ok(Arc::new(charge));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }

    /// Takes in that a capture did not last, once by its id, also when its success was not told yet.
    pub(crate) async fn capture_reversed(
        &self,
        tenant: &TenantId,
        told: &CapturedCharge,
    ) -> Result<(), RefundsError> {
        for tries in 0..DECISIONS_MAX {
            let known = self.store.charge(tenant, ChargeRef::Charge(told.charge_id)).await?.map(Arc::new);
            let now = self.clock.now();
            let (before, opened) = match known {
                Some(known) => (Some(Arc::clone(&known)), known),
                None => (None, Arc::new(RefundableCharge::open(tenant, told, now)?)),
            };
            let Some((mut after, events)) = opened.capture_reversed(told, now)? else { return Ok(()) };
            if before.is_none() {
                // One commit, so one version.
                after.version = opened.version;
            }
            let messages = Messages { ids: &*self.ids, traceparent: None, now }.of(&after, &events);
            let save = Save { before, after: Arc::new(after) };
            match self
                .store
                .commit(Change::of(tenant.clone()).save(save).tell(messages).in_background())
                .await
            {
                Ok(_) => return Ok(()),
                // Somebody else wrote the charge, or was faster with a new one.
                Err(CommitError::Conflict | CommitError::Refused { .. }) => pause(tries).await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }
}
