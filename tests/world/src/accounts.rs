//! The tenant's own accounts at the gateway, in worlds that have some: the first fails often, the second as cards say.

use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::connectors::{
    AdapterError, Connector, ConnectorAdapters, ConnectorLog, ConnectorStore, Credentials, DeclineTable,
    GatewayType, NewConnector, RoutingRules, TenantRouting,
};
use tender_domain::kernel::{ConnectorId, Page, PageRequest, StoreError, TenantId, Timestamp};
use tender_domain::ports::PaymentGateway;
use uuid::Uuid;

use crate::gateway::Line;
use crate::state::{World, tenant};

const MOODY: &str = "moody";
const STEADY: &str = "steady";

/// The connectors are always there: registering them is no part of the world.
pub(crate) struct OwnConnectors(pub(crate) Arc<World>);

fn connector(number: u128, name: &str, priority: i32) -> Connector {
    let new = NewConnector {
        id: ConnectorId::from_uuid(Uuid::from_u128(number)),
        tenant: tenant(),
        livemode: false,
        name: name.to_owned(),
        kind: "simulator".to_owned(),
        priority,
        region: None,
        config: Default::default(),
        secrets: Vec::new(),
        declines: DeclineTable::USUAL,
    };
    Connector::register(new, Timestamp::UNIX_EPOCH).expect("a good connector")
}

#[async_trait]
impl ConnectorStore for OwnConnectors {
    async fn routing(&self, of: &TenantId) -> Result<TenantRouting, StoreError> {
        let there = self.0.has_own_connectors && *of == tenant();
        let connectors =
            if there { vec![connector(1, MOODY, 10), connector(2, STEADY, 5)] } else { Vec::new() };
        Ok(TenantRouting { connectors, rules: RoutingRules::unset(of.clone(), Timestamp::UNIX_EPOCH) })
    }

    async fn routing_changed_since(
        &self,
        _: Timestamp,
        _: usize,
    ) -> Result<Vec<(TenantId, Timestamp)>, StoreError> {
        Ok(vec![(tenant(), Timestamp::UNIX_EPOCH)])
    }

    async fn connector_of_callback(&self, _: ConnectorId) -> Result<Option<Connector>, StoreError> {
        Ok(None)
    }

    async fn open_payments(&self, _: &TenantId, _: &str) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn keep_logs(&self, _: &[ConnectorLog]) -> Result<(), StoreError> {
        Ok(())
    }

    async fn logs(
        &self,
        _: &TenantId,
        _: ConnectorId,
        page: &PageRequest,
    ) -> Result<Page<ConnectorLog>, StoreError> {
        Ok(Page::from_fetched(page, Vec::new()))
    }

    async fn forget_logs(&self, _: Timestamp, _: usize) -> Result<u64, StoreError> {
        Ok(0)
    }
}

pub(crate) struct OwnAccounts(pub(crate) Arc<World>);

#[async_trait]
impl ConnectorAdapters for OwnAccounts {
    fn types(&self) -> &[GatewayType] {
        &[]
    }

    async fn gateway(&self, connector: &Connector) -> Result<Arc<dyn PaymentGateway>, AdapterError> {
        self.made_of(connector, &Credentials::new())
    }

    fn made_of(
        &self,
        connector: &Connector,
        _: &Credentials,
    ) -> Result<Arc<dyn PaymentGateway>, AdapterError> {
        Ok(Arc::new(Line {
            name: connector.name.clone(),
            moody: connector.name == MOODY,
            simulator: self.0.line.simulator.clone(),
            effects: Arc::clone(&self.0.effects),
            dice: Arc::clone(&self.0.dice),
        }))
    }
}
