//! Payment methods in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tender_domain::kernel::{
    CommitError, ConnectorId, DataKeyId, Direction, JobId, MethodId, Page, PageRequest, SecretReadId,
    StoreError, TenantId, Timestamp,
};
use tender_domain::vault::{
    Card, CardNumberScan, ConnectorSecret, DataKey, ExpiryNotice, KeyPurpose, KeyRotation, MethodFilter,
    MethodFingerprint, MethodStatus, MethodStore, PaymentMethod, SEALED_BY_RETIRED_KEY,
    SECRET_SEALED_BY_RETIRED_KEY, SealedTokens, SealingKey, SecretRead, VaultWrite,
};

use crate::{Aggregates, Memory};

/// The payment methods of every tenant, by id, with the keys that seal them.
#[derive(Debug, Default)]
pub struct Methods {
    pub(crate) methods: BTreeMap<(TenantId, MethodId), Arc<PaymentMethod>>,
    pub(crate) keys: BTreeMap<(TenantId, DataKeyId), Arc<DataKey>>,
    pub(crate) rotations: BTreeMap<(TenantId, JobId), Arc<KeyRotation>>,
    pub(crate) secrets: BTreeMap<(TenantId, ConnectorId), Arc<ConnectorSecret>>,
    /// Beside the unit of work, as in PostgreSQL.
    pub(crate) reads: Mutex<BTreeMap<(TenantId, SecretReadId), SecretRead>>,
    pub(crate) scans: Mutex<Vec<CardNumberScan>>,
}

/// A vault's store in memory.
pub type MemoryMethodStore = Memory<Methods>;

impl Aggregates for Methods {
    type Write = VaultWrite;

    fn check(&self, write: &VaultWrite) -> Result<(), CommitError> {
        let refused = |constraint: &str| CommitError::Refused { constraint: constraint.to_owned() };
        let (before, stored, table) = match write {
            VaultWrite::Method(save) => {
                let stored = self.methods.get(&(save.after.tenant.clone(), save.after.id));
                let before = save.before.as_ref().map(|before| before.version);
                (before, stored.map(|stored| stored.version), "payment_methods")
            }
            VaultWrite::DataKey(save) => {
                let stored = self.keys.get(&(save.after.tenant.clone(), save.after.id));
                let before = save.before.as_ref().map(|before| before.version);
                (before, stored.map(|stored| stored.version), "data_keys")
            }
            VaultWrite::Rotation(save) => {
                let stored = self.rotations.get(&(save.after.tenant.clone(), save.after.id));
                let before = save.before.as_ref().map(|before| before.version);
                (before, stored.map(|stored| stored.version), "key_rotations")
            }
            VaultWrite::ConnectorSecret(save) => {
                let stored = self.secrets.get(&(save.after.tenant.clone(), save.after.connector));
                let before = save.before.as_ref().map(|before| before.version);
                (before, stored.map(|stored| stored.version), "connector_secrets")
            }
        };
        match (before, stored) {
            (None, Some(_)) => return Err(refused(&format!("{table}_pkey"))),
            (Some(before), stored) if Some(before) != stored => return Err(CommitError::Conflict),
            _ => {}
        }
        match write {
            VaultWrite::Method(save) if !self.is_sealed_by_a_usable_key(&save.after) => {
                Err(refused(SEALED_BY_RETIRED_KEY))
            }
            VaultWrite::ConnectorSecret(save)
                if !self.is_usable(&save.after.tenant, save.after.sealed.as_ref()) =>
            {
                Err(refused(SECRET_SEALED_BY_RETIRED_KEY))
            }
            VaultWrite::DataKey(save) if save.after.wrapped().is_none() && self.seals(&save.after) => {
                Err(refused(SEALED_BY_RETIRED_KEY))
            }
            _ => Ok(()),
        }
    }

    fn apply(&mut self, write: VaultWrite) {
        match write {
            VaultWrite::Method(save) => {
                self.methods.insert((save.after.tenant.clone(), save.after.id), save.after);
            }
            VaultWrite::DataKey(save) => {
                self.keys.insert((save.after.tenant.clone(), save.after.id), save.after);
            }
            VaultWrite::Rotation(save) => {
                self.rotations.insert((save.after.tenant.clone(), save.after.id), save.after);
            }
            VaultWrite::ConnectorSecret(save) => {
                self.secrets.insert((save.after.tenant.clone(), save.after.connector), save.after);
            }
        }
    }
}

