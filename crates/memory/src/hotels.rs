//! What hotels want kept, in memory: beside the intents, whose changes it is written with.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::hotels::{HotelPayment, HotelReservation, HotelStore, HotelWrite};
use tender_domain::kernel::{CommitError, IntentId, StoreError, TenantId};

use crate::MemoryIntentStore;
use crate::intents::{check_version, refused};

/// What the hotels of every tenant want kept, and whose the payment pages are.
#[derive(Debug, Default)]
pub(crate) struct Hotels {
    payments: BTreeMap<(TenantId, IntentId), HotelPayment>,
    reservations: BTreeMap<(TenantId, String), Arc<HotelReservation>>,
    pages: BTreeMap<String, TenantId>,
}

impl Hotels {
    pub(crate) fn check(&self, write: &HotelWrite) -> Result<(), CommitError> {
        let free = |taken: bool, key: &str| if taken { Err(refused(key)) } else { Ok(()) };
        match write {
            HotelWrite::Page(page) => free(self.pages.contains_key(&page.key), "locator_pkey"),
            HotelWrite::Payment(payment) => {
                let place = (payment.tenant.clone(), payment.intent_id);
                free(self.payments.contains_key(&place), "hotel_payments_pkey")
            }
            HotelWrite::Reservation(save) => {
                let stored = self.reservations.get(&(save.after.tenant.clone(), save.after.id.clone()));
                let stored = stored.map(|stored| stored.version);
                check_version(save, stored, |reservation| reservation.version, "hotel_reservations_pkey")
            }
        }
    }

    pub(crate) fn apply(&mut self, write: HotelWrite) {
        match write {
            HotelWrite::Page(page) => drop(self.pages.insert(page.key, page.tenant)),
            HotelWrite::Payment(payment) => {
                self.payments.insert((payment.tenant.clone(), payment.intent_id), payment);
            }
            HotelWrite::Reservation(save) => {
                let place = (save.after.tenant.clone(), save.after.id.clone());
                self.reservations.insert(place, save.after);
            }
        }
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

    async fn reservation(&self, tenant: &TenantId, id: &str) -> Result<Option<HotelReservation>, StoreError> {
        let place = (tenant.clone(), id.to_owned());
        let found = |all: &crate::intents::Intents| {
            all.hotels.reservations.get(&place).map(|found| HotelReservation::clone(found))
        };
        Ok(self.read(found))
    }

    async fn tenant_of_page(&self, key: &str) -> Result<Option<TenantId>, StoreError> {
        Ok(self.read(|all| all.hotels.pages.get(key).cloned()))
    }
}
