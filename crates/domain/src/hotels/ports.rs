//! The store port of what hotels want kept.

use async_trait::async_trait;

use crate::intents::PageLocation;
use crate::kernel::{IntentId, NotificationId, Save, StoreError, TenantId, Timestamp};

use super::{HotelNotification, HotelPayment, HotelReservation, HotelSettings};

/// What a change of intents can save for hotels.
#[derive(Debug, Clone)]
pub enum HotelWrite {
    /// Where a new payment page is found.
    Page(PageLocation),
    /// What a hotel wants kept of a new payment.
    Payment(Box<HotelPayment>),
    /// A reservation.
    Reservation(Save<HotelReservation>),
    /// A hotel's settings.
    Settings(Save<HotelSettings>),
    /// A message of the end of a payment.
    Notification(Save<HotelNotification>),
}

impl From<PageLocation> for HotelWrite {
    fn from(page: PageLocation) -> Self {
        Self::Page(page)
    }
}

impl From<HotelPayment> for HotelWrite {
    fn from(payment: HotelPayment) -> Self {
        Self::Payment(Box::new(payment))
    }
}

impl From<Save<HotelSettings>> for HotelWrite {
    fn from(save: Save<HotelSettings>) -> Self {
        Self::Settings(save)
    }
}

impl From<Save<HotelNotification>> for HotelWrite {
    fn from(save: Save<HotelNotification>) -> Self {
        Self::Notification(save)
    }
}

impl From<Save<HotelReservation>> for HotelWrite {
    fn from(save: Save<HotelReservation>) -> Self {
        Self::Reservation(save)
    }
}

/// The reads of the hotels dialect, over the schema of intents. What is written goes with the intents' changes.
///
/// # Errors
/// When the store cannot be reached, or what is stored breaks a law.
#[async_trait]
pub trait HotelStore: Send + Sync {
    /// What is kept of the payment of this intent; none when it is no hotel's.
    async fn hotel_payment(
        &self,
        tenant: &TenantId,
        id: IntentId,
    ) -> Result<Option<HotelPayment>, StoreError>;

    /// The reservation, by what the booking system names it.
    async fn reservation(&self, tenant: &TenantId, id: &str) -> Result<Option<HotelReservation>, StoreError>;

    /// A hotel's settings; none when none were set.
    async fn hotel_settings(
        &self,
        tenant: &TenantId,
        hotel_id: &str,
    ) -> Result<Option<HotelSettings>, StoreError>;

    /// The message with this id.
    async fn hotel_notification(
        &self,
        tenant: &TenantId,
        id: NotificationId,
    ) -> Result<Option<HotelNotification>, StoreError>;

    /// What was told of a payment, the oldest first, at most so many.
    async fn notifications_of_payment(
        &self,
        tenant: &TenantId,
        payment: IntentId,
        limit: usize,
    ) -> Result<Vec<HotelNotification>, StoreError>;

    /// Messages of all tenants that are to be tried by now, the longest due first.
    async fn due_notifications(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<(TenantId, NotificationId)>, StoreError>;

    /// Whose payment page this is, by the key under which it was [located](crate::intents::PageLocation): for a browser
    /// or a gateway that comes without a credential.
    async fn tenant_of_page(&self, key: &str) -> Result<Option<TenantId>, StoreError>;
}
