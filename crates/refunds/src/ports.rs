//! The gateways that refunds can be made at.

use std::collections::BTreeMap;
use std::sync::Arc;

use tender_domain::ports::PaymentGateway;

/// The gateways by their connector's name.
#[derive(Clone, Default)]
pub struct Gateways(BTreeMap<String, Arc<dyn PaymentGateway>>);

impl Gateways {
    /// The gateway of a connector, if it is set up here.
    #[must_use]
    pub fn find(&self, connector: &str) -> Option<&Arc<dyn PaymentGateway>> {
        self.0.get(connector)
    }
}

impl FromIterator<Arc<dyn PaymentGateway>> for Gateways {
    fn from_iter<T: IntoIterator<Item = Arc<dyn PaymentGateway>>>(gateways: T) -> Self {
        Self(gateways.into_iter().map(|gateway| (gateway.name().to_owned(), gateway)).collect())
    }
}
