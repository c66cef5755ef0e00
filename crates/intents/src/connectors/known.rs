//! What the process knows of tenants' own connectors.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tender_domain::connectors::{ConnectorAdapters, ConnectorSecrets, ConnectorStore};
use tender_domain::kernel::{TenantId, Version};
use tender_domain::ports::PaymentGateway;

use super::{Book, Breakers, LogLane};

/// What connectors need of the world.
#[derive(Clone)]
pub struct ConnectorPorts {
    /// Where they, rules and logs are kept: the same store as the intents'.
    pub store: Arc<dyn ConnectorStore>,
    /// The vault, as the keeper of their secrets.
    pub secrets: Arc<dyn ConnectorSecrets>,
    /// Who makes gateways of them.
    pub adapters: Arc<dyn ConnectorAdapters>,
}

pub(super) type Made = HashMap<(TenantId, String), (Version, Arc<dyn PaymentGateway>)>;

/// Tenants' own connectors, as this process knows them.
pub(crate) struct Connectors {
    pub(crate) ports: ConnectorPorts,
    pub(crate) book: Book,
    pub(crate) breakers: Breakers,
    pub(crate) logs: LogLane,
    /// The gateways that were asked for, for those who cannot wait.
    pub(super) made: Mutex<Made>,
}

impl Connectors {
    pub(crate) fn new(ports: ConnectorPorts) -> Self {
        Self {
            ports,
            book: Book::default(),
            breakers: Breakers::default(),
            logs: LogLane::default(),
            made: Mutex::default(),
        }
    }
}
