//! Payment methods in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tender_domain::kernel::{
    CommitError, DataKeyId, Direction, JobId, MethodId, Page, PageRequest, SecretReadId, StoreError, TenantId,
};
use tender_domain::vault::{
    AccessFilter, AccessLog, DataKey, KeyPurpose, KeyRotation, KeyStore, MethodFilter, MethodStatus,
    MethodStore, PaymentMethod, SEALED_BY_RETIRED_KEY, SealingKey, SecretRead, VaultWrite,
};

use crate::{Aggregates, Memory};

/// The payment methods of every tenant, by id, with the keys that seal them.
#[derive(Debug, Default)]
pub struct Methods {
    methods: BTreeMap<(TenantId, MethodId), Arc<PaymentMethod>>,
    keys: BTreeMap<(TenantId, DataKeyId), Arc<DataKey>>,
    rotations: BTreeMap<(TenantId, JobId), Arc<KeyRotation>>,
    /// Beside the unit of work, as in PostgreSQL.
    reads: Mutex<BTreeMap<(TenantId, SecretReadId), SecretRead>>,
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

    fn is_sealed_by_a_usable_key(&self, method: &PaymentMethod) -> bool {
        match method.tokens().map(|sealed| sealed.key) {
            Some(SealingKey::Data(id)) => {
                self.keys.get(&(method.tenant.clone(), id)).is_some_and(|key| key.wrapped().is_some())
            }
            Some(SealingKey::Installation(_)) | None => true,
        }
    }

    fn seals(&self, key: &DataKey) -> bool {
        let under = |method: &Arc<PaymentMethod>| {
            method.tokens().is_some_and(|sealed| sealed.key == SealingKey::Data(key.id))
        };
        self.active(&key.tenant).any(under)
    }

    fn sealed_otherwise<'a>(
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
    filter.customer_id.as_ref().is_none_or(|wanted| method.customer_id.as_ref() == Some(wanted))
        && filter.created.from.is_none_or(|from| method.created_at >= from)
        && filter.created.until.is_none_or(|until| method.created_at < until)
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
    ) -> Result<Option<Arc<PaymentMethod>>, StoreError> {
        let is_other = |method: &&Arc<PaymentMethod>| {
            method.id != except && method.customer_id.as_deref() == Some(customer_id)
        };
        Ok(self.read(|methods| methods.active(tenant).rev().find(is_other).cloned()))
    }
}

/// A page of rows that come oldest first.
fn paged<T: Clone>(page: &PageRequest, rows: &[T], id: impl Fn(&T) -> uuid::Uuid) -> Page<T> {
    let (fetch, cursor) = (page.limit() + 1, page.cursor.map(|cursor| cursor.0));
    let fetched: Vec<T> = match page.direction {
        Direction::Older => {
            let older = rows.iter().rev().filter(|row| cursor.is_none_or(|at| id(row) < at));
            older.take(fetch).cloned().collect()
        }
        Direction::Newer => {
            let newer = rows.iter().filter(|row| cursor.is_none_or(|at| id(row) > at));
            newer.take(fetch).cloned().collect()
        }
    };
    Page::from_fetched(page, fetched)
}

#[async_trait]
impl KeyStore for MemoryMethodStore {
    async fn data_key(&self, tenant: &TenantId, id: DataKeyId) -> Result<Option<DataKey>, StoreError> {
        Ok(self.read(|rows| rows.keys.get(&(tenant.clone(), id)).map(|key| DataKey::clone(key))))
    }

    async fn usable_keys(&self, tenant: &TenantId, purpose: KeyPurpose) -> Result<Vec<DataKey>, StoreError> {
        let is_wanted =
            |key: &&Arc<DataKey>| key.tenant == *tenant && key.purpose == purpose && key.wrapped().is_some();
        let mut keys: Vec<DataKey> =
            self.read(|rows| rows.keys.values().filter(is_wanted).map(|key| DataKey::clone(key)).collect());
        keys.sort_by_key(|key| std::cmp::Reverse(key.number));
        Ok(keys)
    }

    async fn data_keys(&self, tenant: &TenantId, page: &PageRequest) -> Result<Page<DataKey>, StoreError> {
        let keys: Vec<DataKey> = self.read(|rows| {
            let own = rows.keys.values().filter(|key| key.tenant == *tenant);
            own.map(|key| DataKey::clone(key)).collect()
        });
        Ok(paged(page, &keys, |key| key.id.uuid()))
    }

    async fn keys_not_wrapped_by(&self, by: &str, limit: usize) -> Result<Vec<DataKey>, StoreError> {
        let is_wanted = |key: &&Arc<DataKey>| key.wrapped().is_some_and(|wrapped| wrapped.by != by);
        Ok(self.read(|rows| {
            let found = rows.keys.values().filter(is_wanted).take(limit);
            found.map(|key| DataKey::clone(key)).collect()
        }))
    }

    async fn count_sealed_otherwise(&self, tenant: &TenantId, key: DataKeyId) -> Result<u64, StoreError> {
        Ok(self.read(|rows| rows.sealed_otherwise(tenant, key).count() as u64))
    }

    async fn sealed_otherwise(
        &self,
        tenant: &TenantId,
        key: DataKeyId,
        except: &[MethodId],
        limit: usize,
    ) -> Result<Vec<Arc<PaymentMethod>>, StoreError> {
        Ok(self.read(|rows| {
            let found = rows.sealed_otherwise(tenant, key).filter(|method| !except.contains(&method.id));
            found.take(limit).cloned().collect()
        }))
    }

    async fn rotation(&self, tenant: &TenantId, id: JobId) -> Result<Option<KeyRotation>, StoreError> {
        Ok(self.read(|rows| rows.rotations.get(&(tenant.clone(), id)).map(|one| KeyRotation::clone(one))))
    }

    async fn running_rotations(&self, limit: usize) -> Result<Vec<KeyRotation>, StoreError> {
        let mut running: Vec<KeyRotation> = self.read(|rows| {
            let running = rows.rotations.values().filter(|one| one.finished_at.is_none());
            running.map(|one| KeyRotation::clone(one)).collect()
        });
        running.sort_by_key(|one| one.created_at);
        running.truncate(limit);
        Ok(running)
    }
}

#[async_trait]
impl AccessLog for MemoryMethodStore {
    async fn append(&self, reads: &[SecretRead]) -> Result<(), StoreError> {
        self.read(|rows| {
            let mut log = rows.reads.lock().unwrap_or_else(PoisonError::into_inner);
            for read in reads {
                log.entry((read.tenant.clone(), read.id)).or_insert_with(|| read.clone());
            }
        });
        Ok(())
    }

    async fn reads(
        &self,
        tenant: &TenantId,
        filter: &AccessFilter,
        page: &PageRequest,
    ) -> Result<Page<SecretRead>, StoreError> {
        let passes = |read: &&SecretRead| {
            read.tenant == *tenant
                && filter.method.is_none_or(|method| read.method == method)
                && filter.reader.as_deref().is_none_or(|reader| read.reader.name() == reader)
                && filter.purpose.is_none_or(|purpose| read.purpose == purpose)
                && filter.from.is_none_or(|from| read.at >= from)
                && filter.until.is_none_or(|until| read.at < until)
        };
        let lines: Vec<SecretRead> = self.read(|rows| {
            let log = rows.reads.lock().unwrap_or_else(PoisonError::into_inner);
            log.values().filter(passes).cloned().collect()
        });
        Ok(paged(page, &lines, |read| read.id.uuid()))
    }
}
