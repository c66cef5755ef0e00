//! The gateways that refunds can be made at.

use std::collections::BTreeMap;
use std::sync::Arc;

use tender_domain::connectors::{CallsHeard, LoggedCall, OwnGateways};
use tender_domain::kernel::TenantId;
use tender_domain::ports::PaymentGateway;

/// The gateways by their connector's name: the operator's, and tenants' own.
#[derive(Clone, Default)]
pub struct Gateways {
    operators: BTreeMap<String, Arc<dyn PaymentGateway>>,
    own: Option<Arc<dyn OwnGateways>>,
    heard: Option<Arc<dyn CallsHeard>>,
}

impl Gateways {
    /// With the gateways of tenants' own connectors.
    #[must_use]
    pub fn with_own(mut self, own: Arc<dyn OwnGateways>) -> Self {
        self.own = Some(own);
        self
    }

    /// With who counts what its calls said of connectors.
    #[must_use]
    pub fn heard_by(mut self, heard: Arc<dyn CallsHeard>) -> Self {
        self.heard = Some(heard);
        self
    }

    /// Notes what a call came to.
    pub(crate) async fn hear(&self, tenant: &TenantId, connector: &str, call: LoggedCall) {
        if let Some(heard) = &self.heard {
            heard.hear(tenant, connector, call).await;
        }
    }

    /// The gateway of a connector of the tenant, its own or the operator's; none of a connector that is not set up, which
    /// is another matter than one whose gateway cannot be had now. A name of the tenant's own is its own, also where the
    /// operator's settings got one of that name later.
    ///
    /// # Errors
    /// Why it cannot be had now.
    pub async fn named(
        &self,
        tenant: &TenantId,
        connector: &str,
    ) -> Result<Option<Arc<dyn PaymentGateway>>, String> {
        if let Some(own) = &self.own {
            match own.named(tenant, connector).await {
                Ok(Some(gateway)) => return Ok(Some(gateway)),
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%tenant, connector, %error, "a connector's gateway cannot be had now");
                    // It may be the tenant's own, and then no other may be asked in its place.
                    return Err(error.to_string());
                }
            }
        }
        Ok(self.operators.get(connector).cloned())
    }
}

impl FromIterator<Arc<dyn PaymentGateway>> for Gateways {
    fn from_iter<T: IntoIterator<Item = Arc<dyn PaymentGateway>>>(gateways: T) -> Self {
        let operators = gateways.into_iter().map(|gateway| (gateway.name().to_owned(), gateway)).collect();
        Self { operators, own: None, heard: None }
    }
}
