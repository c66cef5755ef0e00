//! What tenants' connectors and rules are, in the process: a payment pays no read for them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tender_domain::connectors::{Connector, ConnectorStatus, TenantRouting};
use tender_domain::kernel::{ConnectorId, StoreError, TenantId, Timestamp};

use crate::IntentsService;

/// How many tenants are read of at once.
const PAGE: usize = 500;
/// What is heard may be committed this much later than it says.
const OVERLAP: Duration = Duration::from_secs(30);

/// The routing of all tenants that have some.
#[derive(Debug, Default)]
pub(crate) struct Book {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    by_tenant: HashMap<TenantId, Arc<TenantRouting>>,
    heard_until: Timestamp,
}

impl Book {
    /// A tenant's connectors and rules; none when it never had any.
    pub(crate) fn of(&self, tenant: &TenantId) -> Option<Arc<TenantRouting>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).by_tenant.get(tenant).cloned()
    }

    fn remember(&self, tenant: &TenantId, routing: TenantRouting) -> Arc<TenantRouting> {
        let routing = Arc::new(routing);
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let by_tenant = &mut state.by_tenant;
        if routing.connectors.is_empty() && routing.rules.rules.is_empty() {
            by_tenant.remove(tenant);
            return routing;
        }
        // Of two reads that overlap, the one that saw more.
        let seen = |routing: &TenantRouting| {
            let connectors = routing.connectors.iter().map(|connector| connector.updated_at).max();
            connectors.unwrap_or_default().max(routing.rules.updated_at)
        };
        match by_tenant.get(tenant) {
            Some(known) if seen(known) > seen(&routing) => Arc::clone(known),
            _ => {
                by_tenant.insert(tenant.clone(), Arc::clone(&routing));
                routing
            }
        }
    }

    fn heard_until(&self) -> Timestamp {
        self.state.read().unwrap_or_else(PoisonError::into_inner).heard_until
    }

    fn hear(&self, until: Timestamp) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.heard_until = state.heard_until.max(until);
    }
}

impl IntentsService {
    /// Reads the connectors and rules that changed since the last time, also by other processes. To be called once before
    /// the service serves.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn load_routing(&self) -> Result<(), StoreError> {
        let mut since = self.connectors.book.heard_until();
        since = since
            .checked_sub_signed(chrono::Duration::from_std(OVERLAP).unwrap_or_default())
            .unwrap_or(since);
        loop {
            let page = self.connectors.ports.store.routing_changed_since(since, PAGE).await?;
            let (full, last) = (page.len() == PAGE, page.last().map(|(_, at)| *at));
            let mut read: Vec<TenantId> = Vec::new();
            for (tenant, at) in page {
                if !read.contains(&tenant) {
                    self.read_routing(&tenant).await?;
                    read.push(tenant);
                }
                self.connectors.book.hear(at);
            }
            match last {
                Some(last) if full && last > since => since = last,
                _ => return Ok(()),
            }
        }
    }

    /// A tenant's connectors and rules, read anew and remembered.
    pub(crate) async fn read_routing(&self, tenant: &TenantId) -> Result<Arc<TenantRouting>, StoreError> {
        let routing = self.connectors.ports.store.routing(tenant).await?;
        Ok(self.connectors.book.remember(tenant, routing))
    }

    /// The tenant's own connector of this name; read anew when it is not known: another process may have registered it a
    /// moment ago.
    pub(crate) async fn own_connector(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<Option<Connector>, StoreError> {
        if let Some(found) = self.known_connector(tenant, name) {
            return Ok(Some(found));
        }
        if self.gateways.find(name).is_some() {
            return Ok(None);
        }
        let routing = self.read_routing(tenant).await?;
        Ok(routing.connectors.iter().find(|connector| connector.name == name).cloned())
    }

    /// The same of what is known.
    pub(crate) fn known_connector(&self, tenant: &TenantId, name: &str) -> Option<Connector> {
        let routing = self.connectors.book.of(tenant)?;
        routing.connectors.iter().find(|connector| connector.name == name).cloned()
    }

    /// The tenant's own connector with this id, read anew; none that was deleted.
    pub(crate) async fn connector_by_id(
        &self,
        tenant: &TenantId,
        id: ConnectorId,
    ) -> Result<Option<Connector>, StoreError> {
        let routing = self.read_routing(tenant).await?;
        let found = routing.connectors.iter().find(|connector| connector.id == id);
        Ok(found.filter(|connector| connector.status != ConnectorStatus::Deleted).cloned())
    }
}
