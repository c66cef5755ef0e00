//! The vault's store port.

use std::sync::Arc;

use async_trait::async_trait;

use crate::kernel::{
    ConnectorId, DataKeyId, JobId, MethodId, Page, PageRequest, Save, StoreError, TenantId, Timestamp,
};
use crate::ports::UnitOfWork;

use super::{
    ConnectorSecret, DataKey, KeyPurpose, KeyRotation, MethodFingerprint, MethodType, PaymentMethod,
};

/// What the vault can save.
#[derive(Debug, Clone)]
pub enum VaultWrite {
    /// A payment method.
    Method(Save<PaymentMethod>),
    /// A data key.
    DataKey(Save<DataKey>),
    /// A rotation of keys.
    Rotation(Save<KeyRotation>),
    /// The credentials of a connector.
    ConnectorSecret(Save<ConnectorSecret>),
}

impl From<Save<ConnectorSecret>> for VaultWrite {
    fn from(save: Save<ConnectorSecret>) -> Self {
        Self::ConnectorSecret(save)
    }
}

impl From<Save<DataKey>> for VaultWrite {
    fn from(save: Save<DataKey>) -> Self {
        Self::DataKey(save)
    }
}

impl From<Save<KeyRotation>> for VaultWrite {
    fn from(save: Save<KeyRotation>) -> Self {
        Self::Rotation(save)
    }
}

impl From<Save<PaymentMethod>> for VaultWrite {
    fn from(save: Save<PaymentMethod>) -> Self {
        Self::Method(save)
    }
}

/// Between which instants something was made. Unset bounds are open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CreatedRange {
    /// At or after.
    pub from: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
}

/// Which methods a list shows; an unset field does not filter. Deleted methods are never listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MethodFilter {
    /// Of this customer.
    pub customer_id: Option<String>,
    /// Of this merchant account.
    pub merchant_account_id: Option<String>,
    /// Made in this range.
    pub created: CreatedRange,
    /// With all of these metadata entries.
    pub metadata: Vec<(String, String)>,
    /// Of this type.
    pub method_type: Option<MethodType>,
    /// Of this card or account.
    pub fingerprint: Option<MethodFingerprint>,
    /// Whose cards' last months lie within these. A method without a card passes only where both bounds are open.
    pub last_month: MonthRange,
}

/// Between which months, as of [`Card::months`](super::Card::months), something lies. Unset bounds are open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MonthRange {
    /// In it or later.
    pub from: Option<i32>,
    /// Before it.
    pub until: Option<i32>,
    /// Whether what has no month passes too.
    pub or_none: bool,
}

impl MonthRange {
    /// Whether everything passes.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.from.is_none() && self.until.is_none()
    }

    /// Whether what ends with this month, or never, passes.
    #[must_use]
    pub fn passes(&self, month: Option<i32>) -> bool {
        match month {
            Some(month) => {
                self.from.is_none_or(|from| month >= from) && self.until.is_none_or(|until| month < until)
            }
            None => self.is_open() || self.or_none,
        }
    }
}

/// Keeps payment methods.
#[async_trait]
pub trait MethodStore: UnitOfWork<Write = VaultWrite> {
    /// The method, also a deleted one; none when the tenant has no such method.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn method(&self, tenant: &TenantId, id: MethodId)
    -> Result<Option<Arc<PaymentMethod>>, StoreError>;

    /// The active methods that pass the filter, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn methods(
        &self,
        tenant: &TenantId,
        filter: &MethodFilter,
        page: &PageRequest,
    ) -> Result<Page<Arc<PaymentMethod>>, StoreError>;

    /// The customer's default method, if it has one.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn default_method(
        &self,
        tenant: &TenantId,
        customer_id: &str,
    ) -> Result<Option<Arc<PaymentMethod>>, StoreError>;

    /// The customer's newest active method other than `except`: what the default is passed on to. One whose card's last month,
    /// as of [`Card::months`](super::Card::months), is before `month` only when there is no other.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn newest_other_method(
        &self,
        tenant: &TenantId,
        customer_id: &str,
        except: MethodId,
        month: i32,
    ) -> Result<Option<Arc<PaymentMethod>>, StoreError>;

    /// The customer's oldest active method with this fingerprint, before all that repeat another: what another of the same card
    /// or account repeats.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn method_of_instrument(
        &self,
        tenant: &TenantId,
        customer_id: &str,
        fingerprint: MethodFingerprint,
    ) -> Result<Option<Arc<PaymentMethod>>, StoreError>;

    /// Methods of all tenants whose verification is due by `now`, the longest waiting first; at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn due_verifications(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Arc<PaymentMethod>>, StoreError>;

    /// Active methods of all tenants of whose cards there is something to tell while `month`, as of
    /// [`Card::months`](super::Card::months), is the first whose cards are good: that they have expired, and then that they
    /// expire; at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn expiries_to_tell(&self, month: i32, limit: usize)
    -> Result<Vec<Arc<PaymentMethod>>, StoreError>;
}

/// Keeps data keys and their rotations.
#[async_trait]
pub trait KeyStore: UnitOfWork<Write = VaultWrite> {
    /// The key, also a retired one; none when the tenant has no such key.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn data_key(&self, tenant: &TenantId, id: DataKeyId) -> Result<Option<DataKey>, StoreError>;

    /// The usable keys of the purpose, the highest number first: that one seals. At most a hundred.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn usable_keys(&self, tenant: &TenantId, purpose: KeyPurpose) -> Result<Vec<DataKey>, StoreError>;

    /// The tenant's keys, also the retired ones, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn data_keys(&self, tenant: &TenantId, page: &PageRequest) -> Result<Page<DataKey>, StoreError>;

    /// Usable keys of all tenants that another key-encryption key than `by` has wrapped; at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn keys_not_wrapped_by(&self, by: &str, limit: usize) -> Result<Vec<DataKey>, StoreError>;

    /// How many records of the tenant that keys of this purpose seal (active methods, or connectors' credentials) are sealed
    /// otherwise than under `key`.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn count_sealed_otherwise(
        &self,
        tenant: &TenantId,
        purpose: KeyPurpose,
        key: DataKeyId,
    ) -> Result<u64, StoreError>;

    /// Active methods of the tenant that are sealed otherwise than under `key`, but for those named in `except`; at most
    /// `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn sealed_otherwise(
        &self,
        tenant: &TenantId,
        key: DataKeyId,
        except: &[MethodId],
        limit: usize,
    ) -> Result<Vec<Arc<PaymentMethod>>, StoreError>;

    /// The credentials of a connector, also destroyed ones; none when there never were any.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn connector_secret(
        &self,
        tenant: &TenantId,
        connector: ConnectorId,
    ) -> Result<Option<ConnectorSecret>, StoreError>;

    /// Credentials of the tenant's connectors that are sealed otherwise than under `key`, but for those named in
    /// `except`; at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn secrets_sealed_otherwise(
        &self,
        tenant: &TenantId,
        key: DataKeyId,
        except: &[ConnectorId],
        limit: usize,
    ) -> Result<Vec<ConnectorSecret>, StoreError>;

    /// The rotation of this job.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn rotation(&self, tenant: &TenantId, id: JobId) -> Result<Option<KeyRotation>, StoreError>;

    /// Rotations of all tenants that have not ended, the oldest first; at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn running_rotations(&self, limit: usize) -> Result<Vec<KeyRotation>, StoreError>;
}
