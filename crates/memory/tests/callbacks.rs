//! Callbacks in memory keep the promises of their store.

use std::sync::Arc;

use tender_memory::{MemoryCallbackStore, MemoryIntentStore};

async fn stores() -> (MemoryCallbackStore, Arc<MemoryIntentStore>, ()) {
    let intents = Arc::new(MemoryIntentStore::default());
    (MemoryCallbackStore::new(Arc::clone(&intents)), intents, ())
}

tender_contract::callback_promises!(stores);
