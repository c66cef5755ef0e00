//! The vault service: what it is made of.

use std::sync::Arc;

use tender_domain::connectors::{CallsHeard, OwnGateways};
use tender_domain::ports::{Clock, Ids, KeyEncryption, PaymentGateway};
use tender_domain::vault::{AccessLog, AttestationStore, KeyStore, MethodStore};

use crate::access::AccessLane;
use crate::sealing::{DataKeys, FingerprintKey, KeyPorts, Keyring};
use crate::{ProcessFacts, StorefrontPorts};

/// What the vault needs of the world.
pub struct VaultDeps {
    /// Where methods are kept.
    pub store: Arc<dyn MethodStore>,
    /// Where data keys are kept: the same store.
    pub key_store: Arc<dyn KeyStore>,
    /// Where it is kept who read a secret: the same store.
    pub access_log: Arc<dyn AccessLog>,
    /// What it is measured of: the same store.
    pub attestation: Arc<dyn AttestationStore>,
    /// What is known of the process.
    pub process: ProcessFacts,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// New ids.
    pub ids: Arc<dyn Ids>,
    /// The connectors that take cards, in the order in which they are asked about a client's token. The first that
    /// knows a card gives its fingerprint.
    pub gateways: Vec<Arc<dyn PaymentGateway>>,
    /// The gateways of tenants' own connectors, which are asked after the operator's.
    pub own_gateways: Arc<dyn OwnGateways>,
    /// Who keeps the logs of connectors, and counts their calls.
    pub calls_heard: Arc<dyn CallsHeard>,
    /// The keys of the installation. They open what was sealed before tenants had data keys, and wrap data keys where
    /// nobody else does.
    pub keyring: Arc<Keyring>,
    /// Who wraps data keys instead of the installation's own keys.
    pub key_encryption: Option<Arc<dyn KeyEncryption>>,
    /// The key of fingerprints.
    pub fingerprint_key: FingerprintKey,
    /// What the storefront dialects need.
    pub storefront: StorefrontPorts,
}

/// The use cases of the vault. Also the [`MethodVault`](tender_domain::ports::MethodVault) of services in the same
/// process.
pub struct VaultService {
    pub(crate) deps: VaultDeps,
    pub(crate) keys: DataKeys,
    pub(crate) reads: AccessLane,
}

impl VaultService {
    /// The service over these.
    #[must_use]
    pub fn new(deps: VaultDeps) -> Self {
        let keyring: Arc<dyn KeyEncryption> = Arc::clone(&deps.keyring) as _;
        let keys = DataKeys::new(KeyPorts {
            installation: Arc::clone(&deps.keyring),
            wrapping: deps.key_encryption.clone().unwrap_or(keyring),
            store: Arc::clone(&deps.key_store),
            clock: Arc::clone(&deps.clock),
            ids: Arc::clone(&deps.ids),
        });
        let reads = AccessLane::new(Arc::clone(&deps.access_log));
        Self { deps, keys, reads }
    }
}
