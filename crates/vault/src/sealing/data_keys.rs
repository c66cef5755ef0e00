//! The tenants' data keys: made when first needed, unwrapped when first used, kept in the clear for a short while.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use secrecy::SecretSlice;
use tender_domain::connectors::ConnectorCredentials;
use tender_domain::kernel::{
    Change, CommitError, ConnectorId, DataKeyId, Guard, MethodId, Save, StoreError, TenantId, to_micros,
};
use tender_domain::ports::{Clock, Ids, KeyEncryption, KeyEncryptionError, WrappedKey};
use tender_domain::vault::{DataKey, KeyPurpose, KeyStore, SealedTokens, SealingKey};

use super::Keyring;
use super::credentials;
use super::open_key::OpenKey;
use super::tokens::{self, ConnectorTokens, SealError};

/// The most data keys that are kept in the clear.
const OPEN_KEYS_MAX: u64 = 10_000;
/// How long one is kept: a key that was retired is wiped everywhere after that.
const OPEN_KEY_LIFE: Duration = Duration::from_secs(300);
/// How long a process believes that a version is the current one. Sealing under one that no longer is does no harm: the
/// rotation finds the record, or, when it has ended, the database refuses it.
const CURRENT_LIFE: Duration = Duration::from_secs(30);
/// How often a first key is tried to be made when others make it at the same time.
const TRIES_MAX: usize = 5;

/// What the keys are made with.
pub(crate) struct KeyPorts {
    /// The keys of the installation: open what was sealed before tenants had data keys, and unwrap what they wrapped.
    pub(crate) installation: Arc<Keyring>,
    /// What wraps data keys now.
    pub(crate) wrapping: Arc<dyn KeyEncryption>,
    pub(crate) store: Arc<dyn KeyStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
}

/// Seals and opens with the data keys of tenants.
pub(crate) struct DataKeys {
    ports: KeyPorts,
    open: Cache<(TenantId, DataKeyId), Arc<OpenKey>>,
    current: Cache<(TenantId, KeyPurpose), DataKeyId>,
}

impl fmt::Debug for DataKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKeys(…)")
    }
}

impl From<KeyEncryptionError> for SealError {
    fn from(error: KeyEncryptionError) -> Self {
        match error {
            KeyEncryptionError::Unavailable(why) => Self::Unavailable(why),
            KeyEncryptionError::UnknownKey(key) => Self::NoKey(key),
            KeyEncryptionError::Refused(why) => Self::Refused(why),
        }
    }
}

impl From<StoreError> for SealError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl DataKeys {
    pub(crate) fn new(ports: KeyPorts) -> Self {
        Self {
            ports,
            open: Cache::builder().max_capacity(OPEN_KEYS_MAX).time_to_live(OPEN_KEY_LIFE).build(),
            current: Cache::builder().max_capacity(OPEN_KEYS_MAX).time_to_live(CURRENT_LIFE).build(),
        }
    }

    /// Seals the tokens under the tenant's current key, for this method only.
    pub(crate) async fn seal(
        &self,
        tenant: &TenantId,
        method: MethodId,
        tokens: &ConnectorTokens,
    ) -> Result<SealedTokens, SealError> {
        let key = self.current(tenant, KeyPurpose::PaymentMethods).await?;
        self.seal_under(key, tenant, method, tokens).await
    }

    /// Seals the tokens under this key of the tenant.
    pub(crate) async fn seal_under(
        &self,
        key: DataKeyId,
        tenant: &TenantId,
        method: MethodId,
        tokens: &ConnectorTokens,
    ) -> Result<SealedTokens, SealError> {
        let key = self.open_key(tenant, key).await?;
        tokens::seal((key.key, &key.cipher), tenant, method, tokens)
    }

    /// Opens what was sealed for this method.
    pub(crate) async fn open(
        &self,
        tenant: &TenantId,
        method: MethodId,
        sealed: &SealedTokens,
    ) -> Result<ConnectorTokens, SealError> {
        match sealed.key {
            SealingKey::Data(id) => {
                let key = self.open_key(tenant, id).await?;
                tokens::open(&key.cipher, tenant, method, sealed)
            }
            SealingKey::Installation(version) => {
                let missing = || SealError::NoKey(format!("local:{version}"));
                let cipher = self.ports.installation.key(version).ok_or_else(missing)?;
                tokens::open(cipher, tenant, method, sealed)
            }
        }
    }

    /// Seals a connector's credentials under the tenant's current key for credentials.
    pub(crate) async fn seal_credentials(
        &self,
        tenant: &TenantId,
        connector: ConnectorId,
        credentials: &ConnectorCredentials,
    ) -> Result<SealedTokens, SealError> {
        let key = self.current(tenant, KeyPurpose::ConnectorCredentials).await?;
        self.seal_credentials_under(key, tenant, connector, credentials).await
    }

    /// Seals a connector's credentials under this key of the tenant.
    pub(crate) async fn seal_credentials_under(
        &self,
        key: DataKeyId,
        tenant: &TenantId,
        connector: ConnectorId,
        credentials: &ConnectorCredentials,
    ) -> Result<SealedTokens, SealError> {
        let key = self.open_key(tenant, key).await?;
        credentials::seal((key.key, &key.cipher), tenant, connector, credentials)
    }

