//! The vault's keys, its log of secret reads and what it measures of itself, in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use tender_domain::kernel::{
    ConnectorId, DataKeyId, Direction, JobId, MethodId, Page, PageRequest, SecretReadId, StoreError,
    TenantId, Timestamp,
};
use tender_domain::vault::{
    AccessFilter, AccessLog, AttestationStore, CardNumberScan, ConnectorSecret, DataKey, KeyPurpose,
    KeyRotation, KeyStore, PaymentMethod, ReadCount, RotationStatus, ScannedRow, SecretRead,
};

use crate::MemoryMethodStore;

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

    async fn count_sealed_otherwise(
        &self,
        tenant: &TenantId,
        purpose: KeyPurpose,
        key: DataKeyId,
    ) -> Result<u64, StoreError> {
        Ok(self.read(|rows| match purpose {
            KeyPurpose::PaymentMethods => rows.sealed_otherwise(tenant, key).count(),
            KeyPurpose::ConnectorCredentials => rows.secrets_otherwise(tenant, key).count(),
        }) as u64)
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

    async fn connector_secret(
        &self,
        tenant: &TenantId,
        connector: ConnectorId,
    ) -> Result<Option<ConnectorSecret>, StoreError> {
        let place = (tenant.clone(), connector);
        Ok(self.read(|rows| rows.secrets.get(&place).map(|secret| ConnectorSecret::clone(secret))))
    }

    async fn secrets_sealed_otherwise(
        &self,
        tenant: &TenantId,
        key: DataKeyId,
        except: &[ConnectorId],
        limit: usize,
    ) -> Result<Vec<ConnectorSecret>, StoreError> {
        Ok(self.read(|rows| {
            let found =
                rows.secrets_otherwise(tenant, key).filter(|secret| !except.contains(&secret.connector));
            found.take(limit).map(|secret| ConnectorSecret::clone(secret)).collect()
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

    async fn forget(&self, read_before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        // Without a clock of its own: that lines are kept for a year is the worker's to see to.
        Ok(self.read(|rows| {
            let mut log = rows.reads.lock().unwrap_or_else(PoisonError::into_inner);
            let old = log.iter().filter(|(_, read)| read.at < read_before).take(limit);
            let old: Vec<_> = old.map(|(key, _)| key.clone()).collect();
            old.iter().for_each(|key| drop(log.remove(key)));
            old.len()
        }))
    }

    async fn reads(
        &self,
        tenant: &TenantId,
        filter: &AccessFilter,
        page: &PageRequest,
    ) -> Result<Page<SecretRead>, StoreError> {
        let passes = |read: &&SecretRead| {
            read.tenant == *tenant
                && filter.method.is_none_or(|method| read.of.method() == Some(method))
                && filter.connector.is_none_or(|connector| read.of.connector() == Some(connector))
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

/// The one table that is scanned here: a row for each method, of what a client may have written into it.
const METHODS: &str = "payment_methods";

#[async_trait]
impl AttestationStore for MemoryMethodStore {
    async fn scanned_tables(&self) -> Result<Vec<String>, StoreError> {
        Ok(vec![METHODS.to_owned()])
    }

    async fn scanned_page(&self, table: &str, page: u32) -> Result<Option<Vec<ScannedRow>>, StoreError> {
        if table != METHODS || page > 0 {
            return Ok(None);
        }
        let row = |method: &Arc<PaymentMethod>| {
            let metadata = serde_json::to_string(&method.metadata).unwrap_or_default();
            let customer = method.customer_id.clone().unwrap_or_default();
            let texts = vec![("customer_id".to_owned(), customer), ("metadata".to_owned(), metadata)];
            ScannedRow { tenant: method.tenant.clone(), place: method.id.to_string(), texts }
        };
        Ok(Some(self.read(|rows| rows.methods.values().map(row).collect())))
    }

    async fn keep_scans(&self, scans: &[CardNumberScan]) -> Result<(), StoreError> {
        self.read(|rows| rows.scans.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(scans));
        Ok(())
    }

    async fn last_scan(&self, tenant: &TenantId) -> Result<Option<CardNumberScan>, StoreError> {
        Ok(self.read(|rows| {
            let scans = rows.scans.lock().unwrap_or_else(PoisonError::into_inner);
            let own = scans.iter().filter(|scan| scan.tenant == *tenant);
            own.max_by_key(|scan| scan.started_at).cloned()
        }))
    }

    async fn last_scanned(&self) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.read(|rows| {
            let scans = rows.scans.lock().unwrap_or_else(PoisonError::into_inner);
            scans.iter().map(|scan| scan.finished_at).max()
        }))
    }

    async fn read_counts(&self, tenant: &TenantId, since: Timestamp) -> Result<Vec<ReadCount>, StoreError> {
        let mut counts: BTreeMap<(String, &str), ReadCount> = BTreeMap::new();
        self.read(|rows| {
            let log = rows.reads.lock().unwrap_or_else(PoisonError::into_inner);
            for read in log.values().filter(|read| read.tenant == *tenant && read.at >= since) {
                let (reader, purpose) = (read.reader.clone(), read.purpose);
                let key = (reader.name().to_owned(), purpose.as_str());
                let new = ReadCount { reader, purpose, reads: 0, last_at: read.at };
                let count = counts.entry(key).or_insert(new);
                count.reads += 1;
                count.last_at = count.last_at.max(read.at);
            }
        });
        let mut counts: Vec<_> = counts.into_values().collect();
        counts.sort_by_key(|count| std::cmp::Reverse(count.reads));
        Ok(counts)
    }

    async fn lines_there(&self, tenant: &TenantId, lines: &[SecretReadId]) -> Result<u64, StoreError> {
        Ok(self.read(|rows| {
            let log = rows.reads.lock().unwrap_or_else(PoisonError::into_inner);
            log.values().filter(|read| read.tenant == *tenant && lines.contains(&read.id)).count() as u64
        }))
    }

    async fn last_rotation(&self, tenant: &TenantId) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.read(|rows| {
            let own = rows.rotations.values().filter(|one| one.tenant == *tenant);
            let ended = own.filter(|one| one.status() == RotationStatus::Completed);
            ended.filter_map(|one| one.finished_at).max()
        }))
    }

    async fn can_change_the_log(&self) -> Result<bool, StoreError> {
        Ok(false)
    }
}
