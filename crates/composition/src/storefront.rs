//! What the storefront dialects of a service stand on, in its own schema.

use std::sync::Arc;

use tender_domain::ports::{Clock, NumberBook};
use tender_http::RateGate;
use tender_postgres::{PgNumberBook, PgPool, PgRateLimiter};

/// Limits of requests, counted in the service's schema.
#[must_use]
pub fn rate_gate(pool: &PgPool, schema: &'static str, clock: &Arc<dyn Clock>) -> RateGate {
    RateGate::new(Arc::new(PgRateLimiter::new(pool.clone(), schema)), Arc::clone(clock))
}

/// Numbers beside ids, kept in the service's schema.
#[must_use]
pub fn number_book(pool: &PgPool, schema: &'static str) -> Arc<dyn NumberBook> {
    Arc::new(PgNumberBook::new(pool.clone(), schema))
}
