//! Where connectors are kept, where their secrets are, and who makes gateways of both.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;

use crate::kernel::{ConnectorId, Page, PageRequest, StoreError, TenantId, Timestamp};
use crate::ports::PaymentGateway;

use super::{Connector, ConnectorLog, LoggedCall, RoutingRules};

/// A tenant's connectors and rules, read at once.
#[derive(Debug, Clone)]
pub struct TenantRouting {
    /// Its connectors, also the deleted ones.
    pub connectors: Vec<Connector>,
    /// Its rules.
    pub rules: RoutingRules,
}

/// The reads of connectors, over the schema of intents. What is written goes with the intents' changes.
///
/// # Errors
/// Every read: when the store cannot be reached, or what is stored breaks a law.
#[async_trait]
pub trait ConnectorStore: Send + Sync {
    /// A tenant's connectors and rules; nothing for one that never had any.
    async fn routing(&self, tenant: &TenantId) -> Result<TenantRouting, StoreError>;

    /// The tenants whose connectors or rules changed at this instant or later, with that instant, the earliest first.
    async fn routing_changed_since(
        &self,
        since: Timestamp,
        limit: usize,
    ) -> Result<Vec<(TenantId, Timestamp)>, StoreError>;

    /// The connector of this id, whosever it is: a callback says no more.
    async fn connector_of_callback(&self, id: ConnectorId) -> Result<Option<Connector>, StoreError>;

    /// How many payments of the connector are open: an outcome that is not known, a challenge, or money that is held.
    async fn open_payments(&self, tenant: &TenantId, connector: &str) -> Result<u64, StoreError>;

    /// Keeps lines of logs; one that is there already stays.
    async fn keep_logs(&self, lines: &[ConnectorLog]) -> Result<(), StoreError>;

    /// A connector's log, newest first.
    async fn logs(
        &self,
        tenant: &TenantId,
        connector: ConnectorId,
        page: &PageRequest,
    ) -> Result<Page<ConnectorLog>, StoreError>;

    /// Forgets lines of all tenants from before this instant, at most `limit`; says how many.
    async fn forget_logs(&self, before: Timestamp, limit: usize) -> Result<u64, StoreError>;
}

/// The secrets of a connector by the names of their fields. Printed nowhere.
pub type Credentials = BTreeMap<String, SecretString>;

/// Credentials to be kept.
#[derive(Debug, Clone)]
pub struct NewCredentials {
    /// Which of the connector they are, from 1. The same again overwrites itself; an older one is refused.
    pub generation: u32,
    /// They.
    pub fields: Credentials,
    /// Until when those before are kept beside; none for the first.
    pub previous_until: Option<Timestamp>,
}

/// Credentials as they are used.
#[derive(Debug, Clone)]
pub struct ConnectorCredentials {
    /// Which they are.
    pub generation: u32,
    /// They.
    pub fields: Credentials,
    /// Those before, and until when callbacks signed by them count.
    pub previous: Option<(Credentials, Timestamp)>,
}

/// Why secrets were not kept or read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ConnectorSecretsError {
    /// The vault cannot be reached, or its keys cannot be had.
    #[error("the vault is unavailable: {0}")]
    Unavailable(String),
    /// Later credentials are there already.
    #[error("later credentials of the connector are kept already")]
    Stale,
}

/// The vault, as the keeper of connectors' secrets. Every read is a line of its access log.
#[async_trait]
pub trait ConnectorSecrets: Send + Sync {
    /// Seals them and keeps them.
    ///
    /// # Errors
    /// See [`ConnectorSecretsError`].
    async fn keep(
        &self,
        tenant: &TenantId,
        connector: ConnectorId,
        credentials: NewCredentials,
    ) -> Result<(), ConnectorSecretsError>;

    /// What is kept; none when nothing is.
    ///
    /// # Errors
    /// See [`ConnectorSecretsError`].
    async fn read(
        &self,
        tenant: &TenantId,
        connector: ConnectorId,
    ) -> Result<Option<ConnectorCredentials>, ConnectorSecretsError>;

    /// Destroys them.
    ///
    /// # Errors
    /// See [`ConnectorSecretsError`].
    async fn erase(&self, tenant: &TenantId, connector: ConnectorId) -> Result<(), ConnectorSecretsError>;
}

/// A field of a gateway type's `config`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GatewayField {
    /// Its name.
    pub name: &'static str,
    /// Whether it is a secret: then it goes to the vault and is never shown.
    pub secret: bool,
    /// Whether nothing works without it.
    pub required: bool,
    /// Whether it names the account: it stays as it was registered, for a refund, or a call that is sent again, would else
    /// reach another account than the payment.
    pub account: bool,
}

/// A type of gateway that a connector can be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GatewayType {
    /// Its name (`stripe`).
    pub name: &'static str,
    /// What its `config` takes.
    pub fields: &'static [GatewayField],
}

/// Why no gateway was made of a connector.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AdapterError {
    /// Its secrets cannot be had now.
    #[error(transparent)]
    Secrets(#[from] ConnectorSecretsError),
    /// There are no secrets of it, or its configuration makes no gateway.
    #[error("the connector cannot be used: {0}")]
    Unusable(String),
}

/// Makes gateways of connectors.
#[async_trait]
pub trait ConnectorAdapters: Send + Sync {
    /// The types there are.
    fn types(&self) -> &[GatewayType];

    /// The gateway of a connector, under the connector's name. Kept until the connector's version changes: a payment
    /// pays nothing for it.
    ///
    /// # Errors
    /// See [`AdapterError`].
    async fn gateway(&self, connector: &Connector) -> Result<Arc<dyn PaymentGateway>, AdapterError>;

    /// A gateway of credentials that are not kept yet, to see whether they make one.
    ///
    /// # Errors
    /// See [`AdapterError`].
    fn made_of(
        &self,
        connector: &Connector,
        credentials: &Credentials,
    ) -> Result<Arc<dyn PaymentGateway>, AdapterError>;
}

/// Tenants' own connectors cannot be asked about now.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the tenant's connectors cannot be had now: {0}")]
pub struct OwnGatewaysError(pub String);

/// Who counts what calls said of connectors, and keeps their logs: for services that call gateways and keep neither.
#[async_trait]
pub trait CallsHeard: Send + Sync {
    /// Notes a call of a connector, the tenant's own or the operator's. What cannot be noted is dropped: nothing of a
    /// payment or a refund depends on it.
    async fn hear(&self, tenant: &TenantId, connector: &str, call: LoggedCall);
}

/// The gateways of tenants' own connectors, for services that neither keep nor route them.
#[async_trait]
pub trait OwnGateways: Send + Sync {
    /// The gateway of a connector of the tenant by its name, also of a disabled one; none when the tenant has no such
    /// connector.
    ///
    /// # Errors
    /// When it cannot be said.
    async fn named(
        &self,
        tenant: &TenantId,
        connector: &str,
    ) -> Result<Option<Arc<dyn PaymentGateway>>, OwnGatewaysError>;

    /// The gateways of the tenant's connectors that take new payments of this mode.
    ///
    /// # Errors
    /// When it cannot be said.
    async fn enabled(
        &self,
        tenant: &TenantId,
        livemode: bool,
    ) -> Result<Vec<Arc<dyn PaymentGateway>>, OwnGatewaysError>;
}
