//! Makes the gateways of connectors, and keeps them until their connector changes.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tender_domain::connectors::{
    AdapterError, Connector, ConnectorAdapters, ConnectorSecrets, Credentials, GatewayType,
};
use tender_domain::kernel::{ConnectorId, TenantId, Version};
use tender_domain::ports::PaymentGateway;
use tender_gateways::NamedAccount;
use tender_settings::Settings;

use super::types::{Account, SIMULATOR, makers, types};
use crate::with_fail_points;

/// The most gateways that are kept; then all are made anew.
const KEPT_MAX: usize = 10_000;

type Kept = HashMap<(TenantId, ConnectorId), (Version, Arc<dyn PaymentGateway>)>;
type Maker = fn(&Account<'_>) -> Result<Arc<dyn PaymentGateway>, String>;

/// Makes gateways of tenants' own connectors.
pub struct ConnectorFactory {
    settings: Arc<Settings>,
    secrets: Arc<dyn ConnectorSecrets>,
    simulator: Option<Arc<dyn PaymentGateway>>,
    types: Vec<GatewayType>,
    makers: BTreeMap<&'static str, Maker>,
    kept: Mutex<Kept>,
}

impl ConnectorFactory {
    /// With the vault, and the operator's gateways, of which the simulated one is used where it is there.
    #[must_use]
    pub fn new(
        settings: Arc<Settings>,
        secrets: Arc<dyn ConnectorSecrets>,
        gateways: &[Arc<dyn PaymentGateway>],
    ) -> Self {
        let is_production = settings.is_production();
        let simulator = gateways.iter().find(|gateway| gateway.name() == SIMULATOR).cloned();
        Self {
            settings,
            secrets,
            simulator: simulator.filter(|_| !is_production),
            types: types(is_production),
            makers: makers(),
            kept: Mutex::default(),
        }
    }

    fn make(
        &self,
        connector: &Connector,
        secrets: &Credentials,
    ) -> Result<Arc<dyn PaymentGateway>, AdapterError> {
        let is_there = self.types.iter().any(|kind| kind.name == connector.kind);
        let maker = self.makers.get(&*connector.kind).filter(|_| is_there);
        let maker = maker
            .ok_or_else(|| AdapterError::Unusable(format!("there is no gateway type {}", connector.kind)))?;
        let simulator = self.simulator.as_ref();
        let account = Account { settings: &self.settings, connector, secrets, simulator };
        maker(&account).map_err(AdapterError::Unusable)
    }
}

#[async_trait]
impl ConnectorAdapters for ConnectorFactory {
    fn types(&self) -> &[GatewayType] {
        &self.types
    }

    async fn gateway(&self, connector: &Connector) -> Result<Arc<dyn PaymentGateway>, AdapterError> {
        let place = (connector.tenant.clone(), connector.id);
        {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((version, gateway)) = kept.get(&place)
                && *version == connector.version
            {
                return Ok(Arc::clone(gateway));
            }
        }
        let read = self.secrets.read(&connector.tenant, connector.id).await?;
        let read = read.ok_or_else(|| AdapterError::Unusable("its credentials were destroyed".to_owned()))?;
        let mut named = NamedAccount::new(&*connector.name, self.make(connector, &read.fields)?);
        if let Some((before, until)) = &read.previous {
            named = named.with_before(self.make(connector, before)?, *until);
        }
        let gateway = with_fail_points(Arc::new(named));
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(place, (connector.version, Arc::clone(&gateway)));
        Ok(gateway)
    }

    fn made_of(
        &self,
        connector: &Connector,
        credentials: &Credentials,
    ) -> Result<Arc<dyn PaymentGateway>, AdapterError> {
        self.make(connector, credentials)
    }
}
