//! Callbacks of gateways in memory: beside the intents that they are about.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use tender_domain::intents::{CallbackFilter, CallbackState, CallbackStore, GatewayCallback};
use tender_domain::kernel::{
    CallbackId, CaptureId, CommitError, Direction, IntentId, Page, PageRequest, Save, StoreError, TenantId,
    Timestamp, Version,
};

use crate::MemoryIntentStore;
use crate::intents::check_version;

/// A callback's place: tenant, connector, the gateway's id.
type Place = (Option<TenantId>, String, String);

/// The callbacks of every tenant and of nobody, and whose is what arrives without a tenant.
#[derive(Debug, Default)]
pub(crate) struct Callbacks {
    kept: BTreeMap<Place, GatewayCallback>,
    locator: BTreeMap<(String, String), TenantId>,
}

impl Callbacks {
    pub(crate) fn check(&self, save: &Save<GatewayCallback>) -> Result<(), CommitError> {
        let stored: Option<Version> = self.kept.get(&place(&save.after)).map(|known| known.version);
        check_version(save, stored, |callback| callback.version, "gateway_callbacks_pkey")
    }

    pub(crate) fn apply(&mut self, callback: &GatewayCallback) {
        self.kept.insert(place(callback), callback.clone());
    }
}

/// [`CallbackStore`] in memory, beside the intents it is about.
#[derive(Debug)]
pub struct MemoryCallbackStore {
    intents: Arc<MemoryIntentStore>,
}

impl MemoryCallbackStore {
    /// Beside these intents.
    #[must_use]
    pub const fn new(intents: Arc<MemoryIntentStore>) -> Self {
        Self { intents }
    }

    /// Puts a tenant into the locator.
    pub fn locate(&self, kind: &str, key: &str, tenant: TenantId) {
        self.write(|all| all.locator.insert((kind.to_owned(), key.to_owned()), tenant));
    }

    fn read<T>(&self, look: impl FnOnce(&Callbacks) -> T) -> T {
        self.intents.read(|all| look(&all.callbacks))
    }

    fn write<T>(&self, write: impl FnOnce(&mut Callbacks) -> T) -> T {
        self.intents.beside(|all| write(&mut all.callbacks))
    }
}

fn place(callback: &GatewayCallback) -> Place {
    (callback.tenant.clone(), callback.connector.clone(), callback.event_id.clone())
}

fn passes(filter: &CallbackFilter, callback: &GatewayCallback) -> bool {
    filter.state.is_none_or(|wanted| callback.state == wanted)
        && filter.connector.as_ref().is_none_or(|wanted| callback.connector == *wanted)
        && filter.received_from.is_none_or(|from| callback.received_at >= from)
        && filter.received_to.is_none_or(|to| callback.received_at < to)
}

#[async_trait]
impl CallbackStore for MemoryCallbackStore {
    async fn keep(&self, callbacks: &[GatewayCallback]) -> Result<usize, StoreError> {
        Ok(self.write(|all| {
            let mut new = 0;
            for callback in callbacks {
                all.kept.entry(place(callback)).or_insert_with(|| {
                    new += 1;
                    callback.clone()
                });
            }
            new
        }))
    }

    async fn callbacks_due(&self, now: Timestamp, limit: usize) -> Result<Vec<GatewayCallback>, StoreError> {
        let is_due = |callback: &&GatewayCallback| callback.next_try_at.is_some_and(|at| at <= now);
        let mut due: Vec<_> = self.read(|all| all.kept.values().filter(is_due).cloned().collect());
        due.sort_by_key(|callback| (callback.next_try_at, callback.received_at));
        due.truncate(limit);
        Ok(due)
    }

    async fn settle(&self, callback: &GatewayCallback) -> Result<(), StoreError> {
        self.write(|all| {
            let acted_on = |known: &&mut GatewayCallback| {
                known.state == CallbackState::Pending && known.version.next() == callback.version
            };
            if let Some(known) = all.kept.get_mut(&place(callback)).filter(acted_on) {
                known.version = callback.version;
                known.state = callback.state;
                known.failures = callback.failures;
                known.next_try_at = callback.next_try_at;
                known.note.clone_from(&callback.note);
            }
        });
        Ok(())
    }

