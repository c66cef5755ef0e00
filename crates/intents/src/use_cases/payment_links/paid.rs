//! Records that a link's payment was made: by the event that tells of it.

use tender_domain::kernel::{
    Change, CommitError, InboxEntry, IntentId, Metadata, PaymentLinkId, Save, TenantId,
};
use tender_domain::payment_links::PaymentLink;

use super::pay::LINK_METADATA;
use crate::IntentsService;
use crate::use_cases::IntentsError;

const DECISIONS_MAX: u32 = 20;

impl IntentsService {
    /// Completes the link that an intent names, if it is that link's own payment. Once, by the event's id.
    pub(crate) async fn record_link_paid(
        &self,
        tenant: &TenantId,
        intent: IntentId,
        metadata: &Metadata,
        entry: InboxEntry,
    ) -> Result<(), IntentsError> {
        let named = metadata.entries().get(LINK_METADATA);
        let Some(id) = named.and_then(|text| text.parse::<PaymentLinkId>().ok()) else { return Ok(()) };
        for _ in 0..DECISIONS_MAX {
            let Some(before) = self.links.store.payment_link(tenant, id).await? else { return Ok(()) };
            let Some(after) = before.record_paid(intent, self.clock.now()) else { return Ok(()) };
            let change = Change::of(tenant.clone())
                .save(Save::<PaymentLink>::changed(before, after))
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
