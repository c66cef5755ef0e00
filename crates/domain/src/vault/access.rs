//! Who read which secret, when and for what: a log to which lines are only added.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::kernel::{
    ConnectorId, MethodId, Page, PageRequest, SecretReadId, StoreError, TenantId, Timestamp,
};

/// For so long a line is kept, whatever is asked for: a year (PCI DSS 4.0, 10.5.1).
pub const SECRET_READS_KEPT_AT_LEAST: Duration = Duration::from_secs(366 * 24 * 3600);

/// Who read a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reader {
    /// A service of the platform, by its name.
    Service(Arc<str>),
    /// An API key, by its id.
    Key(Arc<str>),
}

impl Reader {
    /// `service` or `key`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Service(_) => "service",
            Self::Key(_) => "key",
        }
    }

    /// The service's name, the key's id.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Service(name) | Self::Key(name) => name,
        }
    }

    /// The reader of this kind and name.
    #[must_use]
    pub fn of(kind: &str, name: &str) -> Option<Self> {
        match kind {
            "service" => Some(Self::Service(name.into())),
            "key" => Some(Self::Key(name.into())),
            _ => None,
        }
    }
}

/// What a secret was read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReadPurpose {
    /// To charge a payment method.
    Charge,
    /// To seal it under another key.
    KeyRotation,
    /// To verify a payment method, or to look up what its issuer takes part in.
    Verification,
    /// To make calls at a connector, or to know its callbacks.
    ConnectorCall,
}

impl ReadPurpose {
    /// Every purpose.
    pub const ALL: &'static [Self] =
        &[Self::Charge, Self::KeyRotation, Self::Verification, Self::ConnectorCall];

    /// The text form.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::KeyRotation => "key_rotation",
            Self::Verification => "verification",
            Self::ConnectorCall => "connector_call",
        }
    }

    /// The purpose of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|purpose| purpose.as_str() == name).copied()
    }
}

/// What holds a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretOf {
    /// A payment method.
    Method(MethodId),
    /// A connector.
    Connector(ConnectorId),
}

impl SecretOf {
    /// The payment method, if it is one.
    #[must_use]
    pub const fn method(self) -> Option<MethodId> {
        match self {
            Self::Method(id) => Some(id),
            Self::Connector(_) => None,
        }
    }

    /// The connector, if it is one.
    #[must_use]
    pub const fn connector(self) -> Option<ConnectorId> {
        match self {
            Self::Method(_) => None,
            Self::Connector(id) => Some(id),
        }
    }
}

/// One read of a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretRead {
    /// Its id, in the order of reading.
    pub id: SecretReadId,
    /// Whose secret.
    pub tenant: TenantId,
    /// Which record's.
    pub of: SecretOf,
    /// Who read it.
    pub reader: Reader,
    /// For what.
    pub purpose: ReadPurpose,
    /// Whether it opened: a read that failed is a line too.
    pub opened: bool,
    /// When.
    pub at: Timestamp,
}

/// Which lines a list shows; an unset field does not filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessFilter {
    /// Of this payment method.
    pub method: Option<MethodId>,
    /// Of this connector.
    pub connector: Option<ConnectorId>,
    /// By the reader of this name.
    pub reader: Option<String>,
    /// For this purpose.
    pub purpose: Option<ReadPurpose>,
    /// At or after.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

/// Keeps the log.
#[async_trait]
pub trait AccessLog: Send + Sync {
    /// Adds these lines, of whatever tenants: all of them or none. A line that is there already is not added again, so
    /// that whoever does not know whether it was written may write it again.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn append(&self, reads: &[SecretRead]) -> Result<(), StoreError>;

    /// Forgets up to `limit` lines, of whatever tenants, that were read before `read_before`, and none that is younger than
    /// [`SECRET_READS_KEPT_AT_LEAST`]. Says how many.
    ///
    /// # Errors
    /// When the store cannot be written.
    async fn forget(&self, read_before: Timestamp, limit: usize) -> Result<usize, StoreError>;

    /// The tenant's lines that pass the filter, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn reads(
        &self,
        tenant: &TenantId,
        filter: &AccessFilter,
        page: &PageRequest,
    ) -> Result<Page<SecretRead>, StoreError>;
}
