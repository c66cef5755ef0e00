//! Intents in memory keep the promises of the intents store.

use tender_memory::MemoryIntentStore;

async fn store() -> (MemoryIntentStore, ()) {
    (MemoryIntentStore::default(), ())
}

tender_contract::intent_promises!(store);
tender_contract::fraud_promises!(store);
tender_contract::payment_link_promises!(store);
tender_contract::deposit_promises!(store);
tender_contract::hotel_promises!(store);
tender_contract::refund_notice_promises!(store);
tender_contract::connector_promises!(store);
