//! What the storefront dialects need beside the use cases.

use std::sync::Arc;

use tender_domain::hotels::HotelStore;
use tender_domain::ports::{NumberBook, NumberLookup, Numbering, WebhookSender};
use tender_http::RateGate;

/// The ports of the storefront dialects.
#[derive(Clone)]
pub struct StorefrontPorts {
    /// Limits of requests.
    pub gate: RateGate,
    /// The numbers of payments: the service's own book.
    pub payments: Arc<dyn NumberBook>,
    /// The numbers of payment methods, which the vault has.
    pub methods: Arc<dyn NumberLookup>,
    /// The numbers of refunds, which refunds has.
    pub refunds: Arc<dyn Numbering>,
    /// What hotels want kept, and whose the payment pages are; the service's own store.
    pub hotels: Arc<dyn HotelStore>,
    /// Who calls programs of hotels.
    pub webhooks: Arc<dyn WebhookSender>,
}
