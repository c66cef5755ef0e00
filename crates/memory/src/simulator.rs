//! The simulator's books in memory: for tests, and for measuring without a second database. They grow with every
//! call and are gone with the process.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tender_domain::kernel::{Currency, StoreError, TenantId, Timestamp};
use tender_domain::ports::CallKind;
use tender_domain::simulator::{
    BookEntry, BookTotals, BookedCallback, BookedOperation, BookedOutcome, BookedPayment, Recorded,
    SimulatorBooks,
};

/// [`SimulatorBooks`] in memory.
#[derive(Debug, Default)]
pub struct MemorySimulatorBooks {
    tenants: Mutex<HashMap<TenantId, Books>>,
}

#[derive(Debug, Default)]
struct Books {
    // Boxed: a table that grows has up to twice as many places as entries, and an operation is large.
    operations: HashMap<(CallKind, String), Box<BookedOperation>>,
    payments: BTreeMap<String, BookedPayment>,
    /// In the order they were written.
    callbacks: Vec<BookedCallback>,
}

impl MemorySimulatorBooks {
    /// Empty books.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    // Nothing panics while it holds the lock half-way through an entry, so a poisoned lock guards whole entries.
    fn lock(&self) -> MutexGuard<'_, HashMap<TenantId, Books>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    fn record(&mut self, entry: &BookEntry) -> Recorded {
        let operation = &entry.operation.after;
        let key = (operation.kind, operation.reference.clone());
        if let Some(existing) = self.operations.get(&key) {
            let completes = entry.operation.before.is_some()
                && matches!(existing.outcome, BookedOutcome::Challenged { .. });
            if !completes {
                return Recorded::Existing((**existing).clone());
            }
        }
        if let Some(payment) = &entry.payment {
            let stored = self.payments.get(&payment.after.gateway_reference).map(|stored| stored.version);
            if stored != payment.before.as_ref().map(|before| before.version) {
                return Recorded::Stale;
            }
            self.payments.insert(payment.after.gateway_reference.clone(), (*payment.after).clone());
        }
        self.operations.insert(key, Box::new((**operation).clone()));
        self.add_callbacks(&entry.callbacks);
        Recorded::Written
    }

    fn add_callbacks(&mut self, callbacks: &[BookedCallback]) {
        for callback in callbacks {
            if self.callbacks.iter().all(|known| known.id != callback.id) {
                self.callbacks.push(callback.clone());
            }
        }
    }

    fn totals(&self) -> Vec<BookTotals> {
        let mut sums: BTreeMap<Currency, BookTotals> = BTreeMap::new();
        for payment in self.payments.values() {
            let currency = payment.authorized.currency();
            let sum = sums.entry(currency).or_insert(BookTotals {
                currency,
                payments: 0,
                authorized_minor: 0,
                captured_minor: 0,
                refunded_minor: 0,
            });
            sum.payments += 1;
            sum.authorized_minor += i128::from(payment.authorized.minor());
            sum.captured_minor += i128::from(payment.captured_minor);
            sum.refunded_minor += i128::from(payment.refunded_minor);
        }
        sums.into_values().collect()
    }
}

#[async_trait]
impl SimulatorBooks for MemorySimulatorBooks {
    async fn record(&self, entry: &BookEntry) -> Result<Recorded, StoreError> {
        let tenant = entry.operation.after.tenant.clone();
        Ok(self.lock().entry(tenant).or_default().record(entry))
    }

    async fn operation(
        &self,
        tenant: &TenantId,
        kind: CallKind,
        reference: &str,
    ) -> Result<Option<BookedOperation>, StoreError> {
        let key = (kind, reference.to_owned());
        Ok(self
            .lock()
            .get(tenant)
            .and_then(|books| books.operations.get(&key).map(|operation| (**operation).clone())))
    }

    async fn payment(
        &self,
        tenant: &TenantId,
        gateway_reference: &str,
    ) -> Result<Option<BookedPayment>, StoreError> {
        Ok(self.lock().get(tenant).and_then(|books| books.payments.get(gateway_reference).cloned()))
    }

    async fn totals(&self, tenant: &TenantId) -> Result<Vec<BookTotals>, StoreError> {
        Ok(self.lock().get(tenant).map(Books::totals).unwrap_or_default())
    }

    async fn payments(
        &self,
        tenant: &TenantId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<BookedPayment>, StoreError> {
        let books = self.lock();
        let Some(books) = books.get(tenant) else { return Ok(Vec::new()) };
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let beyond = books.payments.range::<str, _>((from, Bound::Unbounded));
        Ok(beyond.take(limit).map(|(_, payment)| payment.clone()).collect())
    }

    async fn add_callbacks(&self, callbacks: &[BookedCallback]) -> Result<(), StoreError> {
        let mut books = self.lock();
        for callback in callbacks {
            books.entry(callback.tenant.clone()).or_default().add_callbacks(std::slice::from_ref(callback));
        }
        Ok(())
    }

    async fn due_callbacks(&self, now: Timestamp, limit: usize) -> Result<Vec<BookedCallback>, StoreError> {
        let books = self.lock();
        let all = books.values().flat_map(|books| &books.callbacks);
        let mut due: Vec<_> =
            all.filter(|callback| callback.due_at.is_some_and(|due| due <= now)).cloned().collect();
        due.sort_by_key(|callback| callback.due_at);
        due.truncate(limit);
        Ok(due)
    }

    async fn save_callback(&self, callback: &BookedCallback) -> Result<(), StoreError> {
        let mut books = self.lock();
        let known = books.get_mut(&callback.tenant).map(|books| &mut books.callbacks);
        for known in known.into_iter().flatten().filter(|known| known.id == callback.id) {
            known.due_at = callback.due_at;
            known.failures = callback.failures;
            known.delivered_at = callback.delivered_at;
        }
        Ok(())
    }

    async fn callback(&self, tenant: &TenantId, id: &str) -> Result<Option<BookedCallback>, StoreError> {
        let books = self.lock();
        let known = books.get(tenant).map(|books| books.callbacks.iter());
        Ok(known.into_iter().flatten().find(|callback| callback.id == id).cloned())
    }

    async fn callbacks(&self, tenant: &TenantId, reference: &str) -> Result<Vec<BookedCallback>, StoreError> {
        let books = self.lock();
        let all = books.get(tenant).map(|books| books.callbacks.iter().rev());
        let of_it = all.into_iter().flatten().filter(|callback| callback.reference == reference);
        Ok(of_it.take(100).cloned().collect())
    }
}