    /// Opens a connector's credentials.
    pub(crate) async fn open_credentials(
        &self,
        tenant: &TenantId,
        connector: ConnectorId,
        sealed: &SealedTokens,
    ) -> Result<ConnectorCredentials, SealError> {
        let SealingKey::Data(id) = sealed.key else { return Err(SealError::NotOpened) };
        let key = self.open_key(tenant, id).await?;
        credentials::open(&key.cipher, tenant, connector, sealed)
    }

    /// Asks the store anew which of the tenant's keys is the current one.
    pub(crate) async fn forget_current(&self, tenant: &TenantId) {
        for purpose in KeyPurpose::ALL {
            self.current.invalidate(&(tenant.clone(), *purpose)).await;
        }
    }

    /// A key of the next number, and the guard that goes with it; not saved yet.
    pub(crate) async fn next_version(
        &self,
        tenant: &TenantId,
        purpose: KeyPurpose,
    ) -> Result<(DataKey, Guard), SealError> {
        let newest = self.ports.store.usable_keys(tenant, purpose).await?.into_iter().next();
        let number = newest.map_or(1, |key| key.number + 1);
        let id: DataKeyId = self.ports.ids.next();
        let context = DataKey::context(tenant, id, purpose);
        // Not kept in the clear: whoever seals with it first unwraps it, and so has seen that it unwraps.
        let (_, wrapped) = self.ports.wrapping.generate(&context).await?;
        let now = to_micros(self.ports.clock.now());
        Ok(DataKey::create((tenant.clone(), id), purpose, number, wrapped, now))
    }

    /// By what a key wrapped now is wrapped.
    pub(crate) async fn wrapped_by_now(&self) -> Result<String, SealError> {
        Ok(self.ports.wrapping.current().await?)
    }

    /// The key under the current key-encryption key; none when it is retired.
    pub(crate) async fn rewrapped(&self, key: &DataKey) -> Result<Option<DataKey>, SealError> {
        let Some(wrapped) = key.wrapped() else { return Ok(None) };
        let context = DataKey::context(&key.tenant, key.id, key.purpose);
        let wrapping = &self.ports.wrapping;
        let again = if wrapping.knows(&wrapped.by) {
            wrapping.rewrap(&context, wrapped).await?
        } else {
            wrapping.wrap(&context, &self.unwrapped(&context, wrapped).await?).await?
        };
        Ok(key.rewrapped(again, to_micros(self.ports.clock.now())))
    }

    async fn unwrapped(&self, context: &[u8], wrapped: &WrappedKey) -> Result<SecretSlice<u8>, SealError> {
        let KeyPorts { wrapping, installation, .. } = &self.ports;
        if wrapping.knows(&wrapped.by) {
            return Ok(wrapping.unwrap(context, wrapped).await?);
        }
        Ok(installation.unwrap(context, wrapped).await?)
    }

    /// Which key seals now; the first one is made here.
    async fn current(&self, tenant: &TenantId, purpose: KeyPurpose) -> Result<DataKeyId, SealError> {
        let found = self.current.try_get_with((tenant.clone(), purpose), self.newest(tenant, purpose)).await;
        found.map_err(|error: Arc<SealError>| (*error).clone())
    }

    async fn newest(&self, tenant: &TenantId, purpose: KeyPurpose) -> Result<DataKeyId, SealError> {
        for _ in 0..TRIES_MAX {
            if let Some(key) = self.ports.store.usable_keys(tenant, purpose).await?.first() {
                return Ok(key.id);
            }
            let (key, guard) = self.next_version(tenant, purpose).await?;
            let id = key.id;
            let change = Change::of(tenant.clone()).save(Save::new(key)).guarded(guard);
            match self.ports.store.commit(change).await {
                Ok(_) => return Ok(id),
                Err(CommitError::ClaimTaken { .. } | CommitError::Conflict) => {}
                Err(error) => return Err(SealError::Unavailable(error.to_string())),
            }
        }
        Err(SealError::Unavailable("others kept making the tenant's first key".to_owned()))
    }

    /// The key in the clear. Of many who ask at once one unwraps it.
    async fn open_key(&self, tenant: &TenantId, id: DataKeyId) -> Result<Arc<OpenKey>, SealError> {
        let found = self.open.try_get_with((tenant.clone(), id), self.load(tenant, id)).await;
        found.map_err(|error: Arc<SealError>| (*error).clone())
    }

    async fn load(&self, tenant: &TenantId, id: DataKeyId) -> Result<Arc<OpenKey>, SealError> {
        let key = self.ports.store.data_key(tenant, id).await?;
        let key = key.ok_or_else(|| SealError::NoKey(id.to_string()))?;
        let wrapped = key.wrapped().ok_or(SealError::Retired)?;
        let context = DataKey::context(tenant, id, key.purpose);
        let bytes = self.unwrapped(&context, wrapped).await?;
        metrics::counter!("vault_data_keys_unwrapped_total").increment(1);
        OpenKey::new(id, &bytes).map(Arc::new).ok_or(SealError::NotOpened)
    }
}
