//! `Server-Timing`: how long the gateways took, and how long Tender did.

use std::future::{Ready, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::context::RequestContext;

/// The clock of one request: whoever calls a gateway adds how long it waited. Cheap to clone; every clone counts for
/// the same request. An extractor, and [`ServerTiming::current`] where no request is at hand.
#[derive(Debug, Clone, Default)]
pub struct ServerTiming {
    gateway_micros: Arc<AtomicU64>,
}

impl ServerTiming {
    /// The clock of the request that is being served; outside of one a clock that nobody reads.
    #[must_use]
    pub fn current() -> Self {
        RequestContext::with(|context| context.timing.clone()).unwrap_or_default()
    }

    /// Adds time spent waiting for a gateway.
    pub fn add_gateway(&self, waited: Duration) {
        let micros = u64::try_from(waited.as_micros()).unwrap_or(u64::MAX);
        self.gateway_micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// The time spent waiting for gateways so far.
    #[must_use]
    pub fn gateway(&self) -> Duration {
        Duration::from_micros(self.gateway_micros.load(Ordering::Relaxed))
    }

    /// The header's value for a request that took `total`: milliseconds with microsecond places.
    pub(crate) fn header(&self, total: Duration) -> String {
        let gateway = self.gateway();
        let tender = total.saturating_sub(gateway);
        format!("gateway;dur={}, tender;dur={}", millis(gateway), millis(tender))
    }
}

fn millis(time: Duration) -> String {
    format!("{}.{:03}", time.as_millis(), time.subsec_micros() % 1000)
}

impl FromRequest for ServerTiming {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(request.extensions().get::<Self>().cloned().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenders_own_time_is_the_total_less_the_gateways() {
        let timing = ServerTiming::default();
        timing.clone().add_gateway(Duration::from_micros(12_345));
        timing.add_gateway(Duration::from_micros(1_000));
        assert_eq!(timing.header(Duration::from_micros(15_000)), "gateway;dur=13.345, tender;dur=1.655");
        assert_eq!(timing.header(Duration::from_micros(10)), "gateway;dur=13.345, tender;dur=0.000");
    }
}
