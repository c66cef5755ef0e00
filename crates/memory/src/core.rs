//! The unit of work in memory: versions are the aggregates' own affair, everything else is here.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tender_domain::kernel::{
    Change, CommitError, Committed, Guard, InboxEntry, KeyRecord, KeyScope, KeyState, KeyWrite, Message,
    StoreError, TenantId,
};
use tender_domain::ports::UnitOfWork;

/// The aggregates of one service in plain collections.
pub trait Aggregates: Send + Sync + 'static {
    /// The service's list of aggregates that can be saved.
    type Write: Send + Sync + 'static;

    /// Whether the write can be made now: the stored version is the loaded one, and no law of the schema is broken.
    ///
    /// # Errors
    /// `Conflict` or `Refused`, as the PostgreSQL adapter would say it.
    fn check(&self, write: &Self::Write) -> Result<(), CommitError>;

    /// Makes the write. Called for all writes of a change after all were checked.
    fn apply(&mut self, write: Self::Write);
}

/// What happens around each commit of a store, for worlds in which stores fail: before it, when nothing is written yet,
/// and after it, when everything is and only the answer can be lost.
#[async_trait]
pub trait CommitHook: Send + Sync {
    /// Before the commit.
    ///
    /// # Errors
    /// What the caller hears instead; nothing is written.
    async fn before(&self) -> Result<(), CommitError>;

    /// After the commit.
    ///
    /// # Errors
    /// What the caller hears instead of the success; all of it is written.
    async fn after(&self) -> Result<(), CommitError>;
}

/// A store in memory. One lock: every commit is alone, as the laws want it.
#[derive(Default)]
pub struct Memory<A> {
    inner: Mutex<Inner<A>>,
    hook: Option<Arc<dyn CommitHook>>,
}

impl<A: fmt::Debug> fmt::Debug for Memory<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("inner", &self.inner).finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct Inner<A> {
    aggregates: A,
    spine: Spine,
}

