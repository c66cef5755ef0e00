//! What the storefront dialects need beside the use cases.

use std::sync::Arc;

use tender_domain::ports::NumberBook;
use tender_http::RateGate;

/// The ports of the storefront dialects.
#[derive(Clone)]
pub struct StorefrontPorts {
    /// Limits of requests.
    pub gate: RateGate,
    /// The numbers of payment methods.
    pub numbers: Arc<dyn NumberBook>,
    /// Whether this is the sandbox: a test token stands in for a gateway's.
    pub sandbox: bool,
}
