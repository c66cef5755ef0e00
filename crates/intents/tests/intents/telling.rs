//! The simulator's callbacks on their way to the service, and a store of callbacks that can be away.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use tender_domain::intents::{CallbackFilter, CallbackStore, GatewayCallback, Intent, IntentStore};
use tender_domain::kernel::{
    CallbackId, CaptureId, Change, IntentId, Page, PageRequest, Save, StoreError, TenantId, Timestamp,
};
use tender_domain::ports::{CallbackHeaders, CallbackIntake, Clock, UnitOfWork};
use tender_domain::simulator::{CallbackTarget, SignedCallback};
use tender_intents::GatewayCallbacks;
use tender_memory::MemoryCallbackStore;
use tender_simulator::CallbackSender;

use crate::rig::{Answer, Process, World};

impl World {
    /// The bodies of what was told of this topic, oldest first.
    pub(crate) fn told(&self, topic: &str) -> Vec<Value> {
        let messages = self.memory.as_ref().expect("told worlds have a store in memory").messages();
        let of_topic = messages.iter().filter(|message| message.topic.name() == topic);
        of_topic.map(|message| serde_json::from_str(&message.data).expect("messages are JSON")).collect()
    }
}

/// The store of callbacks of a world, behind a process that may be unable to write to it.
pub(crate) struct CallbackStoreOfTests {
    store: Arc<MemoryCallbackStore>,
    away: AtomicBool,
    forgets_settling: AtomicBool,
}

impl CallbackStoreOfTests {
    pub(crate) const fn new(store: Arc<MemoryCallbackStore>) -> Self {
        Self { store, away: AtomicBool::new(false), forgets_settling: AtomicBool::new(false) }
    }
}

#[async_trait]
impl CallbackStore for CallbackStoreOfTests {
    async fn keep(&self, callbacks: &[GatewayCallback]) -> Result<usize, StoreError> {
        if self.away.load(Ordering::Relaxed) {
            return Err(StoreError::Unavailable("cut".to_owned()));
        }
        self.store.keep(callbacks).await
    }

    async fn callbacks_due(&self, now: Timestamp, limit: usize) -> Result<Vec<GatewayCallback>, StoreError> {
        self.store.callbacks_due(now, limit).await
    }

    async fn settle(&self, callback: &GatewayCallback) -> Result<(), StoreError> {
        if self.forgets_settling.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.store.settle(callback).await
    }

    async fn give(
        &self,
        callback: &GatewayCallback,
        tenant: &TenantId,
        payment: (&str, &str),
    ) -> Result<(), StoreError> {
        self.store.give(callback, tenant, payment).await
    }

    async fn page_of_callbacks(
        &self,
        tenant: &TenantId,
        filter: &CallbackFilter,
        page: &PageRequest,
    ) -> Result<Page<GatewayCallback>, StoreError> {
        self.store.page_of_callbacks(tenant, filter, page).await
    }

    async fn callback(
        &self,
        tenant: &TenantId,
        id: CallbackId,
    ) -> Result<Option<GatewayCallback>, StoreError> {
        self.store.callback(tenant, id).await
    }

    async fn oldest_pending(&self) -> Result<Option<Timestamp>, StoreError> {
        self.store.oldest_pending().await
    }

    async fn forget_callbacks(&self, received_before: Timestamp, limit: usize) -> Result<usize, StoreError> {
        self.store.forget_callbacks(received_before, limit).await
    }

    async fn callbacks(
        &self,
        tenant: Option<&TenantId>,
        limit: usize,
    ) -> Result<Vec<GatewayCallback>, StoreError> {
        self.store.callbacks(tenant, limit).await
    }

    async fn located(&self, kind: &str, key: &str) -> Result<Option<TenantId>, StoreError> {
        self.store.located(kind, key).await
    }

    async fn intent_of_capture(
        &self,
        tenant: &TenantId,
        id: CaptureId,
    ) -> Result<Option<IntentId>, StoreError> {
        self.store.intent_of_capture(tenant, id).await
    }
}