#[derive(Debug, Default)]
struct Spine {
    keys: HashMap<(TenantId, KeyScope), KeyRecord>,
    inbox: HashSet<(TenantId, InboxEntry)>,
    claims: HashMap<(TenantId, &'static str, String), String>,
    counters: HashMap<(TenantId, &'static str, String), i64>,
    messages: Vec<Message>,
}

impl<A: Default> Memory<A> {
    /// An empty store with this around each commit.
    #[must_use]
    pub fn hooked(hook: Arc<dyn CommitHook>) -> Self {
        Self { inner: Mutex::default(), hook: Some(hook) }
    }
}

impl<A: Aggregates> Memory<A> {
    fn commit_now(&self, change: Change<A::Write>) -> Result<Committed, CommitError> {
        let mut inner = self.lock();
        let laws = change.writes.iter().try_for_each(|write| inner.aggregates.check(write));
        // As in PostgreSQL: a constraint has its say only about a change that has not lost already.
        match laws {
            Err(CommitError::Refused { .. }) => inner.spine.check(&change).and(laws)?,
            _ => laws.and_then(|()| inner.spine.check(&change))?,
        }
        let Change { tenant, writes, messages, key, inbox, guards, lane: _ } = change;
        for write in writes {
            inner.aggregates.apply(write);
        }
        Ok(inner.spine.apply(&tenant, messages, key, inbox, guards))
    }
}

impl<A> Memory<A> {
    /// Reads the aggregates.
    pub fn read<T>(&self, look: impl FnOnce(&A) -> T) -> T {
        look(&self.lock().aggregates)
    }

    /// Changes the aggregates beside the unit of work: what its adapter writes by statements of its own.
    pub(crate) fn beside<T>(&self, write: impl FnOnce(&mut A) -> T) -> T {
        write(&mut self.lock().aggregates)
    }

    /// What the outbox holds, in order.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.lock().spine.messages.clone()
    }

    /// What the counters of a kind with these keys stand at; those that are there.
    pub(crate) fn counters(
        &self,
        tenant: &TenantId,
        kind: &'static str,
        keys: &[String],
    ) -> BTreeMap<String, i64> {
        let inner = self.lock();
        let value = |key: &String| inner.spine.counters.get(&(tenant.clone(), kind, key.clone())).copied();
        keys.iter().filter_map(|key| Some((key.clone(), value(key)?))).collect()
    }

    /// Forgets counters of a kind, of all tenants, whose keys are below `before`. Says how many.
    pub(crate) fn forget_counters(&self, kind: &'static str, before: &str, limit: usize) -> u64 {
        let mut inner = self.lock();
        let old =
            |(_, known, key): &&(TenantId, &'static str, String)| *known == kind && key.as_str() < before;
        let old: Vec<_> = inner.spine.counters.keys().filter(old).take(limit).cloned().collect();
        old.iter().for_each(|place| {
            inner.spine.counters.remove(place);
        });
        old.len() as u64
    }

    /// A poisoned lock is a test that panicked while reading; commits check before they change anything.
    fn lock(&self) -> MutexGuard<'_, Inner<A>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl<A: Aggregates> UnitOfWork for Memory<A> {
    type Write = A::Write;

    async fn commit(&self, change: Change<A::Write>) -> Result<Committed, CommitError> {
        let Some(hook) = &self.hook else { return self.commit_now(change) };
        hook.before().await?;
        let committed = self.commit_now(change)?;
        hook.after().await?;
        Ok(committed)
    }

    async fn key(&self, tenant: &TenantId, scope: &KeyScope) -> Result<Option<KeyRecord>, StoreError> {
        Ok(self.lock().spine.keys.get(&(tenant.clone(), scope.clone())).cloned())
    }
}

impl Spine {
    fn check<W>(&self, change: &Change<W>) -> Result<(), CommitError> {
        let tenant = &change.tenant;
        if let Some(key) = change.key.as_ref().filter(|key| key.claims())
            && let Some(record) = self.keys.get(&(tenant.clone(), key.scope().clone()))
        {
            return Err(CommitError::KeyTaken(Box::new(record.clone())));
        }
        if let Some(entry) = &change.inbox
            && self.inbox.contains(&(tenant.clone(), entry.clone()))
        {
            return Err(CommitError::AlreadyHandled);
        }
        change.guards.iter().try_for_each(|guard| self.check_guard(tenant, guard, &change.guards))
    }

    fn check_guard(&self, tenant: &TenantId, guard: &Guard, all: &[Guard]) -> Result<(), CommitError> {
        match guard {
            Guard::Claim { kind, key, owner } => {
                let holder = self.claims.get(&(tenant.clone(), kind, key.clone()));
                let hands_over = |holder: &String| {
                    let release = Guard::Release { kind, key: key.clone(), owner: holder.clone() };
                    all.contains(&release)
                };
                match holder {
                    Some(holder) if holder != owner && !hands_over(holder) => {
                        Err(CommitError::ClaimTaken { kind, key: key.clone(), owner: holder.clone() })
                    }
                    _ => Ok(()),
                }
            }
            Guard::Count { kind, key, by, limit } => {
                let value = self.counters.get(&(tenant.clone(), *kind, key.clone())).copied().unwrap_or(0);
                if *by >= 0 && value.saturating_add(*by) > *limit {
                    return Err(CommitError::LimitReached { kind, key: key.clone() });
                }
                Ok(())
            }
            Guard::Release { .. } => Ok(()),
        }
    }

    fn apply(
        &mut self,
        tenant: &TenantId,
        messages: Vec<Message>,
        key: Option<KeyWrite>,
        inbox: Option<InboxEntry>,
        guards: Vec<Guard>,
    ) -> Committed {
        self.messages.extend(messages);
        self.inbox.extend(inbox.map(|entry| (tenant.clone(), entry)));
        let answer_kept = key.is_none_or(|key| self.apply_key(tenant, key));
        // Releases first, so that a hand-over ends with its new owner.
        let (releases, others): (Vec<_>, Vec<_>) =
            guards.into_iter().partition(|guard| matches!(guard, Guard::Release { .. }));
        for guard in releases.into_iter().chain(others) {
            match guard {
                Guard::Release { kind, key, owner } => {
                    let place = (tenant.clone(), kind, key);
                    if self.claims.get(&place) == Some(&owner) {
                        self.claims.remove(&place);
                    }
                }
                Guard::Claim { kind, key, owner } => {
                    self.claims.insert((tenant.clone(), kind, key), owner);
                }
                Guard::Count { kind, key, by, .. } => {
                    *self.counters.entry((tenant.clone(), kind, key)).or_default() += by;
                }
            }
        }
        Committed { answer_kept }
    }

    /// Says whether the key keeps the answer that it is finished with.
    fn apply_key(&mut self, tenant: &TenantId, key: KeyWrite) -> bool {
        match key {
            KeyWrite::Start { scope, fingerprint, resource, at } => {
                let record = KeyRecord { fingerprint, resource, state: KeyState::Started, started_at: at };
                self.keys.insert((tenant.clone(), scope), record);
            }
            KeyWrite::Record { scope, fingerprint, resource, answer, at } => {
                let record =
                    KeyRecord { fingerprint, resource, state: KeyState::Done(answer), started_at: at };
                self.keys.insert((tenant.clone(), scope), record);
            }
            KeyWrite::Finish { scope, answer } => {
                let record = self.keys.get_mut(&(tenant.clone(), scope));
                let open = record.filter(|record| record.state == KeyState::Started);
                return open.map(|record| record.state = KeyState::Done(answer)).is_some();
            }
        }
        true
    }
}
