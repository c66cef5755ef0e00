//! What hotels want kept, in memory: beside the intents, whose changes it is written with.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::hotels::{
    HotelNotification, HotelPayment, HotelReservation, HotelSettings, HotelStore, HotelWrite,
};
use tender_domain::kernel::{CommitError, IntentId, NotificationId, StoreError, TenantId, Timestamp};

use crate::MemoryIntentStore;
use crate::intents::{check_version, refused};
use crate::payment_links::longest_due;

/// What the hotels of every tenant want kept, and whose the payment pages are.
#[derive(Debug, Default)]
pub(crate) struct Hotels {
    payments: BTreeMap<(TenantId, IntentId), HotelPayment>,
    reservations: BTreeMap<(TenantId, String), Arc<HotelReservation>>,
    pages: BTreeMap<String, TenantId>,
    settings: BTreeMap<(TenantId, String), Arc<HotelSettings>>,
    notifications: BTreeMap<(TenantId, NotificationId), Arc<HotelNotification>>,
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
            HotelWrite::Settings(save) => {
                let stored = self.settings.get(&(save.after.tenant.clone(), save.after.hotel_id.clone()));
                let stored = stored.map(|stored| stored.version);
                check_version(save, stored, |settings| settings.version, "hotel_settings_pkey")
            }
            HotelWrite::Notification(save) => {
                let new = &*save.after;
                let stored = self.notifications.get(&(new.tenant.clone(), new.told.id));
                let stored = stored.map(|stored| stored.version);
                check_version(save, stored, |told| told.version, "hotel_notifications_pkey")?;
                let same = |other: &Arc<HotelNotification>| {
                    let event =
                        |told: &HotelNotification| (told.intent_id, told.intent_version, told.told.way);
                    let of_tenant = other.tenant == new.tenant && other.told.id != new.told.id;
                    of_tenant && event(other) == event(new) && other.told.address == new.told.address
                };
                free(self.notifications.values().any(same), "hotel_notifications_intent")
            }
        }
    }

    pub(crate) fn apply(&mut self, write: HotelWrite) {
        match write {
            HotelWrite::Page(page) => drop(self.pages.insert(page.key, page.tenant)),
            HotelWrite::Payment(payment) => {
                self.payments.insert((payment.tenant.clone(), payment.intent_id), *payment);
            }
            HotelWrite::Reservation(save) => {
                let place = (save.after.tenant.clone(), save.after.id.clone());
                self.reservations.insert(place, save.after);
            }
            HotelWrite::Settings(save) => {
                let place = (save.after.tenant.clone(), save.after.hotel_id.clone());
                self.settings.insert(place, save.after);
            }
            HotelWrite::Notification(save) => {
                let place = (save.after.tenant.clone(), save.after.told.id);
                self.notifications.insert(place, save.after);
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

    async fn hotel_settings(
        &self,
        tenant: &TenantId,
        hotel_id: &str,
    ) -> Result<Option<HotelSettings>, StoreError> {
        let place = (tenant.clone(), hotel_id.to_owned());
        Ok(self.read(|all| all.hotels.settings.get(&place).map(|found| HotelSettings::clone(found))))
    }

    async fn hotel_notification(
        &self,
        tenant: &TenantId,
        id: NotificationId,
    ) -> Result<Option<HotelNotification>, StoreError> {
        let place = (tenant.clone(), id);
        Ok(self.read(|all| all.hotels.notifications.get(&place).map(|found| HotelNotification::clone(found))))
    }

    async fn notifications_of_payment(
        &self,
        tenant: &TenantId,
        payment: IntentId,
        limit: usize,
    ) -> Result<Vec<HotelNotification>, StoreError> {
        let mut found: Vec<HotelNotification> = self.read(|all| {
            let all = all.hotels.notifications.values();
            all.filter(|told| told.tenant == *tenant && told.intent_id == payment)
                .map(|told| HotelNotification::clone(told))
                .collect()
        });
        found.sort_by_key(|told| (told.intent_version, told.told.way.as_str(), told.told.address.clone()));
        found.truncate(limit);
        Ok(found)
    }

    async fn due_notifications(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(TenantId, NotificationId)>, StoreError> {
        Ok(self.read(|all| {
            let all = all.hotels.notifications.values();
            longest_due(all.map(|told| (&told.dispatch, &told.tenant, told.told.id)), now, limit)
        }))
    }

    async fn tenant_of_page(&self, key: &str) -> Result<Option<TenantId>, StoreError> {
        Ok(self.read(|all| all.hotels.pages.get(key).cloned()))
    }
}
