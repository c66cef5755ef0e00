//! The gateways of tenants' own connectors and the keeper of their logs, where they are asked for before intents is built: the
//! vault and intents need each other.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use tender_domain::connectors::{CallsHeard, LoggedCall, OwnGateways, OwnGatewaysError};
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

/// Tells whoever it is handed later of calls of gateways. What is told before is dropped, as whatever finds no room is.
#[derive(Default)]
pub struct LateCallsHeard(OnceLock<Arc<dyn CallsHeard>>);

impl LateCallsHeard {
    /// From now on this one is told; the first one that is set stays.
    pub fn set(&self, heard: Arc<dyn CallsHeard>) {
        if self.0.set(heard).is_err() {
            tracing::error!("who is told of calls of gateways is set already");
        }
    }
}

#[async_trait]
impl CallsHeard for LateCallsHeard {
    async fn hear(&self, tenant: &TenantId, connector: &str, call: LoggedCall) {
        if let Some(heard) = self.0.get() {
            heard.hear(tenant, connector, call).await;
        }
    }
}
