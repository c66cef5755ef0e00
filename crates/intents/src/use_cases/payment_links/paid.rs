//! Completes a link by the commit that records its payment.

use tender_domain::intents::{Intent, IntentEvent, IntentWrite};
use tender_domain::kernel::{Change, PaymentLinkId, Save, Timestamp};
use tender_domain::payment_links::PaymentLink;

use super::pay::LINK_METADATA;
use crate::IntentsService;
use crate::use_cases::IntentsError;

impl IntentsService {
    /// The change with the link that it completes: when money was taken by an intent that names a link, and it is that
    /// link's own payment. Whoever changes the link meanwhile makes the commit a `Conflict`, and it is decided again.
    pub(crate) async fn with_link_paid(
        &self,
        change: Change<IntentWrite>,
        (intent, events): (&Intent, &[IntentEvent]),
        now: Timestamp,
    ) -> Result<Change<IntentWrite>, IntentsError> {
        if !events.iter().any(|event| matches!(event, IntentEvent::Captured { .. })) {
            return Ok(change);
        }
        let named = intent.metadata.entries().get(LINK_METADATA);
        let Some(id) = named.and_then(|text| text.parse::<PaymentLinkId>().ok()) else { return Ok(change) };
        let link = self.links.store.payment_link(&intent.tenant, id).await?;
        let paid = link.and_then(|before| before.record_paid(intent.id, now).map(|after| (before, after)));
        Ok(match paid {
            Some((before, after)) => change.save(Save::<PaymentLink>::changed(before, after)),
            None => change,
        })
    }
}
