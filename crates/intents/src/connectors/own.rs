//! The gateways behind connectors: the operator's, and tenants' own.

use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use tender_domain::connectors::{
    AdapterError, CallsHeard, Connector, ConnectorStatus, LoggedCall, OwnGateways, OwnGatewaysError,
};
use tender_domain::kernel::TenantId;
use tender_domain::ports::PaymentGateway;

use crate::IntentsService;

impl IntentsService {
    /// The gateway of a connector of the tenant, its own or the operator's, if it is set up. A name of the tenant's own is
    /// its own, also where the operator's settings got one of that name later.
    pub(crate) async fn gateway_of(&self, tenant: &TenantId, name: &str) -> Option<Arc<dyn PaymentGateway>> {
        match self.own_connector(tenant, name).await {
            Ok(Some(connector)) => match self.made(&connector).await {
                Ok(gateway) => Some(gateway),
                Err(error) => {
                    tracing::warn!(%tenant, connector = name, %error, "a connector cannot be used now");
                    None
                }
            },
            Ok(None) => self.gateways.find(name).cloned(),
            Err(error) => {
                tracing::warn!(%tenant, connector = name, %error, "connectors could not be read");
                None
            }
        }
    }

    /// The same of what was asked for before: for decisions that cannot wait. Whoever calls a gateway has asked for it.
    pub(crate) fn known_gateway(&self, tenant: &TenantId, name: &str) -> Option<Arc<dyn PaymentGateway>> {
        if self.connectors.book.of(tenant).is_some() {
            let made = self.connectors.made.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, gateway)) = made.get(&(tenant.clone(), name.to_owned())) {
                return Some(Arc::clone(gateway));
            }
        }
        self.gateways.find(name).cloned()
    }

    async fn made(&self, connector: &Connector) -> Result<Arc<dyn PaymentGateway>, AdapterError> {
        if connector.status == ConnectorStatus::Deleted {
            return Err(AdapterError::Unusable("it was deleted".to_owned()));
        }
        let place = (connector.tenant.clone(), connector.name.clone());
        {
            let made = self.connectors.made.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((version, gateway)) = made.get(&place)
                && *version == connector.version
            {
                return Ok(Arc::clone(gateway));
            }
        }
        let gateway = self.connectors.ports.adapters.gateway(connector).await?;
        let mut made = self.connectors.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.insert(place, (connector.version, Arc::clone(&gateway)));
        Ok(gateway)
    }
}

/// For refunds and the vault in the same process; between processes `POST /internal/connectors/calls` tells of them.
#[async_trait]
impl CallsHeard for IntentsService {
    async fn hear(&self, tenant: &TenantId, connector: &str, call: LoggedCall) {
        let (heard, took) = (call.heard(), call.took());
        self.hear_call((tenant, connector), heard, took, || call).await;
    }
}

/// For services of the same process; between processes `GET /internal/connectors` tells of the connectors.
#[async_trait]
impl OwnGateways for IntentsService {
    async fn named(
        &self,
        tenant: &TenantId,
        connector: &str,
    ) -> Result<Option<Arc<dyn PaymentGateway>>, OwnGatewaysError> {
        let away = |error: &dyn std::fmt::Display| OwnGatewaysError(error.to_string());
        match self.own_connector(tenant, connector).await.map_err(|error| away(&error))? {
            Some(connector) => match self.made(&connector).await {
                Ok(gateway) => Ok(Some(gateway)),
                Err(AdapterError::Unusable(_)) => Ok(None),
                Err(error) => Err(away(&error)),
            },
            None => Ok(None),
        }
    }

    async fn enabled(
        &self,
        tenant: &TenantId,
        livemode: bool,
    ) -> Result<Vec<Arc<dyn PaymentGateway>>, OwnGatewaysError> {
        let Some(routing) = self.connectors.book.of(tenant) else { return Ok(Vec::new()) };
        let mut gateways = Vec::new();
        for connector in &routing.connectors {
            if !connector.takes(livemode) {
                continue;
            }
            match self.made(connector).await {
                Ok(gateway) => gateways.push(gateway),
                // The others still take the card.
                Err(error) => {
                    tracing::warn!(%tenant, connector = connector.name, %error, "not asked for a token")
                }
            }
        }
        Ok(gateways)
    }
}