impl Methods {
    /// The tenant's active methods, oldest first.
    fn active<'a>(&'a self, tenant: &'a TenantId) -> impl DoubleEndedIterator<Item = &'a Arc<PaymentMethod>> {
        self.methods
            .values()
            .filter(move |method| method.tenant == *tenant && method.status() == MethodStatus::Active)
    }

    /// And by one of its own purpose.
    fn is_sealed_by_a_usable_key(&self, method: &PaymentMethod) -> bool {
        let purpose_of = |key: SealingKey| match key {
            SealingKey::Data(id) => self.keys.get(&(method.tenant.clone(), id)).map(|key| key.purpose),
            SealingKey::Installation(_) => None,
        };
        let of_another = method
            .tokens()
            .and_then(|sealed| purpose_of(sealed.key))
            .is_some_and(|purpose| purpose != KeyPurpose::PaymentMethods);
        self.is_usable(&method.tenant, method.tokens()) && !of_another
    }

    fn is_usable(&self, tenant: &TenantId, sealed: Option<&SealedTokens>) -> bool {
        match sealed.map(|sealed| sealed.key) {
            Some(SealingKey::Data(id)) => {
                self.keys.get(&(tenant.clone(), id)).is_some_and(|key| key.wrapped().is_some())
            }
            Some(SealingKey::Installation(_)) | None => true,
        }
    }

    /// The credentials of the tenant's connectors that another key than this has sealed.
    pub(crate) fn secrets_otherwise<'a>(
        &'a self,
        tenant: &'a TenantId,
        key: DataKeyId,
    ) -> impl Iterator<Item = &'a Arc<ConnectorSecret>> {
        let otherwise = move |secret: &&Arc<ConnectorSecret>| {
            secret.tenant == *tenant
                && secret.sealed.as_ref().is_some_and(|sealed| sealed.key != SealingKey::Data(key))
        };
        self.secrets.values().filter(otherwise)
    }

    fn seals(&self, key: &DataKey) -> bool {
        let under = |method: &Arc<PaymentMethod>| {
            method.tokens().is_some_and(|sealed| sealed.key == SealingKey::Data(key.id))
        };
        let secret = |secret: &Arc<ConnectorSecret>| {
            secret.tenant == key.tenant
                && secret.sealed.as_ref().is_some_and(|sealed| sealed.key == SealingKey::Data(key.id))
        };
        self.active(&key.tenant).any(under) || self.secrets.values().any(secret)
    }

    pub(crate) fn sealed_otherwise<'a>(
        &'a self,
        tenant: &'a TenantId,
        key: DataKeyId,
    ) -> impl Iterator<Item = &'a Arc<PaymentMethod>> {
        self.active(tenant)
            .filter(move |method| method.tokens().is_some_and(|sealed| sealed.key != SealingKey::Data(key)))
    }
}

fn passes(filter: &MethodFilter, method: &PaymentMethod) -> bool {
    let metadata = method.metadata.entries();
    let merchant = filter.merchant_account_id.as_ref();
    filter.customer_id.as_ref().is_none_or(|wanted| method.customer_id.as_ref() == Some(wanted))
        && merchant.is_none_or(|wanted| method.merchant_account_id.as_ref() == Some(wanted))
        && filter.created.from.is_none_or(|from| method.created_at >= from)
        && filter.created.until.is_none_or(|until| method.created_at < until)
        && filter.method_type.is_none_or(|wanted| method.details.method_type() == wanted)
        && filter.fingerprint.is_none_or(|wanted| method.fingerprint == wanted)
        && filter
            .last_month
            .passes(method.details.card().map(|card| Card::months(card.exp_year, card.exp_month)))
        && filter.metadata.iter().all(|(key, value)| metadata.get(key) == Some(value))
}

#[async_trait]
impl MethodStore for MemoryMethodStore {
    async fn method(
        &self,
        tenant: &TenantId,
        id: MethodId,
    ) -> Result<Option<Arc<PaymentMethod>>, StoreError> {
        Ok(self.read(|methods| methods.methods.get(&(tenant.clone(), id)).cloned()))
    }

