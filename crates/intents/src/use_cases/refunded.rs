//! Shows on an intent what refunds gave back: a projection of `refund.processed`.

use tender_domain::kernel::{Change, CommitError, InboxEntry, IntentId, Money, Save, TenantId};

use super::IntentsError;
use crate::IntentsService;

const DECISIONS_MAX: u32 = 20;

impl IntentsService {
    /// Adds a refund to what was given back: once, by its id.
    pub(crate) async fn add_refund(
        &self,
        tenant: &TenantId,
        id: IntentId,
        refunded: Money,
        entry: InboxEntry,
    ) -> Result<(), IntentsError> {
        for _ in 0..DECISIONS_MAX {
            let before = self.store.intent(tenant, id).await?.ok_or(IntentsError::NoSuchIntent)?;
            let sum = before
                .amount_refunded
                .checked_add(refunded)
                .map_err(tender_domain::intents::Refusal::from)?;
            let after = before.with_refunded(sum, self.clock.now());
            let change = Change::of(tenant.clone())
                .save(Save::<tender_domain::intents::Intent>::changed(before, after))
                .handled(entry.clone());
            match self.store.commit(change.in_background()).await {
                Ok(_) | Err(CommitError::AlreadyHandled) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }
}
