//! What hotels want kept, in memory: beside the intents, whose changes it is written with.

use std::collections::BTreeMap;

use async_trait::async_trait;
use tender_domain::hotels::{HotelPayment, HotelStore};
use tender_domain::intents::PageLocation;
use tender_domain::kernel::{CommitError, IntentId, StoreError, TenantId};

use crate::MemoryIntentStore;
use crate::intents::refused;

/// What the hotels of every tenant want kept, and whose the payment pages are.
#[derive(Debug, Default)]
pub(crate) struct Hotels {
    payments: BTreeMap<(TenantId, IntentId), HotelPayment>,
    pages: BTreeMap<String, TenantId>,
}

impl Hotels {
    pub(crate) fn check_payment(&self, payment: &HotelPayment) -> Result<(), CommitError> {
        match self.payments.contains_key(&(payment.tenant.clone(), payment.intent_id)) {
            true => Err(refused("hotel_payments_pkey")),
            false => Ok(()),
        }
    }

    pub(crate) fn apply_payment(&mut self, payment: HotelPayment) {
        self.payments.insert((payment.tenant.clone(), payment.intent_id), payment);
    }

    pub(crate) fn check_page(&self, page: &PageLocation) -> Result<(), CommitError> {
        if self.pages.contains_key(&page.key) { Err(refused("locator_pkey")) } else { Ok(()) }
    }

    pub(crate) fn apply_page(&mut self, page: PageLocation) {
        self.pages.insert(page.key, page.tenant);
    }
}

#[async_trait]
impl HotelStore for MemoryIntentStore {
    async fn hotel_payment(
        &self,
        tenant: &TenantId,
        id: IntentId,
    ) -> Result<Option<HotelPayment>, StoreError> {
        Ok(self.read(|all| all.hotels.payments.get(&(tenant.clone(), id)).cloned()))
    }

    async fn tenant_of_page(&self, key: &str) -> Result<Option<TenantId>, StoreError> {
        Ok(self.read(|all| all.hotels.pages.get(key).cloned()))
    }
}