    async fn give(
        &self,
        callback: &GatewayCallback,
        tenant: &TenantId,
        (kind, key): (&str, &str),
    ) -> Result<(), StoreError> {
        let nobodys = GatewayCallback { tenant: None, ..callback.clone() };
        self.write(|all| {
            if let Some(found) = all.kept.remove(&place(&nobodys)) {
                let owned = GatewayCallback { tenant: Some(tenant.clone()), ..found };
                all.kept.entry(place(&owned)).or_insert(owned);
            }
            let located = all.locator.entry((kind.to_owned(), key.to_owned()));
            located.or_insert_with(|| tenant.clone());
        });
        Ok(())
    }

    async fn page_of_callbacks(
        &self,
        tenant: &TenantId,
        filter: &CallbackFilter,
        page: &PageRequest,
    ) -> Result<Page<GatewayCallback>, StoreError> {
        let cursor = page.cursor.map(|cursor| CallbackId::from_uuid(cursor.0));
        let of_it = |one: &&GatewayCallback| one.tenant.as_ref() == Some(tenant) && passes(filter, one);
        let mut found: Vec<_> = self.read(|all| all.kept.values().filter(of_it).cloned().collect());
        found.sort_by_key(|callback| callback.id);
        match page.direction {
            Direction::Older => {
                found.reverse();
                found.retain(|row| cursor.is_none_or(|at| row.id < at));
            }
            Direction::Newer => found.retain(|row| cursor.is_none_or(|at| row.id > at)),
        }
        found.truncate(page.limit() + 1);
        Ok(Page::from_fetched(page, found))
    }

    async fn callback(
        &self,
        tenant: &TenantId,
        id: CallbackId,
    ) -> Result<Option<GatewayCallback>, StoreError> {
        let wanted = |one: &&GatewayCallback| one.tenant.as_ref() == Some(tenant) && one.id == id;
        Ok(self.read(|all| all.kept.values().find(wanted).cloned()))
    }

    async fn oldest_pending(&self) -> Result<Option<Timestamp>, StoreError> {
        let pending = |one: &&GatewayCallback| one.state == CallbackState::Pending;
        Ok(self.read(|all| all.kept.values().filter(pending).map(|callback| callback.received_at).min()))
    }

    async fn forget_callbacks(&self, received_before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        Ok(self.write(|all| {
            let old = |(_, one): &(&Place, &GatewayCallback)| {
                one.received_at < received_before && one.state.is_over()
            };
            let old: Vec<_> =
                all.kept.iter().filter(old).take(limit).map(|(place, _)| place.clone()).collect();
            for place in &old {
                all.kept.remove(place);
            }
            old.len()
        }))
    }

    async fn callbacks(
        &self,
        tenant: Option<&TenantId>,
        limit: usize,
    ) -> Result<Vec<GatewayCallback>, StoreError> {
        let of_it = |callback: &&GatewayCallback| callback.tenant.as_ref() == tenant;
        let mut of_it: Vec<_> = self.read(|all| all.kept.values().filter(of_it).cloned().collect());
        of_it.sort_by(|one, two| two.received_at.cmp(&one.received_at).then(one.event_id.cmp(&two.event_id)));
        of_it.truncate(limit);
        Ok(of_it)
    }

    async fn located(&self, kind: &str, key: &str) -> Result<Option<TenantId>, StoreError> {
        Ok(self.read(|all| all.locator.get(&(kind.to_owned(), key.to_owned())).cloned()))
    }

    async fn intent_of_capture(
        &self,
        tenant: &TenantId,
        id: CaptureId,
    ) -> Result<Option<IntentId>, StoreError> {
        let found = |intent: &&Arc<tender_domain::intents::Intent>| intent.capture(id).is_some();
        Ok(self.intents.read(|all| all.of(tenant).find(found).map(|intent| intent.id)))
    }
}
