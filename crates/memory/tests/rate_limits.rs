//! Limits of requests in memory keep the promises of the port.

use std::sync::Arc;

use tender_memory::MemoryRateLimiter;

async fn limiters() -> (Arc<MemoryRateLimiter>, Arc<MemoryRateLimiter>, ()) {
    let limiter = Arc::new(MemoryRateLimiter::default());
    (Arc::clone(&limiter), limiter, ())
}

tender_contract::rate_limiter_promises!(limiters);
