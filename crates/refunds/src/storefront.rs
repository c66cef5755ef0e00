//! What the storefront dialects need beside the use cases.

use std::sync::Arc;

use tender_domain::ports::{NumberBook, NumberLookup};
use tender_http::RateGate;

/// The ports of the storefront dialects.
#[derive(Clone)]
pub struct StorefrontPorts {
    /// Limits of requests.
    pub gate: RateGate,
    /// The numbers of refunds: the service's own book.
    pub refunds: Arc<dyn NumberBook>,
    /// The numbers of payments, which intents has.
    pub payments: Arc<dyn NumberLookup>,
}
