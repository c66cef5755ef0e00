//! Shows on an intent what refunds gave back: a projection of `refund.processed`.

use tender_domain::intents::{Intent, SeenRefund};
use tender_domain::kernel::{Change, CommitError, InboxEntry, Save};

use super::IntentsError;
use crate::IntentsService;

const DECISIONS_MAX: u32 = 20;

impl IntentsService {
    /// Adds a refund to what was given back: once, by its id.
    pub(crate) async fn add_refund(&self, refund: SeenRefund, entry: InboxEntry) -> Result<(), IntentsError> {
        let tenant = &refund.tenant;
        for _ in 0..DECISIONS_MAX {
            let before = self.store.intent(tenant, refund.intent).await?.ok_or(IntentsError::NoSuchIntent)?;
            let sum = before
                .amount_refunded
                .checked_add(refund.amount)
                .map_err(tender_domain::intents::Refusal::from)?;
            let after = before.with_refunded(sum, self.clock.now());
            let change = Change::of(tenant.clone())
                .save(Save::<Intent>::changed(before, after))
                .save(refund.clone())
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
