//! Shows an intent's disputes, and what they take of it: a projection of the events of disputes.

use tender_domain::intents::{DisputeOfIntent, DisputedSum, Intent};
use tender_domain::kernel::{Change, CommitError, Save};

use super::IntentsError;
use crate::IntentsService;

const DECISIONS_MAX: u32 = 20;

impl IntentsService {
    /// Takes up what was told. What is older than what is known, or as old, changes nothing.
    pub(crate) async fn take_up_disputed(
        &self,
        dispute: &DisputeOfIntent,
        told: DisputedSum,
    ) -> Result<(), IntentsError> {
        let (tenant, id) = (&dispute.tenant, dispute.intent_id);
        for _ in 0..DECISIONS_MAX {
            let before = self.store.intent(tenant, id).await?.ok_or(IntentsError::NoSuchIntent)?;
            let mut change = Change::of(tenant.clone()).save(dispute.clone());
            if let Some(after) = before.with_disputed(told, self.clock.now()) {
                change = change.save(Save::<Intent>::changed(before, after));
            }
            match self.store.commit(change.in_background()).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(CommitError::Conflict.into())
    }
}
