//! Operations in memory.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use tender_domain::kernel::{
    CommitError, Cursor, Direction, KeyId, Page, PageRequest, Save, StoreError, TenantId, Version,
};
use tender_domain::operations::{
    ApiKey, ApiKeyFilter, OperationsStore, OperationsWrite, Tenant, TenantSettings,
};
use tender_domain::ports::ApiKeyLookup;

use crate::core::{Aggregates, Memory};

/// The tenants, keys and settings of the platform.
#[derive(Debug, Default)]
pub struct OperationsRows {
    tenants: BTreeMap<TenantId, Tenant>,
    keys: BTreeMap<(TenantId, KeyId), ApiKey>,
    locator: HashMap<ApiKeyLookup, (TenantId, KeyId)>,
    settings: BTreeMap<TenantId, TenantSettings>,
}

/// Operations in memory.
pub type MemoryOperationsStore = Memory<OperationsRows>;

/// Whether the save can be made over what is stored, of which only the version matters.
fn check_save<A>(
    save: &Save<A>,
    stored: Option<Version>,
    version_of: impl Fn(&A) -> Version,
    constraint: &str,
) -> Result<(), CommitError> {
    match (save.before.as_deref().map(version_of), stored) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(CommitError::Refused { constraint: constraint.to_owned() }),
        (loaded, stored) if loaded == stored => Ok(()),
        _ => Err(CommitError::Conflict),
    }
}

impl Aggregates for OperationsRows {
    type Write = OperationsWrite;

    fn check(&self, write: &OperationsWrite) -> Result<(), CommitError> {
        match write {
            OperationsWrite::Tenant(save) => {
                let stored = self.tenants.get(&save.after.tenant).map(|tenant| tenant.version);
                check_save(save, stored, |tenant| tenant.version, "tenants_pkey")
            }
            OperationsWrite::ApiKey(save) => {
                let place = (save.after.tenant.clone(), save.after.id);
                if self.locator.get(&save.after.lookup).is_some_and(|other| *other != place) {
                    return Err(CommitError::Refused { constraint: "locator_pkey".to_owned() });
                }
                let stored = self.keys.get(&place).map(|key| key.version);
                check_save(save, stored, |key| key.version, "api_keys_pkey")
            }
            OperationsWrite::Settings(save) => {
                let stored = self.settings.get(&save.after.tenant).map(|settings| settings.version);
                check_save(save, stored, |settings| settings.version, "tenant_settings_pkey")
            }
        }
    }

    fn apply(&mut self, write: OperationsWrite) {
        match write {
            OperationsWrite::Tenant(save) => {
                self.tenants.insert(save.after.tenant.clone(), (*save.after).clone());
            }
            OperationsWrite::ApiKey(save) => {
                let place = (save.after.tenant.clone(), save.after.id);
                self.locator.insert(save.after.lookup, place.clone());
                self.keys.insert(place, (*save.after).clone());
            }
            OperationsWrite::Settings(save) => {
                self.settings.insert(save.after.tenant.clone(), (*save.after).clone());
            }
        }
    }
}

/// The most tenants of one listing.
const TENANTS_MAX: usize = 100;

#[async_trait]
impl OperationsStore for MemoryOperationsStore {
    async fn tenant(&self, tenant: &TenantId) -> Result<Option<Tenant>, StoreError> {
        Ok(self.read(|rows| rows.tenants.get(tenant).cloned()))
    }

    async fn tenants(&self, after: Option<&TenantId>) -> Result<Vec<Tenant>, StoreError> {
        Ok(self.read(|rows| {
            let beyond =
                rows.tenants.values().filter(|tenant| after.is_none_or(|after| tenant.tenant > *after));
            beyond.take(TENANTS_MAX).cloned().collect()
        }))
    }

    async fn tenants_without_settings(&self, limit: u32) -> Result<Vec<TenantId>, StoreError> {
        Ok(self.read(|rows| {
            let unset = rows.tenants.keys().filter(|tenant| !rows.settings.contains_key(*tenant));
            unset.take(limit.try_into().unwrap_or(usize::MAX)).cloned().collect()
        }))
    }

    async fn api_key(&self, tenant: &TenantId, id: KeyId) -> Result<Option<ApiKey>, StoreError> {
        Ok(self.read(|rows| rows.keys.get(&(tenant.clone(), id)).cloned()))
    }

    async fn api_key_by_lookup(&self, lookup: &ApiKeyLookup) -> Result<Option<ApiKey>, StoreError> {
        Ok(self.read(|rows| rows.locator.get(lookup).and_then(|place| rows.keys.get(place)).cloned()))
    }

    async fn api_keys(
        &self,
        tenant: &TenantId,
        filter: &ApiKeyFilter,
        page: &PageRequest,
    ) -> Result<Page<ApiKey>, StoreError> {
        let from = page.cursor.map(|Cursor(id)| KeyId::from_uuid(id));
        let fetched = self.read(|rows| {
            let wanted = rows.keys.values().filter(|key| {
                key.tenant == *tenant && filter.status.is_none_or(|(status, now)| key.status(now) == status)
            });
            let take = page.limit() + 1;
            match page.direction {
                Direction::Older => {
                    let older = wanted.rev().filter(|key| from.is_none_or(|from| key.id < from));
                    older.take(take).cloned().collect::<Vec<_>>()
                }
                Direction::Newer => {
                    wanted.filter(|key| from.is_none_or(|from| key.id > from)).take(take).cloned().collect()
                }
            }
        });
        Ok(Page::from_fetched(page, fetched))
    }

    async fn settings(&self, tenant: &TenantId) -> Result<Option<TenantSettings>, StoreError> {
        Ok(self.read(|rows| rows.settings.get(tenant).cloned()))
    }
}
