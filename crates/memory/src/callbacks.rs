//! Callbacks of gateways in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tender_domain::intents::{CallbackState, CallbackStore, GatewayCallback};
use tender_domain::kernel::{CaptureId, IntentId, StoreError, TenantId, Timestamp};

use crate::MemoryIntentStore;

/// A callback's place: tenant, connector, the gateway's id.
type Place = (Option<TenantId>, String, String);

/// [`CallbackStore`] in memory, beside the intents it is about.
#[derive(Debug)]
pub struct MemoryCallbackStore {
    intents: Arc<MemoryIntentStore>,
    callbacks: Mutex<BTreeMap<Place, GatewayCallback>>,
    locator: Mutex<BTreeMap<(String, String), TenantId>>,
}

impl MemoryCallbackStore {
    /// Beside these intents.
    #[must_use]
    pub const fn new(intents: Arc<MemoryIntentStore>) -> Self {
        Self { intents, callbacks: Mutex::new(BTreeMap::new()), locator: Mutex::new(BTreeMap::new()) }
    }

    /// Puts a tenant into the locator.
    pub fn locate(&self, kind: &str, key: &str, tenant: TenantId) {
        let mut locator = self.locator.lock().unwrap_or_else(PoisonError::into_inner);
        locator.insert((kind.to_owned(), key.to_owned()), tenant);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Place, GatewayCallback>> {
        self.callbacks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn place(callback: &GatewayCallback) -> Place {
    (callback.tenant.clone(), callback.connector.clone(), callback.event_id.clone())
}

#[async_trait]
impl CallbackStore for MemoryCallbackStore {
    async fn keep(&self, callbacks: &[GatewayCallback]) -> Result<usize, StoreError> {
        let mut kept = self.lock();
        let mut new = 0;
        for callback in callbacks {
            kept.entry(place(callback)).or_insert_with(|| {
                new += 1;
                callback.clone()
            });
        }
        Ok(new)
    }

    async fn callbacks_due(&self, now: Timestamp, limit: usize) -> Result<Vec<GatewayCallback>, StoreError> {
        let kept = self.lock();
        let mut due: Vec<_> = kept
            .values()
            .filter(|callback| callback.next_try_at.is_some_and(|at| at <= now))
            .cloned()
            .collect();
        due.sort_by_key(|callback| (callback.next_try_at, callback.received_at));
        due.truncate(limit);
        Ok(due)
    }

    async fn settle(&self, callback: &GatewayCallback) -> Result<(), StoreError> {
        let mut kept = self.lock();
        let pending = |known: &&mut GatewayCallback| known.state == CallbackState::Pending;
        if let Some(known) = kept.get_mut(&place(callback)).filter(pending) {
            known.state = callback.state;
            known.failures = callback.failures;
            known.next_try_at = callback.next_try_at;
            known.note.clone_from(&callback.note);
        }
        Ok(())
    }

    async fn give(
        &self,
        callback: &GatewayCallback,
        tenant: &TenantId,
        (kind, key): (&str, &str),
    ) -> Result<(), StoreError> {
        let nobodys = GatewayCallback { tenant: None, ..callback.clone() };
        let mut kept = self.lock();
        if let Some(found) = kept.remove(&place(&nobodys)) {
            let owned = GatewayCallback { tenant: Some(tenant.clone()), ..found };
            kept.entry(place(&owned)).or_insert(owned);
        }
        drop(kept);
        let mut locator = self.locator.lock().unwrap_or_else(PoisonError::into_inner);
        locator.entry((kind.to_owned(), key.to_owned())).or_insert_with(|| tenant.clone());
        Ok(())
    }

    async fn callbacks(
        &self,
        tenant: Option<&TenantId>,
        limit: usize,
    ) -> Result<Vec<GatewayCallback>, StoreError> {
        let kept = self.lock();
        let mut of_it: Vec<_> =
            kept.values().filter(|callback| callback.tenant.as_ref() == tenant).cloned().collect();
        of_it.sort_by(|one, two| two.received_at.cmp(&one.received_at).then(one.event_id.cmp(&two.event_id)));
        of_it.truncate(limit);
        Ok(of_it)
    }

    async fn located(&self, kind: &str, key: &str) -> Result<Option<TenantId>, StoreError> {
        let locator = self.locator.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(locator.get(&(kind.to_owned(), key.to_owned())).cloned())
    }

    async fn intent_of_capture(
        &self,
        tenant: &TenantId,
        id: CaptureId,
    ) -> Result<Option<IntentId>, StoreError> {
        Ok(self.intents.read(|all| all.intent_of_capture(tenant, id)))
    }
}
