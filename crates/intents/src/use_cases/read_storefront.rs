//! Reads of a storefront's payments.

use std::sync::Arc;

use tender_domain::intents::{
    Channel, DisputeOfIntent, Intent, IntentFilter, RefundOfIntent, StorefrontPayment,
};
use tender_domain::kernel::{Caller, IntentId, Page, PageRequest, TenantId};

use super::IntentsError;
use crate::IntentsService;

/// A payment with what its storefront wanted kept.
#[derive(Debug)]
pub(crate) struct OfStorefront {
    pub(crate) intent: Intent,
    pub(crate) kept: Option<StorefrontPayment>,
}

/// A payment with all that was told of it.
#[derive(Debug)]
pub(crate) struct ToldPayment {
    pub(crate) intent: Arc<Intent>,
    pub(crate) kept: Option<StorefrontPayment>,
    /// Its refunds as refunds told of them, oldest first.
    pub(crate) refunds: Vec<RefundOfIntent>,
    /// Its disputes as refunds told of them, oldest first.
    pub(crate) disputes: Vec<DisputeOfIntent>,
}

impl IntentsService {
    /// A payment of this door, if the caller may see it.
    pub(crate) async fn storefront_payment(
        self: &Arc<Self>,
        caller: &Caller,
        channel: Channel,
        id: IntentId,
    ) -> Result<ToldPayment, IntentsError> {
        let intent = self.get_intent(caller, id).await?;
        self.told(intent, channel).await
    }

    /// A payment of this door, whoever's: for a document that tells a user that it is another's.
    pub(crate) async fn storefront_payment_of_tenant(
        self: &Arc<Self>,
        tenant: &TenantId,
        channel: Channel,
        id: IntentId,
    ) -> Result<ToldPayment, IntentsError> {
        let intent = self.newest_intent(tenant, id).await?;
        self.told(intent, channel).await
    }

    async fn told(&self, intent: Arc<Intent>, channel: Channel) -> Result<ToldPayment, IntentsError> {
        if intent.channel != channel {
            return Err(IntentsError::NoSuchIntent);
        }
        let kept = self.store.storefront_payments(&intent.tenant, &[intent.id]).await?.pop();
        let refunds = self.store.refunds_of_intents(&intent.tenant, &[intent.id]).await?;
        let disputes = self.store.disputes_of_intents(&intent.tenant, &[intent.id]).await?;
        Ok(ToldPayment { intent, kept, refunds, disputes })
    }

    /// A page of payments with what their storefront wanted kept, newest first. A customer's are its own.
    pub(crate) async fn storefront_payments(
        &self,
        caller: &Caller,
        filter: IntentFilter,
        page: &PageRequest,
    ) -> Result<Page<OfStorefront>, IntentsError> {
        let Page { data, has_more } = self.list_intents(caller, filter, page).await?;
        let ids: Vec<IntentId> = data.iter().map(|intent| intent.id).collect();
        let mut kept = self.store.storefront_payments(&caller.tenant, &ids).await?;
        let data = data.into_iter().map(|intent| {
            let place = kept.iter().position(|payment| payment.intent_id == intent.id);
            let kept = place.map(|place| kept.swap_remove(place));
            OfStorefront { intent, kept }
        });
        Ok(Page { data: data.collect(), has_more })
    }
}
