//! Shows on an intent what disputes take of it: a projection of `dispute.created` and `dispute.resolved`.

use tender_domain::intents::{DisputedSum, Intent};
use tender_domain::kernel::{Change, CommitError, IntentId, Save, TenantId};

use super::IntentsError;
use crate::IntentsService;

const DECISIONS_MAX: u32 = 20;

impl IntentsService {
    /// Takes up what was told. What is older than what is known, or as old, changes nothing.
    pub(crate) async fn take_up_disputed(
        &self,
        tenant: &TenantId,
        id: IntentId,
        told: DisputedSum,
    ) -> Result<(), IntentsError> {
        for _ in 0..DECISIONS_MAX {
            let before = self.store.intent(tenant, id).await?.ok_or(IntentsError::NoSuchIntent)?;
            let Some(after) = before.with_disputed(told, self.clock.now()) else { return Ok(()) };
            let change = Change::of(tenant.clone()).save(Save::<Intent>::changed(before, after));
            match self.store.commit(change.in_background()).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }
}