/// Keeps what is sent; hands it over when there is somebody, and refuses it else.
struct Carrier {
    to: Option<Arc<GatewayCallbacks>>,
    sent: Mutex<Vec<SignedCallback>>,
}

#[async_trait]
impl CallbackTarget for Carrier {
    async fn deliver(&self, callback: &SignedCallback) -> Result<(), String> {
        self.sent.lock().expect("whole").push(callback.clone());
        let Some(to) = &self.to else { return Err("nobody is there".to_owned()) };
        let headers: CallbackHeaders = callback.headers.iter().cloned().collect();
        let taken = to.take("simulator", &headers, callback.body.as_bytes()).await;
        taken.map_err(|fault| fault.to_string())
    }
}

impl World {
    /// Sends what is due now, to somebody or to nobody; what was sent.
    pub(crate) async fn deliver_to(&self, to: Option<Arc<GatewayCallbacks>>) -> Vec<SignedCallback> {
        let carrier = Arc::new(Carrier { to, sent: Mutex::default() });
        let sender =
            CallbackSender::new(self.line.simulator.clone(), carrier.clone(), Duration::from_secs(1));
        if carrier.to.is_some() {
            sender.run_once().await.expect("books in memory");
        } else {
            // What is due stays due: only its signature is wanted.
            let due = self.books_due().await;
            sender.run_once().await.expect("books in memory");
            self.restore(due).await;
        }
        carrier.sent.lock().expect("whole").clone()
    }

    /// Sends what is due to a process and lets it act on it; how many it took.
    pub(crate) async fn tell(&self, process: &Process) -> usize {
        let before = self.delivered().await;
        let _ = self.deliver_to(Some(process.callbacks.clone())).await;
        process.callbacks.act_once().await.expect("in memory");
        self.delivered().await - before
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Puts an intent into another state than it has, as if something else had happened.
    pub(crate) async fn overwrite(&self, before: Intent, after: Intent) {
        let change = Change::of(before.tenant.clone()).save(Save::<Intent>::changed(before, after));
        let store: &dyn IntentStore = &*self.store;
        let _ = UnitOfWork::commit(store, change).await.expect("nobody else writes");
    }

    async fn books_due(&self) -> Vec<tender_domain::simulator::BookedCallback> {
        use tender_domain::simulator::SimulatorBooks;
        self.books.due_callbacks(self.clock.now(), 100).await.expect("books in memory")
    }

    async fn restore(&self, due: Vec<tender_domain::simulator::BookedCallback>) {
        use tender_domain::simulator::SimulatorBooks;
        for callback in due {
            self.books.save_callback(&callback).await.expect("books in memory");
        }
    }

    async fn delivered(&self) -> usize {
        use tender_domain::simulator::SimulatorBooks;
        let mut delivered = 0;
        for intent in self.intents().await {
            for attempt in &intent.attempts {
                let mut references = vec![attempt.id.to_string(), attempt.void_reference()];
                references.extend(intent.captures.iter().map(|capture| capture.id.to_string()));
                for reference in references {
                    let known = self.books.callbacks(&intent.tenant, &reference).await.expect("in memory");
                    delivered += known.iter().filter(|callback| callback.delivered_at.is_some()).count();
                }
            }
        }
        delivered
    }
}

impl Process {
    /// Whether this process cannot keep callbacks.
    pub(crate) fn refuse_callbacks(&self, away: bool) {
        self.callback_store.away.store(away, Ordering::Relaxed);
    }

    /// Whether this process dies each time between an effect and the row of its callback.
    pub(crate) fn forget_settling(&self, forgets: bool) {
        self.callback_store.forgets_settling.store(forgets, Ordering::Relaxed);
    }

    /// Asks the sandbox to raise an event of an intent.
    pub(crate) async fn simulate(&self, event: &str, intent: &str) -> Answer {
        let body = json!({ "type": event, "intent_id": intent });
        let key = format!("{event}/{intent}");
        self.post("/v1/payments/test/simulate", &key, body).await
    }
}
