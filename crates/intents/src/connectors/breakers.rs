//! The circuit breakers of this process, one for each connector of each tenant.
//!
//! By tenant, also at an account that many share: what one tenant's test cards or wrong amounts do to its calls must not
//! keep another's payments away.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tender_domain::connectors::{Breaker, BreakerPolicy, BreakerState, CallHealth, Heard, Permit};
use tender_domain::kernel::{TenantId, Timestamp};

/// The most breakers that are kept; then all begin anew.
const BREAKERS_MAX: usize = 20_000;

#[derive(Debug, Default)]
pub(crate) struct Breakers {
    policy: BreakerPolicy,
    by_connector: Mutex<HashMap<TenantId, HashMap<String, Breaker>>>,
}

impl Breakers {
    /// Whether a payment may go to the connector now.
    pub(crate) fn permit(&self, tenant: &TenantId, connector: &str, now: Timestamp) -> Permit {
        let mut all = self.lock();
        let breaker = all.get_mut(tenant).and_then(|own| own.get_mut(connector));
        breaker.map_or(Permit::Granted, |breaker| breaker.permit(&self.policy, now))
    }

    /// Notes what a call said. Says whether the breaker opened by that.
    pub(crate) fn hear(
        &self,
        (tenant, connector): (&TenantId, &str),
        heard: Heard,
        took: Duration,
        now: Timestamp,
    ) -> bool {
        let mut all = self.lock();
        if !all.contains_key(tenant) && all.len() >= BREAKERS_MAX {
            all.clear();
        }
        if !all.contains_key(tenant) {
            all.insert(tenant.clone(), HashMap::new());
        }
        let Some(own) = all.get_mut(tenant) else { return false };
        if !own.contains_key(connector) {
            own.insert(connector.to_owned(), Breaker::default());
        }
        own.get_mut(connector).is_some_and(|breaker| breaker.hear(&self.policy, heard, took, now))
    }

    /// Where a connector's breaker stands, and what was heard of it lately.
    pub(crate) fn look(
        &self,
        tenant: &TenantId,
        connector: &str,
        now: Timestamp,
    ) -> (BreakerState, CallHealth) {
        let all = self.lock();
        let breaker = all.get(tenant).and_then(|own| own.get(connector));
        breaker.map_or((BreakerState::Closed, CallHealth::default()), |breaker| {
            (breaker.state(now), breaker.health(&self.policy, now))
        })
    }

    /// Nothing is done while it is held that could panic half-way.
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<TenantId, HashMap<String, Breaker>>> {
        self.by_connector.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
