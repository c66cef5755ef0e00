//! Tenants' own connectors, in a process that is not intents'.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::DateTime;
use tender_domain::connectors::{
    AdapterError, Connector, ConnectorAdapters, ConnectorStatus, CredentialsNote, DeclineTable, OwnGateways,
    OwnGatewaysError,
};
use tender_domain::kernel::{TenantId, Version};
use tender_domain::ports::PaymentGateway;
use tender_gateways::{ConnectorsClient, ToldConnector};

use super::ConnectorFactory;

/// How long what intents told is used without asking again.
const FRESH_FOR: Duration = Duration::from_secs(2);
/// The most tenants that are kept; then all are asked for anew.
const TENANTS_MAX: usize = 10_000;

type Heard = (Instant, Arc<Vec<Connector>>);

/// Asks intents for connectors, and makes their gateways here.
pub struct RemoteOwnGateways {
    intents: ConnectorsClient,
    factory: ConnectorFactory,
    heard: Mutex<HashMap<TenantId, Heard>>,
}

impl RemoteOwnGateways {
    /// Of what intents tells, made by this factory.
    #[must_use]
    pub fn new(intents: ConnectorsClient, factory: ConnectorFactory) -> Self {
        Self { intents, factory, heard: Mutex::default() }
    }

    /// What intents tells now; while it cannot be asked, what it told last.
    async fn connectors(&self, tenant: &TenantId) -> Result<Arc<Vec<Connector>>, OwnGatewaysError> {
        let known = self.lock().get(tenant).cloned();
        if let Some((at, connectors)) = &known
            && at.elapsed() < FRESH_FOR
        {
            return Ok(Arc::clone(connectors));
        }
        match self.intents.connectors(tenant).await {
            Ok(told) => {
                let connectors: Vec<_> = told.into_iter().map(|one| connector(tenant, one)).collect();
                let connectors = Arc::new(connectors);
                let mut heard = self.lock();
                if heard.len() >= TENANTS_MAX {
                    heard.clear();
                }
                heard.insert(tenant.clone(), (Instant::now(), Arc::clone(&connectors)));
                Ok(connectors)
            }
            Err(error) => {
                let (_, last) = known.ok_or_else(|| error.clone())?;
                tracing::warn!(%tenant, %error, "what intents last told of connectors is used");
                Ok(last)
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<TenantId, Heard>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// As much of a connector as its gateway is made of.
fn connector(tenant: &TenantId, told: ToldConnector) -> Connector {
    let then = DateTime::UNIX_EPOCH;
    Connector {
        tenant: tenant.clone(),
        id: told.id,
        version: Version::new(told.version),
        livemode: told.livemode,
        name: told.name,
        kind: told.kind,
        status: if told.enabled { ConnectorStatus::Enabled } else { ConnectorStatus::Disabled },
        priority: 0,
        region: None,
        config: told.config,
        credentials: CredentialsNote {
            fields: Vec::new(),
            generation: 1,
            rotated_at: then,
            previous_until: None,
        },
        declines: DeclineTable::USUAL,
        created_at: then,
        updated_at: then,
    }
}

#[async_trait]
impl OwnGateways for RemoteOwnGateways {
    async fn named(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<Option<Arc<dyn PaymentGateway>>, OwnGatewaysError> {
        let connectors = self.connectors(tenant).await?;
        let Some(found) = connectors.iter().find(|connector| connector.name == name) else { return Ok(None) };
        match self.factory.gateway(found).await {
            Ok(gateway) => Ok(Some(gateway)),
            Err(AdapterError::Unusable(_)) => Ok(None),
            Err(error) => Err(OwnGatewaysError(error.to_string())),
        }
    }

    async fn enabled(
        &self,
        tenant: &TenantId,
        livemode: bool,
    ) -> Result<Vec<Arc<dyn PaymentGateway>>, OwnGatewaysError> {
        let mut gateways = Vec::new();
        for connector in self.connectors(tenant).await?.iter() {
            if !connector.takes(livemode) {
                continue;
            }
            match self.factory.gateway(connector).await {
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
