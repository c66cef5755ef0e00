//! A service's copy of the API keys, in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tender_domain::kernel::{KeyId, StoreError, TenantId};
use tender_domain::ports::{ApiKeyLookup, ApiKeyProjection, ProjectedKey};

/// A service's copy of the API keys, in memory.
#[derive(Debug, Default)]
pub struct MemoryApiKeyProjection(Mutex<HashMap<(TenantId, KeyId), ProjectedKey>>);

impl MemoryApiKeyProjection {
    fn lock(&self) -> MutexGuard<'_, HashMap<(TenantId, KeyId), ProjectedKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ApiKeyProjection for MemoryApiKeyProjection {
    async fn find(&self, lookup: &ApiKeyLookup) -> Result<Option<ProjectedKey>, StoreError> {
        Ok(self.lock().values().find(|key| key.lookup == *lookup).cloned())
    }

    async fn record(&self, key: &ProjectedKey) -> Result<(), StoreError> {
        let mut keys = self.lock();
        let place = (key.grant.tenant.clone(), key.grant.id);
        let is_old = keys
            .get(&place)
            .is_some_and(|kept| (kept.version, kept.confirmed_at) >= (key.version, key.confirmed_at));
        if !is_old {
            keys.insert(place, key.clone());
        }
        Ok(())
    }
}
