//! The gateways of tenants' own connectors, where they are asked for before intents is built: the vault and intents need
//! each other.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use tender_domain::connectors::{OwnGateways, OwnGatewaysError};
use tender_domain::kernel::TenantId;
use tender_domain::ports::PaymentGateway;

/// Asks whoever it is handed later.
#[derive(Default)]
pub struct LateOwnGateways(OnceLock<Arc<dyn OwnGateways>>);

impl LateOwnGateways {
    /// From now on this one is asked; the first one that is set stays.
    pub fn set(&self, own: Arc<dyn OwnGateways>) {
        if self.0.set(own).is_err() {
            tracing::error!("who tells of tenants' own connectors is set already");
        }
    }

    fn get(&self) -> Result<&Arc<dyn OwnGateways>, OwnGatewaysError> {
        self.0.get().ok_or_else(|| OwnGatewaysError("the process is still starting".to_owned()))
    }
}

#[async_trait]
impl OwnGateways for LateOwnGateways {
    async fn named(
        &self,
        tenant: &TenantId,
        connector: &str,
    ) -> Result<Option<Arc<dyn PaymentGateway>>, OwnGatewaysError> {
        self.get()?.named(tenant, connector).await
    }

    async fn enabled(
        &self,
        tenant: &TenantId,
        livemode: bool,
    ) -> Result<Vec<Arc<dyn PaymentGateway>>, OwnGatewaysError> {
        self.get()?.enabled(tenant, livemode).await
    }
}
