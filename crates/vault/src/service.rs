//! The vault service: what it is made of.

use std::sync::Arc;

use tender_domain::ports::{Clock, Ids, PaymentGateway};
use tender_domain::vault::MethodStore;

use crate::StorefrontPorts;
use crate::sealing::{FingerprintKey, Keyring};

/// What the vault needs of the world.
pub struct VaultDeps {
    /// Where methods are kept.
    pub store: Arc<dyn MethodStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
    /// The connectors that take cards, in the order in which they are asked about a client's token. The first that
    /// knows a card gives its fingerprint.
    pub gateways: Vec<Arc<dyn PaymentGateway>>,
    /// The sealing keys.
    pub keyring: Keyring,
    /// The key of fingerprints.
    pub fingerprint_key: FingerprintKey,
    /// What the storefront dialects need.
    pub storefront: StorefrontPorts,
}

/// The use cases of the vault. Also the [`MethodVault`](tender_domain::ports::MethodVault) of services in the same
/// process.
pub struct VaultService {
    pub(crate) deps: VaultDeps,
}

impl VaultService {
    /// The service over these.
    #[must_use]
    pub const fn new(deps: VaultDeps) -> Self {
        Self { deps }
    }
}