    async fn methods(
        &self,
        tenant: &TenantId,
        filter: &MethodFilter,
        page: &PageRequest,
    ) -> Result<Page<Arc<PaymentMethod>>, StoreError> {
        let cursor = page.cursor.map(|cursor| MethodId::from_uuid(cursor.0));
        let fetch = page.limit() + 1;
        let rows = self.read(|methods| {
            let found = methods.active(tenant).filter(|method| passes(filter, method));
            let rows: Vec<_> = match page.direction {
                Direction::Older => found
                    .rev()
                    .filter(|row| cursor.is_none_or(|at| row.id < at))
                    .take(fetch)
                    .cloned()
                    .collect(),
                Direction::Newer => {
                    found.filter(|row| cursor.is_none_or(|at| row.id > at)).take(fetch).cloned().collect()
                }
            };
            rows
        });
        Ok(Page::from_fetched(page, rows))
    }

    async fn default_method(
        &self,
        tenant: &TenantId,
        customer_id: &str,
    ) -> Result<Option<Arc<PaymentMethod>>, StoreError> {
        let is_default = |method: &&Arc<PaymentMethod>| {
            method.is_default() && method.customer_id.as_deref() == Some(customer_id)
        };
        Ok(self.read(|methods| methods.active(tenant).find(is_default).cloned()))
    }

    async fn newest_other_method(
        &self,
        tenant: &TenantId,
        customer_id: &str,
        except: MethodId,
        month: i32,
    ) -> Result<Option<Arc<PaymentMethod>>, StoreError> {
        let is_other = |method: &&Arc<PaymentMethod>| {
            method.id != except && method.customer_id.as_deref() == Some(customer_id)
        };
        let is_good = |method: &&Arc<PaymentMethod>| {
            let card = method.details.card();
            card.is_none_or(|card| Card::months(card.exp_year, card.exp_month) >= month)
        };
        let best_last = |method: &&Arc<PaymentMethod>| (is_good(method), method.id);
        Ok(self.read(|methods| methods.active(tenant).filter(is_other).max_by_key(best_last).cloned()))
    }

    async fn method_of_instrument(
        &self,
        tenant: &TenantId,
        customer_id: &str,
        fingerprint: MethodFingerprint,
    ) -> Result<Option<Arc<PaymentMethod>>, StoreError> {
        let is_same = |method: &&Arc<PaymentMethod>| {
            method.fingerprint == fingerprint && method.customer_id.as_deref() == Some(customer_id)
        };
        let first_of_all = |method: &&Arc<PaymentMethod>| (method.duplicate_of.is_some(), method.id);
        Ok(self.read(|methods| methods.active(tenant).filter(is_same).min_by_key(first_of_all).cloned()))
    }

    async fn due_verifications(
        &self,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Arc<PaymentMethod>>, StoreError> {
        let due = |method: &PaymentMethod| method.verification.as_ref().and_then(|last| last.due_at);
        let mut found: Vec<_> = self.read(|methods| {
            let due_by_now = |method: &&Arc<PaymentMethod>| due(method).is_some_and(|at| at <= now);
            methods.methods.values().filter(due_by_now).cloned().collect()
        });
        found.sort_by_key(|method| (due(method), method.tenant.clone(), method.id));
        found.truncate(limit);
        Ok(found)
    }

    async fn expiries_to_tell(
        &self,
        month: i32,
        limit: usize,
    ) -> Result<Vec<Arc<PaymentMethod>>, StoreError> {
        let last = |method: &PaymentMethod| {
            let active = method.details.card().filter(|_| method.status() == MethodStatus::Active);
            active.map(|card| Card::months(card.exp_year, card.exp_month))
        };
        let to_tell = |method: &&Arc<PaymentMethod>| match last(method) {
            Some(last) if last < month => method.expiry_told != Some(ExpiryNotice::Expired),
            Some(last) => last == month && method.expiry_told.is_none(),
            None => false,
        };
        let mut found: Vec<_> =
            self.read(|methods| methods.methods.values().filter(to_tell).cloned().collect());
        found.sort_by_key(|method| (last(method), method.tenant.clone(), method.id));
        found.truncate(limit);
        Ok(found)
    }
}
