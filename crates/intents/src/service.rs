//! The service: what its use cases work with.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tender_domain::intents::IntentStore;
use tender_domain::ports::{Clock, Ids, MethodVault, OrderDirectory, PaymentGateway};

use crate::StorefrontPorts;

/// The gateways by their connector's name, and which of them takes new payments.
#[derive(Clone)]
pub struct Gateways {
    by_name: BTreeMap<String, Arc<dyn PaymentGateway>>,
    default: String,
}

impl Gateways {
    /// One gateway, which takes every payment.
    #[must_use]
    pub fn one(gateway: Arc<dyn PaymentGateway>) -> Self {
        let default = gateway.name().to_owned();
        Self { by_name: BTreeMap::from([(default.clone(), gateway)]), default }
    }

    /// The gateway of a connector, if it is set up here.
    #[must_use]
    pub fn find(&self, connector: &str) -> Option<&Arc<dyn PaymentGateway>> {
        self.by_name.get(connector)
    }

    /// The connector that takes a new payment.
    #[must_use]
    pub fn for_new_payment(&self) -> &str {
        &self.default
    }
}

/// What the service needs of the world.
#[derive(Clone)]
pub struct Deps {
    /// Where intents are.
    pub store: Arc<dyn IntentStore>,
    /// Where payment methods are.
    pub vault: Arc<dyn MethodVault>,
    /// Where orders are looked up.
    pub orders: Arc<dyn OrderDirectory>,
    /// Where payments are made.
    pub gateways: Gateways,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
    /// What the storefront dialects need.
    pub storefront: StorefrontPorts,
}

/// Bounds of the service.
#[derive(Debug, Clone, Copy)]
pub struct IntentsOptions {
    /// Whether this is the sandbox: test tokens count, and the tickets dialect needs no credential.
    pub sandbox: bool,
    /// The most attempts of an intent.
    pub max_attempts: u32,
    /// How long one call to a gateway may take; then its outcome is unknown. With `send_within` it stays below
    /// `tender_domain::intents::CALL_DEADLINE`.
    pub call_timeout: Duration,
    /// How long after its commit a call may still be sent. A call that has not been sent by then is not sent any more,
    /// so that a gateway's "not found" can become final.
    pub send_within: Duration,
}

impl Default for IntentsOptions {
    fn default() -> Self {
        Self {
            sandbox: true,
            max_attempts: 5,
            call_timeout: Duration::from_secs(10),
            send_within: Duration::from_secs(4),
        }
    }
}

/// The intents service. Cheap to share as an [`Arc`].
pub struct IntentsService {
    pub(crate) store: Arc<dyn IntentStore>,
    pub(crate) vault: Arc<dyn MethodVault>,
    pub(crate) orders: Arc<dyn OrderDirectory>,
    pub(crate) gateways: Gateways,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) storefront: StorefrontPorts,
    pub(crate) options: IntentsOptions,
}

impl IntentsService {
    /// The service over its ports.
    #[must_use]
    pub fn new(deps: Deps, options: IntentsOptions) -> Arc<Self> {
        let Deps { store, vault, orders, gateways, clock, ids, storefront } = deps;
        Arc::new(Self { store, vault, orders, gateways, clock, ids, storefront, options })
    }
}
